"""The class page: what needs a person first, equal answers together, every file's trouble told."""

from __future__ import annotations

import re

from support.toy_kind import toy_problem

from grader.core.errors import Complaint
from grader.core.submission import Student, Submission
from grader.grading.answer_groups import review_items
from grader.grading.grade import grade_submission
from grader.reports.pages.class_page import LISTED, class_page, main_content


def class_of(*answers, held=None):
    problem = toy_problem(a=2, b=2)
    ready = problem.prepare()
    results = [
        grade_submission(ready, Submission(Student(f"s{n}", f"<b>{n}</b>"), "toys", each, held_reason=held))
        for n, each in enumerate(answers)
    ]
    return problem, results


def page(problem, results, remarks=(), broken=()):
    links = {each.student.id: f"students/{each.student.id}.html" for each in results}
    return class_page(results, problem, remarks, links, broken=broken)


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)).split())


def test_equal_doubts_are_one_row():
    _, results = class_of(
        {"a": "garbled"}, {"a": "correct?"}, {"a": "garbled", "z": "x"}, {"a": "crash"}, {"b": "undecided"}
    )
    found = [(each.graded, each.blank, each.written, each.why, each.students) for each in review_items(results)]
    assert found == [
        (
            False,
            "a",
            "crash",
            "The grader failed on this answer: ZeroDivisionError: the toy crashed.",
            ("s3",),
        ),
        (False, "b", "undecided", "The toy cannot decide this.", ("s4",)),
        (
            True,
            "a",
            "garbled",
            "This answer could not be read. The word “garbled” cannot be read.",
            ("s0", "s2"),
        ),
        (True, "a", "correct?", "A toy asks for a person.", ("s1",)),
        (True, "z", "x", "There is no such part.", ("s2",)),
    ]


def test_a_held_submission_is_told_once():
    _, results = class_of({"a": "correct"}, held="Two of them.")
    assert [(each.blank, each.why) for each in review_items(results)] == [("all", "Two of them.")]


def test_what_needs_a_person_and_the_files_stand_before_the_statistics():
    problem, results = class_of({"a": "garbled"}, {"a": "half"}, {"a": "half", "b": "wrong"})
    shown = words(page(problem, results, [Complaint("x.csv", "odd", 3)], [Complaint("y.yaml", "broken", 1, 2)]))
    order = [
        "Not read: y.yaml:1:2: broken",
        "x.csv:3: odd",
        "What needs a person",
        "Totals",
        "Parts",
        "2×",
        "Student Name",
    ]
    places = [shown.index(each) for each in order]
    assert places == sorted(places)
    assert "mean of 4 0.67" in shown
    assert "With so few results these figures say little." in shown


def test_nothing_to_look_at_is_not_mentioned():
    problem, results = class_of({"a": "correct", "b": "correct"})
    shown = words(page(problem, results))
    assert "What needs a person" not in shown
    assert "About the files" not in shown


def test_names_are_escaped_and_a_large_class_is_cut():
    problem, results = class_of(*({"a": f"wrong{n}"} for n in range(LISTED + 7)))
    html = page(problem, results)
    assert "<b>0</b>" not in html
    assert "and 7 more, in marks.csv" in html
    assert len(html) < 2_000_000


def test_an_empty_class_has_a_page():
    problem, _ = class_of()
    assert "Nothing has been graded yet." in page(problem, [])


def test_a_page_of_another_head_has_the_same_main_content():
    problem, results = class_of({"a": "correct"}, {"a": "garbled"})
    links = {"s0": "s0.html", "s1": "s1.html"}
    main = main_content(results, problem, (), links, absent=1)
    assert f'<main class="wide">\n{main}\n</main>' in class_page(results, problem, (), links, absent=1)
