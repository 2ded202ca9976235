"""What an expression amounts to: its shapes, its value at a point, exact numbers, and its form as JSON."""
