"""ASGI middleware: limits and security headers, access log, slow requests."""
