"""Answers that are NumPy functions: what they are given, what is expected of them, how they agree, what is said of it."""
