"""What a formula is made of: arrays between brackets, indices, functions with powers and primes, conditions, names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.formula_strategies import NUMBERS, SYMBOLS

from grader.core.errors import Unreadable
from grader.formula.evaluation.evaluate import evaluate
from grader.formula.evaluation.shapes import shapes
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.parsing.read_definitions import define
from grader.formula.symbols import Symbol
from grader.formula.writing.latex import latex
from grader.formula.writing.plain_text import plain_text

ROWS = "stack(stack(1, 2), stack(3, 4))"
READ = [
    ("[1, 2]", "stack(1, 2)"),
    ("(1, 2)", "stack(1, 2)"),
    ("[1; 2]", "stack(stack(1), stack(2))"),
    ("[1, 2; 3, 4]", ROWS),
    ("[1 2; 3 4]", ROWS),
    ("[[1, 2], [3, 4]]", ROWS),
    ("np.array([[1, 2], [3, 4]])", ROWS),
    ("np.array([1, 2])", "stack(1, 2)"),
    ("np.array([[1], [2]])", "stack(stack(1), stack(2))"),
    (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", ROWS),
    (r"\begin{pmatrix}1&2\\3&4\\\end{pmatrix}", ROWS),
    (r"\left[\begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array}\right]", ROWS),
    ("[1 -2; 3 - 1, 4]", "stack(stack(1, negative(2)), stack(subtract(3, 1), 4))"),
    ("[a + b]", "add(a, b)"),
    ("[[1, 2]]", "stack(stack(1, 2))"),
    ("[x_t; g]", "concatenate(x_t, g)"),
    ("[x_t, g]", "concatenate(x_t, g)"),
    ("[W_ss, W_sx]", "concatenate(W_ss, W_sx, axis=1)"),
    ("[W_ss, W_sx; W_o, W_o W_sx]", "concatenate(concatenate(W_ss, W_sx, axis=1), concatenate(W_o, matmul(W_o, W_sx), axis=1))"),
    ("[v, v]", "stack(v, v)"),
    ("[v, 1]", "concatenate(v, stack(1))"),
    ("[v; v]", "concatenate(v, v)"),
    ("[g; 1]", "concatenate(g, stack(stack(1)))"),
    ("np.concatenate([x_t, g], axis=0)", "concatenate(x_t, g, axis=0)"),
    ("concat((x_t, g))", "concatenate(x_t, g)"),
    ("np.vstack((x_t, g))", "vstack(x_t, g)"),
    ("np.block([[W_ss, W_sx]])", "concatenate(W_ss, W_sx, axis=1)"),
    ("W_o[0, 1]", "index(W_o, at=(0, 1))"),
    ("W_o[:, 0]", "index(W_o, at=((None, None, None), 0))"),
    ("W_o[-1]", "index(W_o, at=(-1,))"),
    ("W_o[:, 1:3]", "index(W_o, at=((None, None, None), (1, 3, None)))"),
    ("W_o[::-1]", "index(W_o, at=((None, None, -1),))"),
    ("v[:, None]", "index(v, at=((None, None, None), None))"),
    ("v[..., np.newaxis]", "index(v, at=('...', None))"),
    ("(W_o W_ss)[0]", "index(matmul(W_o, W_ss), at=(0,))"),
    ("W_o.T[0]", "index(transpose(W_o), at=(0,))"),
    ("a[1 - a]", "multiply(a, subtract(1, a))"),
    ("2[a + b]", "multiply(2, add(a, b))"),
    ("W_ss.shape[0] a", "multiply(4, a)"),
    ("sin^2 b", "power(sin(b), 2)"),
    ("sin²(b)", "power(sin(b), 2)"),
    (r"\sin^{2}\left(b\right)", "power(sin(b), 2)"),
    ("sin^{-1}(b)", "arcsin(b)"),
    ("tanh⁻¹(b)", "arctanh(b)"),
    ("log_2(a)", "log2(a)"),
    (r"\log_{10} a", "log10(a)"),
    ("ln a", "log(a)"),
    (r"\sqrt{a}", "sqrt(a)"),
    (r"\sqrt[3]{a}", "power(a, divide(1, 3))"),
    ("√a", "sqrt(a)"),
    ("√(a + b) b", "multiply(sqrt(add(a, b)), b)"),
    ("3!", "factorial(3)"),
    ("(2 a)! a", "multiply(factorial(multiply(2, a)), a)"),
    (r"\binom{4}{2}", "binomial(4, 2)"),
    ("comb(4, 2)", "binomial(4, 2)"),
    (r"\frac12 a", "multiply(divide(1, 2), a)"),
    ("½ a", "multiply(1/2, a)"),
    ("⌊a⌋ + ⌈b⌉", "add(floor(a), ceil(b))"),
    (r"\left\lfloor a \right\rfloor", "floor(a)"),
    ("⟨g, g⟩", "sum(multiply(g, g))"),
    (r"\langle v, v \rangle", "sum(multiply(v, v))"),
    ("||g||", "norm(g)"),
    ("||g||_2^2", "power(norm(g, ord=2), 2)"),
    (r"\|v\|_1", "norm(v, ord=1)"),
    (r"\lVert W_o \rVert_F", "norm(W_o)"),
    ("|a||b|", "multiply(abs(a), abs(b))"),
    ("||a|-|b||", "abs(subtract(abs(a), abs(b)))"),
    ("|a|^2", "power(abs(a), 2)"),
    ("max(a, 0)", "maximum(a, 0)"),
    ("max(a, b, 1)", "maximum(maximum(a, b), 1)"),
    (r"\max\{0, a\}", "maximum(0, a)"),
    ("np.max(W_o, 0)", "max(W_o, axis=0)"),
    ("W_o.max(axis=1, keepdims=True)", "max(W_o, axis=1, keepdims=True)"),
    ("a > b", "greater(a, b)"),
    ("a ≤ b", "less_equal(a, b)"),
    (r"a \geq b + 1", "greater_equal(a, add(b, 1))"),
    ("0 < a < 1", "multiply(less(0, a), less(a, 1))"),
    ("(a == b)", "equal(a, b)"),
    ("1[a > b]", "greater(a, b)"),
    ("𝟙[a = b]", "equal(a, b)"),
    (r"\mathbb{1}(a \le b) a", "multiply(less_equal(a, b), a)"),
    ("I(a > b)", "greater(a, b)"),
    ("where(a > b, a, b)", "where(greater(a, b), a, b)"),
    ("torch.softmax(g, dim=0)", "softmax(g, axis=0)"),
    ("F.relu(g)", "relu(g)"),
    ("LeakyReLU(a)", "leaky_relu(a, 1/100)"),
    ("Sigmoid(a)", "sigmoid(a)"),
    ("einsum('ij,jk->ik', W_o, W_sx)", "einsum(W_o, W_sx, subscripts='ij,jk->ik')"),
    ("I_4 W_sx", "matmul(eye(shape=(4,)), W_sx)"),
    ("I W_sx", "matmul(eye(shape=(4,)), W_sx)"),
    ("W_ss - 2 I", "subtract(W_ss, multiply(2, eye(shape=(4,))))"),
    ("np.eye(4) @ W_sx", "matmul(eye(shape=(4,)), W_sx)"),
    ("np.ones((1, 2)) g", "matmul(ones(shape=(1, 2)), g)"),
    ("W_o.reshape(4, -1)", "reshape(W_o, shape=(4, -1))"),
    ("np.reshape(W_o, (4, 2))", "reshape(W_o, shape=(4, 2))"),
    (r"W_o^{\odot 2}", "power(W_o, 2)"),
    ("onehot(1, 3)", "onehot(shape=(1, 3))"),
    ("'a + b'", "add(a, b)"),
    ("`a + b`", "add(a, b)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_what_is_read(words, text, expected):
    assert repr(parse(text, words).expression) == expected.replace("subscripts='ij,jk->ik'", "subscripts=ij,jk->ik")


@pytest.mark.parametrize("text", [text for text, _ in READ])
def test_it_is_read_again_from_every_notation(words, text):
    expression = parse(text, words).expression
    for written in (latex(expression, words), plain_text(expression, words), plain_text(expression, words, "numpy")):
        assert parse(written, words).expression is expression, written


DOUBTED = [
    ("max(W_o, 1)", "A number after the comma was read as a value, not as an axis."),
    ("(1, 2)", "Values in round brackets were read as a vector."),
    ("[a b]", "Square brackets were read as brackets; blocks have a comma or a semicolon between them."),
    ("√a b", "A function without brackets was applied to the next factor only."),
    ("sum(W_o, axis=(0, 1))", None),
    ("ones((2, 1))", None),
]


@pytest.mark.parametrize(("text", "doubt"), DOUBTED)
def test_what_is_doubtful(words, text, doubt):
    assert parse(text, words).doubt == doubt


def defined() -> Vocabulary:
    sizes = {"d": 3, "m": 4, "n": 2}
    found = {}
    for head, text, tex in [
        ("z1", "W_sx x_t", "z^1"),
        ("f1(z)", "z", None),
        ("f2(z)", "tanh(a z)", r"f_2"),
        ("p", "f2(W_o z1)", None),
        ("f3(z)", "f2(z)^2", None),
    ]:
        vocabulary = Vocabulary(SYMBOLS, NUMBERS, "elementwise", (), dict(found), sizes)
        definition = define(head, text, vocabulary, tex, ("zed",) if head == "z1" else ())
        found[definition.name] = definition
    return Vocabulary(SYMBOLS, NUMBERS, "elementwise", (), found, sizes)


DEFINED = [
    ("z1", "matmul(W_sx, x_t)", (4, 1)),
    ("z_1", "matmul(W_sx, x_t)", (4, 1)),
    ("zed", "matmul(W_sx, x_t)", (4, 1)),
    ("W_o f1(z1)", "matmul(W_o, matmul(W_sx, x_t))", (2, 1)),
    ("f1'(z1)", "ones_like(matmul(W_sx, x_t))", (4, 1)),
    ("f_1^{\\prime}(z_1) ⊙ z1", "multiply(ones_like(matmul(W_sx, x_t)), matmul(W_sx, x_t))", (4, 1)),
    ("f'_1(z1)", "ones_like(matmul(W_sx, x_t))", (4, 1)),
    ("f2'(g)", "multiply(subtract(1, power(tanh(multiply(a, g)), 2)), a)", (2, 1)),
    ("p'", "transpose(tanh(multiply(a, matmul(W_o, matmul(W_sx, x_t)))))", (1, 2)),
    ("1/n g", "multiply(divide(1, 2), g)", (2, 1)),
    ("I_m z1", "matmul(eye(shape=(4,)), matmul(W_sx, x_t))", (4, 1)),
    ("ones((1, n)) g", "matmul(ones(shape=(1, 2)), g)", (1, 1)),
    ("W_ss[:, :d]", "index(W_ss, at=((None, None, None), (None, 3, None)))", (4, 3)),
    ("W_ss[:, :m-1]", "index(W_ss, at=((None, None, None), (None, 3, None)))", (4, 3)),
    ("tanh'(b)", "subtract(1, power(tanh(b), 2))", ()),
]


@pytest.mark.parametrize(("text", "meaning", "shape"), DEFINED, ids=[text for text, _, _ in DEFINED])
def test_names_that_the_author_defined(text, meaning, shape):
    from grader.formula.expression import expand_definitions

    words = defined()
    expression = parse(text, words).expression
    assert repr(expand_definitions(expression)) == meaning
    assert shapes(expression, NUMBERS)[expression] == shape
    for written in (latex(expression, words), plain_text(expression, words), plain_text(expression, words, "numpy")):
        assert parse(written, words).expression is expression, written


def test_a_defined_name_is_shown_as_it_is_called():
    words = defined()
    assert latex(parse("W_o f2'(z1) / n", words).expression, words) == r"\frac{W^{o} \, f_2'\left(z^1\right)}{n}"
    assert plain_text(parse("W_o.T @ f2'(g)", words).expression, words) == "W_oᵀ f2'(g)"


DERIVED = [("f2'", 1), ("f2''", 2), ("f3'", 1), ("tanh'", 1), ("sigmoid''", 2), ("leaky_relu'", 1)]


@pytest.mark.parametrize(("name", "order"), DERIVED)
def test_derivatives_of_defined_functions_are_those_of_small_steps(name, order):
    words = defined()
    at = {"a": np.float64(0.7), "b": np.float64(0.3)}
    base = name.rstrip("'") + "'" * (order - 1)
    slope = evaluate(parse(f"{name}(b)", words).expression, at)
    higher = evaluate(parse(f"{base}(b + 1e-6)", words).expression, at)
    lower = evaluate(parse(f"{base}(b - 1e-6)", words).expression, at)
    assert np.isclose(slope, (higher - lower) / 2e-6, rtol=1e-6)


WRONG = [
    ("z 1", "a", "'z 1' is neither a name nor a function of one parameter such as f(z)"),
    ("f(x, y)", "x", "'f(x, y)' is neither a name nor a function of one parameter such as f(z)"),
    ("W_o", "a", "'W_o' is a symbol or a size already"),
    ("n", "a", "'n' is a symbol or a size already"),
    ("q", "W_o g", "the shapes do not fit: in 2×4 times 2×1 the inner sizes 4 and 2 differ"),
    (
        "q",
        "zz a",
        "The name “zz” is not known in this question. You may use W_ss, W_sx, W_o, x_t, g, a, b, v, z1, f1, f2, p, f3.",
    ),
    ("f(z)", "sum(z)", "a function works entry by entry, and 'sum' does not"),
    ("f(z)", "z + g", "a function may use single numbers beside its parameter, and 'g' is none"),
]


@pytest.mark.parametrize(("head", "text", "message"), WRONG)
def test_definitions_that_are_none(head, text, message):
    with pytest.raises(Unreadable) as caught:
        define(head, text, defined())
    assert caught.value.message == message


@given(st.integers(2, 5), st.integers(2, 5), st.data())
def test_a_matrix_in_any_notation_is_the_same_array(height, width, data):
    entries = data.draw(
        st.lists(st.lists(st.integers(-9, 9), min_size=width, max_size=width), min_size=height, max_size=height)
    )
    rows = [", ".join(map(str, row)) for row in entries]
    latex_rows = r" \\ ".join(" & ".join(map(str, row)) for row in entries)
    words = Vocabulary({"a": Symbol()}, {"a": ()}, "elementwise")
    texts = [
        f"[{'; '.join(rows)}]",
        f"[{'; '.join(row.replace(',', '') for row in rows)}]",
        f"[[{'], ['.join(rows)}]]",
        f"np.array([[{'], ['.join(rows)}]])",
        rf"\begin{{bmatrix}} {latex_rows} \end{{bmatrix}}",
    ]
    for text in texts:
        assert evaluate(parse(text, words).expression, {}).tolist() == entries
