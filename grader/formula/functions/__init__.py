"""The one table of functions, and what its rows refer to.

A row of ``table`` says how a function is written, and refers to its shape rule (``shape_rules``, ``array_shape_rules``), its
NumPy value (``numpy_values``) and, by name, its value in ball arithmetic (``ball_values``, at the precision that
``ball_precision`` sets). ``call_arguments`` sorts what stands in the brackets of a call; ``block_matrices`` reads a matrix
made of blocks. To add a function, add a row.
"""
