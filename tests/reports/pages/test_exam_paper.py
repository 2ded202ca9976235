"""The exam on paper: what stands on it word for word, what never does, and what stands on it with the solutions."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from support.paths import ROOT
from support.toy_kind import toy_problem

from grader.authoring.loader import load_problem
from grader.core.errors import Complaint
from grader.kinds.choices.kind import ChoicesSpec
from grader.kinds.number.kind import NumberSpec
from grader.reports.pages.exam_paper import GENERIC, LAYOUTS, exam_page, mistakes_page
from grader.reports.rendering import typeset

pytestmark = pytest.mark.process

SEED = load_problem(ROOT / "problems" / "we_recur")
LAYER = load_problem(ROOT / "tests" / "problems" / "layer")
FOLDERS = sorted(
    file.parent for place in ("problems", "tests/problems") for file in (ROOT / place).glob("*/problem.yaml")
)
OPEN = set("kind points label name parameters function symbols star left broadcast requires forbids units says".split())
"""The fields of blanks and options that a student may know."""


def keys(problem):
    return {address: ready.key() for address, ready in problem.prepare().prepared_blanks.items()}


def words(html: str) -> str:
    """The text of a page, without style, tags and maths."""
    html = re.sub(r"<style>.*?</style>|<math.*?</math>|<title>.*?</title>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def part_of(problem, id_, solved=False):
    """The problem's page with one part alone."""
    part = next(part for part in problem.parts if part.id == id_)
    return exam_page(replace(problem, parts=(part,), intro=""), keys(problem) if solved else None)


def test_word_for_word():
    assert words(exam_page(LAYER)) == (
        "One linear layer 6 points Name Student number "
        "(a) 1 point What are the dimensions of if ? × "
        "(b) 2 points What is ? Write a formula, in NumPy or as you write maths: W.T @ x, or W^T x. "
        "(c) 1 point How many entries has , and what share of them is in one row? "
        "count 0.5 points share 0.5 points Write one number, such as 3, -0.25, 1/3 or 1.5e-3. "
        "(d) 1 point What do we call the vector that is added after the product? Write one word or name. "
        "(e) 1 point On which of these does depend? A On . B On . none of these"
    )


def test_word_for_word_with_the_solutions():
    assert words(exam_page(LAYER, keys(LAYER))) == (
        "One linear layer 6 points Official solutions "
        "(a) 1 point What are the dimensions of if ? , in general "
        "(b) 2 points What is ? "
        "(c) 1 point How many entries has , and what share of them is in one row? "
        "count 0.5 points share 0.5 points 1/3 "
        "(d) 1 point What do we call the vector that is added after the product? bias "
        "(e) 1 point On which of these does depend? "
        "not true: A On . not true: B On . ✓ true: none of these"
    )


AREAS = [
    (LAYER, "a", r'<span class="room"></span><span>×</span><span class="room"></span>'),
    (SEED, "e", r'<p class="tag"><math>.*?</math></p>\s*<div class="room"></div>'),
    (LAYER, "d", r'<div class="area word">\s*<div class="room"></div>'),
    (LAYER, "e", r'(?:<li><span class="tick" aria-hidden="true"></span><b>[AB]</b>.*?</li>\s*){2}<li>'),
]


@pytest.mark.parametrize(("problem", "part", "area"), AREAS, ids=["dimensions", "formula", "word", "choices"])
def test_an_area_is_fit_to_its_kind(problem, part, area):
    assert re.search(area, part_of(problem, part), re.DOTALL)


def test_a_function_has_its_head_and_ruled_lines():
    shown = part_of(load_problem(ROOT / "problems" / "rnn_step"), "b")
    assert "<code>def gradients(W_ss, W_sx, b, x, s, dLds):</code>" + "<i></i>" * 10 in shown


def test_every_kind_of_the_grader_has_a_layout_and_others_a_box():
    found = {blank.spec.kind for folder in FOLDERS for blank in load_problem(folder).blanks}
    assert found <= set(LAYOUTS)
    assert '<div class="area generic">\n<div class="room"></div>' in exam_page(toy_problem(a=1))
    assert "Write what should come out." in words(exam_page(toy_problem(a=1)))
    assert '<div class="room"><p>correct</p></div>' in exam_page(toy_problem(a=1), {"a": "correct"})
    assert GENERIC.shows_instructions


def test_how_to_write_is_told_once_where_all_blanks_of_a_part_agree():
    assert words(exam_page(toy_problem(a__x=1, a__y=2))).count("Write what should come out.") == 1
    blanks = LAYER.parts[2].blanks
    metres = NumberSpec(value=1, points=1, units={"m": 1})
    part = replace(LAYER.parts[2], blanks=(replace(blanks[0], spec=metres), blanks[1]))
    assert words(exam_page(replace(LAYER, parts=(part,)))).count("Write one number") == 2


