"""The pages of students: exams, problems, answers, receipts.

``routes`` shows pages and ``answer_routes`` takes answers; both find a problem by ``views.problem_context``, load the student's work by
``views.student_work``, and render it by ``problem_page``. ``views`` works out what the templates show.
"""
