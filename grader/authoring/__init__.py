"""What authors write: reading `problem.yaml` and `reference.py`, previews, scaffolds, and the check of a problem bank.

``loader`` reads a folder into a ``Problem`` through ``schema``, and words what is wrong by ``schema_errors``;
``reference_functions`` has functions of `reference.py` recorded by ``recorder``, a process of its own. ``checks`` is behind
`grader check`: validation of a question bank, proofs of its keys, mutation testing.
"""
