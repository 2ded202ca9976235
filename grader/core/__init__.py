"""Values that all packages share, and nothing that knows of mathematics, kinds or pages.

Errors with their readers, verdicts, submissions, exact points, seeds derived from the secret, child processes; ``files`` reads YAML
with places and writes files atomically.
"""
