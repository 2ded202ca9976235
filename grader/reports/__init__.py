"""Reports: what a batch of graded submissions is written as.

``batch`` grades and writes the output folder: ``marks_csv`` the gradebook, ``results_jsonl`` everything as data, ``pages`` the HTML for
students and staff, from templates. ``rendering`` makes their HTML safe and typesets maths; ``terminal`` prints for people.
"""
