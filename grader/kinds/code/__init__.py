"""Answers that are NumPy functions, whether a blank asks for one or takes one in place of a formula.

``program`` reads the text, ``test_inputs`` chooses what the function is called with, ``run`` runs it in the sandbox,
``compare_outputs`` compares what it returns, and ``messages`` puts what happened into words. ``code_for_formula`` joins these
for a formula blank; the kind ``function`` does so for itself.
"""
