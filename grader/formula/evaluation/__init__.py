"""What an expression amounts to: its shapes, its value at a point, exact numbers, and its form as JSON.

``evaluate`` works in floats and in balls, ``shapes`` in numbers or in letters; ``exact_numbers`` takes floats for what
their author meant, and ``serialize`` moves an expression between processes.
"""
