"""Write expressions: LaTeX output, plain text that reads back, the notation sheet."""
