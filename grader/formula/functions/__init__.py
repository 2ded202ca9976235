"""The one table of functions, and what its rows refer to: shape rules, NumPy values, ball values, call arguments."""
