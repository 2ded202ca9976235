"""Where formulas are compared: domains and exact random values in them, sample points from a seed, points of a screening."""
