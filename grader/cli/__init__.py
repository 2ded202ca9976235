"""The command line: `grader grade`, `try`, `check`, `new`, `show`, `compare`, `notation`, `doctor` in ``main`` and ``author``; ``web`` is the service."""
