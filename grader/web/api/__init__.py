"""The JSON API under `/api/v1`, for students, staff and sessions."""
