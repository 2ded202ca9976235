"""View models of students' pages: what the templates show, worked out.

``problem_context`` is where a student is, ``student_work`` what they wrote there; ``blank_view`` and ``attempt_view`` are what a page shows
of that, through ``visibility`` alone.
"""
