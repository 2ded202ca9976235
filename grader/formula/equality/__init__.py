"""Equality of two formulas, decided in ball arithmetic (docs/decisions/0006-equality.md).

``decide`` compares two formulas in a ``comparison_space`` and gives a ``decision``. ``ball_comparison`` says what balls prove
at one point; ``analyticity`` whether random points are enough; if not, ``float_screening`` proposes points and ``breakpoints``
finds the cells between which a formula switches. ``sampling`` makes the points. An answer key is one of
``accepted_answers``, or a program whose numbers are compared (``numeric_comparison``); ``counterexample`` shows why an
answer is wrong.
"""
