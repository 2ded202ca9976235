"""The formula language, one step per module: notation, expression, shape, value, equality, LaTeX."""
