"""The command line: ``main`` has the group and its exit codes, ``grade``, ``author``, ``formulas`` and ``web`` the commands.

The commands only wire things up; ``compare`` and ``practice`` do the work of two of them. Heavy modules are imported inside the
commands, so that ``--help`` is quick.
"""
