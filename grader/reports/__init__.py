"""Many submissions: graded, and written to an output folder."""
