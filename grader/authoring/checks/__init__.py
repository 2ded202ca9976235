"""`grader check`: validate a problem bank, what its authors promise held against what its problems do.

``runner`` finds problems and gives each to a worker process, ``rules`` are what is checked, ``proofs`` hold keys against the executable
model, ``formats`` print the findings (table, JUnit, GitHub, JSON).
"""
