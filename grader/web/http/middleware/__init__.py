"""ASGI middleware, from the outside in: security headers, request limits, access log; and the header timeout of the server."""
