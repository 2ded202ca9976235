"""The domain of the service, without HTTP: accounts < exams < attempts < review < grading < uploads.

Each package imports only from those before it, and from ``audit_log`` and ``grader.web.db``. Functions take a connection, inside a
transaction of the caller, and the moment as ``now``; what takes a ``Database`` makes its own transactions. What is wrong with a
request is raised as a ``grader.web.errors.ServiceError``.
"""
