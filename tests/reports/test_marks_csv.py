"""marks.csv: exact totals rounded once, empty where there is no mark, nothing that a spreadsheet runs."""

from __future__ import annotations

from support.toy_kind import toy_problem

from grader.core.submission import Student, Submission
from grader.grading.grade import grade_submission
from grader.reports.marks_csv import table


def test_the_table():
    problem = toy_problem(a="1/3", b="1/3", c="1/3")
    ready = problem.prepare()
    rows = [
        ("s1", "Ada, B.", {"a": "correct", "b": "correct", "c": "wrong"}),
        ("=cmd", "@x", {"a": "undecided", "b": "correct"}),
        ("s3", None, {"a": "correct?"}),
    ]
    results = [grade_submission(ready, Submission(Student(who, name), "toys", answers)) for who, name, answers in rows]
    assert table(results, problem).splitlines() == [
        "student,name,a,b,c,total,out_of,status,review",
        's1,"Ada, B.",0.33,0.33,0,0.67,1,final,',
        "'=cmd,'@x,,0.33,0,,1,ungraded,(a) The toy cannot decide this.",
        "s3,,0.33,0,0,0.33,1,provisional,(a) A toy asks for a person.",
    ]
