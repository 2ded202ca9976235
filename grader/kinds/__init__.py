"""The kinds of answer: formula, function, number, dimensions, word, choices.

``base`` is the contract that every kind fulfils. An author writes a ``Spec``; from it follow a ``Public`` (all that a page may
know, without the key) and, with the symbols and functions of the problem, a ``Prepared`` blank that reads and checks answers.
Each kind is one module, or one folder, named by its word in ``problem.yaml``. ``code`` is shared by the kinds whose answers may
be NumPy functions: reading them, running them in the sandbox, comparing what they return.

``registry`` lists the kinds: a new one is a module here and a line there, and nothing else in the grader has to know of it.
"""
