"""The lexer (tokenizer) of the formula language.

``lexer`` looks at one character and lets ``sign_tokens``, ``latex_tokens`` or ``word_tokens`` read a token from a
``scanner``; ``patterns`` has their regular expressions and ``tokens`` what comes out. ``vocabulary`` finds the names of the
question however they are typed, ``definitions`` has those that the author defined, ``unknown_names`` says which was meant.
"""