def test_topics_and_difficulty_are_not_printed():
    shown = words(exam_page(SEED))
    assert "medium" not in shown
    assert "matrix shapes" not in shown


class Locked:
    """What ends a test as soon as it is looked at."""

    def _refuse(self, *_):
        raise AssertionError("the page looked at what is secret")

    __bool__ = __str__ = __iter__ = __len__ = __eq__ = __hash__ = __getattr__ = _refuse


def sealed(model, **more):
    secret = {name: Locked() for name in type(model).model_fields if name not in OPEN}
    return model.model_copy(update=secret | more)


def sealed_spec(spec):
    if isinstance(spec, ChoicesSpec):
        return sealed(spec, options={id_: sealed(option) for id_, option in spec.options.items()})
    return sealed(spec)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_students_paper_is_made_without_a_look_at_the_key(folder):
    problem = load_problem(folder)
    parts = tuple(
        replace(
            part, solution=Locked(), blanks=tuple(replace(each, spec=sealed_spec(each.spec)) for each in part.blanks)
        )
        for part in problem.parts
    )
    assert exam_page(replace(problem, parts=parts)) == exam_page(problem)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_text_of_the_key_is_on_a_students_paper(folder):
    problem = load_problem(folder)
    shown = exam_page(problem)
    told = [part.solution for part in problem.parts]
    for blank in problem.blanks:
        told.append(blank.spec.solution)
        told += [text for mistake in blank.spec.mistakes for text in (mistake.hint, mistake.says)]
        told += [option.why for option in getattr(blank.spec, "options", {}).values()]
    for text in filter(None, told):
        assert text not in shown
        assert str(typeset.prose(text)) not in shown
        assert str(typeset.prose_inline(text)) not in shown
    for word in (
        "Solution",
        "✓",
        "true:",
        "reference.py",
        *(["softmax"] if folder.name == "we_recur" else []),
    ):
        assert word not in words(shown)


def test_options_are_ticked_and_explained_with_the_key():
    shown = words(part_of(SEED, "f", solved=True))
    assert "✓ true: A It depends on . ✓ true: B It depends on all elements of . The input reaches the output" in shown
    assert "not true: D It depends on all elements of . Only the columns" in shown
    assert "not true: none of these" in shown


def test_a_written_solution_stands_below_and_a_programs_name_only_without_one():
    problem = load_problem(ROOT / "problems" / "rnn_step")
    assert "return np.tanh(W_ss @ s + W_sx @ x + b)" in words(part_of(problem, "a", solved=True))
    assert "reference.py" not in words(exam_page(problem, keys(problem)))
    bare = replace(problem, parts=tuple(replace(part, solution=None) for part in problem.parts))
    assert "Solution step of reference.py" in words(exam_page(bare, keys(problem)))


def test_a_key_does_not_repeat_what_its_label_says():
    shown = part_of(replace(SEED, parts=(replace(SEED.parts[4], solution=None),)), "e", solved=True)
    assert '<div class="room"><p><math><msub><mi>p</mi><mn>1</mn></msub></math></p></div>' in shown
    assert "<h3>" not in shown


HOSTILE = '</style><script>alert("1")</script>\\"}{{ 7*7 }}\n\x00\ud800$x$'


@pytest.mark.parametrize("solved", [False, True])
def test_a_hostile_title_is_only_a_title(solved):
    shown = exam_page(replace(LAYER, title=HOSTILE), keys(LAYER) if solved else None)
    assert "<script" not in shown
    assert shown.count("</style>") == 2
    assert "49" not in words(shown)
    assert re.search(r'@bottom-left\{content:"(?:[A-Za-z0-9]|\\[0-9a-f]+ )*"\}', shown)


def test_a_hostile_label_and_complaint_are_only_text():
    blank = replace(LAYER.blanks[0], spec=LAYER.blanks[0].spec.model_copy(update={"label": HOSTILE}))
    part = replace(LAYER.parts[0], blanks=(blank,))
    assert "<script" not in exam_page(replace(LAYER, parts=(part,)))
    shown = mistakes_page("x", [Complaint("a/problem.yaml", HOSTILE, 3, 7)])
    assert "<script" not in shown
    assert shown.count("</style>") == 2
    assert "a/problem.yaml:3:7: &lt;/style&gt;&lt;script&gt;" in shown


def test_only_a_watched_page_loads_itself_anew():
    again = '<meta http-equiv="refresh" content="1">'
    assert again not in exam_page(LAYER)
    assert again in exam_page(LAYER, refresh=True)
    assert again in mistakes_page("x", [])


def test_pictures_are_inside_the_page():
    problem = replace(LAYER, intro="![a chain](chain.png)", figures={"chain.png": b"\x89PNG"})
    assert 'src="data:image/png;base64,iVBORw=="' in exam_page(problem)
