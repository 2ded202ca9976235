"""HTTP: authentication and authorization, sign-in, rate limits, error handlers, monitoring."""
