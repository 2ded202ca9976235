"""Equality of two formulas, decided in ball arithmetic (docs/decisions/0006-equality.md).

``decide`` asks ``float_screening`` where formulas might differ, ``ball_comparison`` whether they do, and ``breakpoints`` where a formula
switches between branches; ``sample_points`` and ``domains`` give the points.
"""
