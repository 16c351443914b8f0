"""The web page: a Streamlit app over the service."""
