"""The pages of a batch: feedback for a student, the class page, the exam on paper, the notation."""
