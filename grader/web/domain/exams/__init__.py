"""Exams: policy and phase, enrolment, schedule, rosters, snapshots of problems, attempt rules, progress.

``exams`` opens and finds them; ``enrolments`` says who may answer, ``schedule`` closes and releases them, ``attempt_rules`` what an
attempt uses up and earns.
"""
