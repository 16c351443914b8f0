"""The HTTP API, `/api/v1`: Starlette routes over the service, and what guards every response."""
