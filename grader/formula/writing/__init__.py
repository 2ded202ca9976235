"""Write expressions: LaTeX output, plain text that reads back, the notation sheet.

``precedence`` decides for every notation where brackets are needed; ``latex`` and ``plain_text`` are the notations, and
both read back to the same expression. ``notation_sheet`` shows all that may be typed.
"""
