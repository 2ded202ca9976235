"""The pages: a student's feedback, the class, the exam on paper, the notation.

Each module fills a template of ``templates``; those that begin with ``_`` are pieces, which the service puts into its own pages.
"""
