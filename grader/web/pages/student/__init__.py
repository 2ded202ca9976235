"""The pages of students: exams, problems, answers, receipts."""
