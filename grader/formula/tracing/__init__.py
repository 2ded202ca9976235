"""Trace an author's NumPy function into an expression, as JAX traces one; derivatives."""
