"""The environment variables by which a machine reaches others: proxies and certificates."""

import os

_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


def about_variables(error: Exception) -> str:
    """The sentence for an environment variable with which no connection can begin."""
    is_proxy = isinstance(error, ImportError) or "proxy" in str(error).lower()
    names = [
        name
        for name in os.environ
        if name.upper() in _VARIABLES and os.environ[name] and ("PROXY" in name.upper()) == is_proxy
    ]
    text = " ".join(str(error).split()).rstrip(".")
    return (
        f"The connection cannot be set up as {' and '.join(sorted(names)) or 'this machine'} "
        f"says: {type(error).__name__}: {text}. Correct or unset it, or set NO_PROXY to the "
        "server's name."
    )
