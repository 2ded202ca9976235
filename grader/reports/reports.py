"""One report, one module: a table in the terminal, a student's page, the class, the marks."""
