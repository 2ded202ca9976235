"""The pages of staff: exams, review, marks, students, uploads, the audit log."""
