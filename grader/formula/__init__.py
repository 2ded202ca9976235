"""The formula language, a library of its own that knows nothing of exams.

``parsing`` reads a text into an ``expression`` over ``symbols``, ``tracing`` does so with a NumPy function; ``functions`` is
the one table of what may be called; ``evaluation`` gives shapes and values, ``writing`` LaTeX and plain text; ``equality``
decides whether two expressions are one, and ``mistakes`` finds what went wrong.
"""
