"""The lexer of the formula language: patterns, vocabulary, names that are not known."""
