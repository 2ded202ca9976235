"""One expression, however it is typed; and one clear message where it is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.timing import at_most

from grader.core.errors import Unreadable
from grader.formula.parsing.lexing.vocabulary import Vocabulary, normalize
from grader.formula.parsing.parser import parse
from grader.formula.symbols import Symbol

CHAIN = "matmul(matmul(transpose(W_sx), transpose(W_o)), g)"
SAME = [
    "W_sx.T @ W_o.T @ g",
    "W_sx.T@W_o.T@g",
    "W_sx^T W_o^T g",
    "W_sx^TW_o^Tg",
    "Wsx^T Wo^T g",
    "WSX^T WO^T G",
    "W_sx' W_o' g",
    "W_sx′ W_o′ g",
    "W_sxᵀ W_oᵀ g",
    "W_sx^⊤ W_o^⊤ g",
    r"{W^{sx}}^\top {W^{o}}^\top g",
    r"$W_{sx}^{\top} \cdot W_{o}^{T} \cdot g$",
    r"(W^{sx})^T \, (W^o)^T \frac{\partial Loss}{\partial z^2_t}",
    "W_sx^T · W_o^T · g",
    "W_sx^T × W_o^T × g",
    "transpose(W_sx) transpose(W_o) dL/dz2",
    "np.transpose(W_sx) @ W_0.T @ g",
    "np.matmul(np.matmul(W_sx.T, W_o.T), g)",
    "np.dot(W_sx.T.dot(W_o.T), g)",
    "W_sx^T W_o^T ∂Loss/∂z_t^2",
    "W_sx^T W_o^T ∂ Loss / ∂ z2_t",
    "W_sx^T W_o^T dLoss/dz2_t.",
    "W_sx^{tr} W_o^H g",
    "W_sx.t() @ W_o.mT @ g",
    r"{W}_{sx}^{T}{W}_o^{\mathsf{T}} g",
    "W_sx.T @ W_o.T @ g  # chain rule",
    "```W_sx.T @ W_o.T @ g```",
    "the gradient is W_sx^T W_o^T g",
    "W^T_{sx} W^T_o g",
    r"W^{\top}_{sx} \, W^\top_{o} g",
    "Wᵀ_sx Wᵀ_o g",
    r"\( W_{sx}^T W_o^T g \)",
    "  W_sx.T @ W_o.T @ g ,  because the chain rule says so",
    "= W_sx.T @ W_o.T @ g",
    "W_sx.T @ W_o.T @ g\n",
]
READ = [
    ("2a", "multiply(2, a)"),
    ("2 a b", "multiply(multiply(2, a), b)"),
    ("-a^2", "negative(power(a, 2))"),
    ("a**-b", "power(a, negative(b))"),
    ("a^b^2", "power(a, power(b, 2))"),
    ("a²", "power(a, 2)"),
    ("a⁻²", "power(a, negative(2))"),
    ("a − b", "subtract(a, b)"),
    ("a - b - 1", "subtract(subtract(a, b), 1)"),
    ("a/b", "divide(a, b)"),
    (r"\frac{a}{b}", "divide(a, b)"),
    (r"\frac{1}{2} a", "multiply(divide(1, 2), a)"),
    ("0.1 a", "multiply(1/10, a)"),
    (".5a", "multiply(1/2, a)"),
    ("1e-3*a", "multiply(1/1000, a)"),
    ("W_ss^2", "matrix_power(W_ss, n=2)"),
    ("W_ss**2", "power(W_ss, 2)"),
    ("W_ss^{-1} W_ss", "matmul(inv(W_ss), W_ss)"),
    ("g * g", "multiply(g, g)"),
    ("g ⊙ g", "multiply(g, g)"),
    (r"g \odot g", "multiply(g, g)"),
    ("g^T g a", "multiply(matmul(transpose(g), g), a)"),
    ("W_oW_ss", "matmul(W_o, W_ss)"),
    ("σ(b)", "sigmoid(b)"),
    (r"\sigma(b)", "sigmoid(b)"),
    ("sin b", "sin(b)"),
    ("np.exp(b)", "exp(b)"),
    ("max(a, b)", "maximum(a, b)"),
    ("g.sum(axis=0)", "sum(g, axis=0)"),
    ("np.sum(W_o, axis=-1, keepdims=True)", "sum(W_o, axis=-1, keepdims=True)"),
    ("np.linalg.inv(W_ss)", "inv(W_ss)"),
    ("g ⊙ W_o x_t", "multiply(g, matmul(W_o, x_t))"),
    ("g * W_o x_t", "multiply(g, matmul(W_o, x_t))"),
    ("g ⊙ W_o @ x_t", "multiply(g, matmul(W_o, x_t))"),
    ("g * W_o @ x_t", "matmul(multiply(g, W_o), x_t)"),
    ("W_o x_t ⊙ g", "multiply(matmul(W_o, x_t), g)"),
    ("g + g ⊙ g", "add(g, multiply(g, g))"),
    ("a / b · a", "multiply(divide(a, b), a)"),
    ("a * b / a", "divide(multiply(a, b), a)"),
    ("a**g.T", "power(a, transpose(g))"),
    ("a**g[0, 0].sum()", "power(a, sum(index(g, at=(0, 0))))"),
    ("g^2ᵀ", "transpose(power(g, 2))"),
    ("g .* g ./ g", "multiply(g, divide(g, g))"),
    ("g.^2", "power(g, 2)"),
    ("g.flatten()", "ravel(g)"),
    ("diag(g)", "diag(g)"),
    (r"\frac12 \|g\|", "multiply(divide(1, 2), norm(g))"),
    ("(a + b)(a - b)", "multiply(add(a, b), subtract(a, b))"),
    ("pi a", "multiply(pi, a)"),
    ("π", "pi"),
    ("W_ss^{-T}", "inv(transpose(W_ss))"),
    ("|b|", "abs(b)"),
    (r"\left|b\right| a", "multiply(abs(b), a)"),
    ("2|b|a", "multiply(multiply(2, abs(b)), a)"),
    ("|a + 1||b|", "multiply(abs(add(a, 1)), abs(b))"),
    (r"\left|a \left|b\right|\right|", "abs(multiply(a, abs(b)))"),
    ("|a (|b| + 1)|", "abs(multiply(a, add(abs(b), 1)))"),
    ("|a exp(|b|)|", "abs(multiply(a, exp(abs(b))))"),
    ("‖g‖", "norm(g)"),
    ("|W_ss|", "det(W_ss)"),
    ("|g|^2", "power(norm(g), 2)"),
    ("sum(|g|)", "sum(abs(g))"),
    ("|W_o|", "abs(W_o)"),
    ("abs(W_ss)", "abs(W_ss)"),
    ("g^2", "power(g, 2)"),
    ("sin 2a + 1", "add(sin(multiply(2, a)), 1)"),
    ("log ab", "log(multiply(a, b))"),
    ("2πa", "multiply(multiply(2, pi), a)"),
    ("aI + W_ss", "add(multiply(a, eye(shape=(4,))), W_ss)"),
    ("len(W_o) a", "multiply(2, a)"),
    ("<g, g>", "sum(multiply(g, g))"),
    (r"\|g\|^2", "power(norm(g), 2)"),
    ("g.sum(0)", "sum(g, axis=0)"),
    ("np.sum(W_o, -1)", "sum(W_o, axis=-1)"),
]


@pytest.mark.parametrize("text", SAME)
def test_one_formula_in_many_notations(words, text):
    assert repr(parse(text, words).expression) == CHAIN


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_what_is_read(words, text, expected):
    assert repr(parse(text, words).expression) == expected


def test_equal_structure_is_one_object(words):
    assert parse("W_sx^T x_t", words).expression is not parse("W_sx x_t", words).expression
    assert parse("W_sx^T W_o' g", words).expression is parse("W_sx.T @ W_o.T @ dL/dz2", words).expression


EQUATIONS = [
    "x2 = p1",
    "p1 = x2",
    "x_2 = p_1",
    "x2 is equal to p1",
    "x2 equals p1",
    "x2 is p1",
    "p1",
    "x2 == p1",
    "x2 := p1",
    "= p1",
    r"$x_{2} = p_{1}$",
]


@pytest.mark.parametrize("text", EQUATIONS)
def test_an_equation_that_names_the_blank(text):
    words = Vocabulary({"x2": Symbol(), "p1": Symbol()}, {"x2": (), "p1": ()}, left=("x2",))
    assert repr(parse(text, words).expression) == "p1"


FROM_THE_LEFT = "A product after a division was read from the left: a / b c as (a / b) c."
ONE_FACTOR = "A function without brackets was applied to the next factor only."
REVIEWED = [
    ("W_sx^t W_o^t g", "A small t in a superscript was read as a transpose."),
    ("W_sx.t @ W_o.t @ g", "A small t after a full stop was read as a transpose."),
    ("a / b a", FROM_THE_LEFT),
    ("a/ba", FROM_THE_LEFT),
    ("sin a b", ONE_FACTOR),
    ("a'", "A prime behind a single number was read as a transpose, which changes nothing."),
    ("ab", None),
    ("1/2 a", None),
    ("a/2 W_o", None),
    ("a/b W_o", None),
    ("a?", "There is a question mark after this answer."),
    ("W_sx^T W_o^T g", None),
]
DOUBTED = [
    ("a/b a", FROM_THE_LEFT),
    ("1/2a", FROM_THE_LEFT),
    ("a^1/2", "The power was read before the division: x^1/2 as (x^1)/2."),
    ("a^2/2", None),
    ("sin a/2", ONE_FACTOR),
    ("sin a + b", None),
    ("grad = 2 a", "“grad =” was read as a name for what follows."),
    ("∂L/∂x = 2 a", "“∂L/∂x =” was read as a name for what follows."),
    (
        r"\frac{\partial L}{\partial x} = 2 a",
        r"“\frac{\partial L}{\partial x} =” was read as a name for what follows.",
    ),
    ("f(x) = 2 a", "“f(x) =” was read as a name for what follows."),
    ("b = 2 a", "“b =” was read as a name for what follows."),
    ("the answer is 2 a", "“the answer is” was read as a name for what follows."),
    ("My gradient: 2 a", "“My gradient:” was read as a name for what follows."),
    ("2 a", None),
]


@pytest.mark.parametrize(("text", "doubt"), DOUBTED)
def test_what_is_doubtful_if_it_is_wrong(words, text, doubt):
    assert parse(text, words).doubt == doubt


@pytest.mark.parametrize(("text", "review"), REVIEWED)
def test_what_a_person_should_look_at(words, text, review):
    assert parse(text, words).review == review


def test_a_reason_in_words_is_dropped_and_kept(words):
    assert parse("2a, because I say so.", words).dropped == "because I say so"
    assert parse("2a since f is linear", words).dropped == "since f is linear"
    assert parse("2a (because W_o and g are fixed)", words).dropped == "(because W_o and g are fixed)"
    with pytest.raises(Unreadable, match="hold more of a formula"):
        parse("2a because b + 1", words)
    with pytest.raises(Unreadable, match="hold more of a formula"):
        parse("2a, as b", words)


YOU_MAY = "You may use W_ss, W_sx, W_o, x_t, g, a, b, v."
UNREADABLE = [
    ("", "There is no formula here.", None),
    ("((a)", "The bracket “(” is not closed.", (0, 1)),
    ("a)", "The bracket “)” closes nothing.", (1, 2)),
    ("a +", "The formula breaks off at the end.", (3, 3)),
    ("* a", "“*” is not expected here.", (0, 1)),
    ("W_sy x", "The name “W_sy” is not known in this question. Did you mean “W_sx”?", (0, 4)),
    ("q", f"The name “q” is not known in this question. {YOU_MAY}", (0, 1)),
    ("W_sх", "“х” in “W_sх” is the Cyrillic small letter ha, which only looks like “x”. Please type it anew.", (0, 4)),
    ("9**9**9", "This tower of powers is too large to work out.", (0, 7)),
    ("a**1001", "This power is too large to work out: at most 1,000 is read.", (0, 7)),
    ("W_ss^65", "This power is too large to work out: at most 64 is read.", (0, 7)),
    ("3,5 a", "Write decimals with a point, as in 3.5, and long numbers without commas.", (1, 2)),
    ("NaN", f"The name “NaN” is not known in this question. {YOU_MAY}", (0, 3)),
    ("<a", "“<” is not expected here.", (0, 1)),
    ("W_ss^a", "A matrix can be raised to a whole number only.", (0, 6)),
    ("1e999999999", "This number is too large or too long to work with.", (0, 11)),
    ("exp", "The function “exp” needs something in brackets.", (0, 3)),
    ("exp(a, b)", "The function “exp” takes one argument, not 2.", (0, 3)),
    ("exp(a, axis=0)", "The function “exp” has no axis.", (0, 3)),
    ("a.foo(b)", "“.foo” is not read here.", (1, 5)),
    ("2 a = b", "Neither side of this equation names what is asked; write the formula alone.", (4, 5)),
    ("a = b = a", "There is more than one equals sign; write a single formula.", (6, 7)),
    ("|a", "The bar “|” is not closed.", (0, 1)),
    ("sum(g, b)", "An axis is a small whole number.", (0, 3)),
    ("[1, 2", "The bracket “[” is not closed.", (0, 1)),
    ("[1, 2)", "The bracket “)” closes nothing.", (5, 6)),
    (r"\begin{bmatrix} 1 & 2", "The bracket “\\begin{bmatrix}” is not closed.", (0, 15)),
    ("⌊a, b⌋", "“⌊” stands around one value.", (0, 6)),
    ("W_ss[a, b]", "An index is a whole number or a slice, as in A[0, :].", (4, 10)),
    ("W_ss[::0]", "An index is a whole number or a slice, as in A[0, :].", (7, 8)),
    ("det^2 W_ss", "A power of the function “det” is not read; write it behind its brackets.", (0, 3)),
    ("exp^{-1}(a)", "The inverse of the function “exp” is not read here.", (0, 3)),
    ("gamma'(a)", "The derivative of “gamma” is not known here.", (0, 5)),
    ("tanh''"  "''(a)", "At most three derivatives are read here.", (0, 8)),
    ("‖g‖_3", "Only the norms 1 and 2 are read here.", (3, 5)),
    ("norm(g, 3)", "Only the norms 1 and 2 are read here.", (0, 4)),
    ("einsum(W_o, W_sx)", "The function “einsum” begins with its subscripts, as in einsum('ij,jk->ik', A, B).", (0, 6)),
    ("ones(a)", "A shape is one whole number for each axis, as in (2, 3).", (0, 4)),
    ("ones()", "The function “ones” needs a shape, as in ones((2, 3)).", (0, 4)),
    ("a I", "Say how large the identity matrix I is, as in I_3.", (2, 3)),
    ("I_q a", "The size of this identity matrix is not known; write it as in I_3.", (0, 3)),
    (r"\mathbf{1}^T g", "Write a vector of ones as ones(3) or ones((3, 1)).", (0, 10)),
    ("∑ g", "“∑” over an index is not read here; write sum(…), prod(…) or a product of matrices.", (0, 1)),
    (r"\sum_{i=1}^n g_i", "“\\sum” over an index is not read here; write sum(…), prod(…) or a product of matrices.", (0, 4)),
    ("a if b else 1", "“if” is a word of Python, not of a formula; write one formula alone.", (2, 4)),
    ("lambda z: z", "“lambda” is a word of Python, not of a formula; write one formula alone.", (0, 6)),
    ("import os", "“import” is a word of Python, not of a formula; write one formula alone.", (0, 6)),
    ("__import__('os')", "“__import__” is a word of Python, not of a formula; write one formula alone.", (0, 10)),
    ("a ? b : 1", "The character “?” (question mark) is not part of a formula here.", (2, 3)),
    ("W_ss.shape[2]", "There is no such axis of “W_ss”.", (4, 13)),
    ("a > ", "The formula breaks off at the end.", (3, 3)),
    ("g.backward()", "“.backward” is not read here.", (1, 10)),
    (r"\foo a", "The command “\\foo” is not read here.", (0, 4)),
    ("a # b", "The words after the formula hold more of a formula; write one formula alone.", (1, 5)),
    ("g^+", "A plus sign in a superscript is not read here.", (2, 3)),
    ("a # 2", "The character “#” (number sign) is not part of a formula here.", (2, 3)),
    ("(" * 1000, "This formula is nested deeper than 60 levels.", (60, 61)),
    ("a" * 2001, "This answer has 2,001 characters; at most 2,000 are read.", None),
    ("+".join("a" * 401), "This formula has more than 400 parts, which is more than is read.", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "span"), UNREADABLE, ids=[text[:20] for text, _, _ in UNREADABLE])
def test_messages(words, text, message, span):
    with pytest.raises(Unreadable) as caught:
        parse(text, words)
    assert caught.value.message == message
    assert span is None or caught.value.span == span


FRAGMENTS = [
    "W_sx",
    "W_o",
    "g",
    "a",
    "^T",
    "^",
    "(",
    ")",
    "{",
    "}",
    "\\frac",
    "\\top",
    "+",
    "*",
    "@",
    "2",
    ".5",
    "e",
    ".T",
    "'",
    "=",
    ",",
    " ",
    "exp",
    "∂",
    "/",
    "sum(",
    "axis=",
    "²",
    "ᵀ",
    "?",
    "\\",
    "_",
]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(FRAGMENTS), max_size=24).map("".join)))
def test_any_text_is_an_expression_or_one_message(text):
    shapes = {"W_sx": (4, 3), "W_o": (2, 4), "g": (2, 1), "a": ()}
    words = Vocabulary({name: Symbol(shape=shape) for name, shape in shapes.items()}, shapes)
    try:
        reading = parse(text, words)
    except Unreadable as error:
        assert error.message
        assert error.span is None or 0 <= error.span[0] <= error.span[1] <= len(text)
    else:
        assert all(0 <= start <= end <= len(text) for start, end in reading.spans.values())


@pytest.mark.bench
@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, "a+" * 500_000, "9" * 1_000_000, "\\" * 1_000_000, "W_sx^T " * 250, "{" * 1_999],
    ids=lambda text: f"{text[:6]}…{len(text)}",
)
def test_long_texts_are_quick(words, text):
    with at_most(2):
        try:
            parse(text, words)
        except Unreadable as error:
            assert error.message


def test_names_are_the_same_without_their_dress():
    assert {normalize(name) for name in (r"W^{sx}", "W_sx", "Wsx", "W_{s}x", r"\mathbf{W}_{sx}")} == {"Wsx"}
    assert normalize(r"\partial Loss") == normalize("∂Loss") == "dLoss"
