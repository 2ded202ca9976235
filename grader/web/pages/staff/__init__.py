"""The pages of staff: exams, review, marks, students, uploads, the audit log.

``routes`` has a module for each page; they share ``rendering``, ``pagination``, ``upload_form`` and what is known of an upload or a group
of answers.
"""
