"""Trace an author's NumPy function into an expression, as JAX traces one; derivatives.

``trace`` calls the function with ``traced_array``s, which note what is done to them; ``numpy_arguments`` and
``numpy_overrides`` translate NumPy's calls into those of the table, and ``author_numpy`` is the NumPy and math that the
author's program imports meanwhile. ``differentiate`` is symbolic, and traces the derivatives in the table.
"""
