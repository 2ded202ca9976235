"""From text to an expression: ``lexing`` cuts it into tokens, ``parser`` (with ``calls``, ``atoms`` and ``cursor``) reads them.

What is undecided, as a bracket that may be an argument or a factor, ``disambiguate`` settles by shapes.
"""
