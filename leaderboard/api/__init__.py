"""The HTTP API, `/api/v1`: FastAPI routes over the service, and what guards every response."""
