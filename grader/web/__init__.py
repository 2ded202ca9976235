"""The service for self-checks and exams in a browser.

``app`` puts it together: ``pages`` and ``api`` are its two faces, ``http`` surrounds both, ``service`` holds what is running.
``domain`` knows no HTTP, ``db`` is the database under it. ``settings`` and ``errors`` are everybody's.
"""
