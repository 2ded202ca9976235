"""The pages of the service: sign-in, those of students, those of staff."""
