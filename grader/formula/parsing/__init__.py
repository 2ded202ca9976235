"""From text to an expression: ``lexing`` cuts it into tokens, ``parser`` reads them, ``disambiguate`` decides by shapes.

``cursor`` walks over the tokens and ``grammar`` adds what the parts of the parser share; ``atoms``, ``brackets``, ``calls``
and ``postfix`` read one thing each, and ``parser`` joins them with operators. ``equation_sides`` finds the
answer in an equation, and ``define`` reads an author's definitions. What a text leaves open, as whether a product without a
sign is one of matrices, ``disambiguate`` decides once the whole formula is read and its shapes are known.
"""
