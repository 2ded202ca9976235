"""Routes of the pages of staff, one module for each page; ``home`` lists the exams and includes all others."""
