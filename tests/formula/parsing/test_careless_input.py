"""What people type without thinking of a parser: read as a teacher would read it, doubted, or refused; never misread."""

from __future__ import annotations

import pytest

from grader.core.errors import Unreadable
from grader.formula.expression import expand_definitions
from grader.formula.parsing.lexing.definitions import Definition
from grader.formula.parsing.lexing.vocabulary import Vocabulary
from grader.formula.parsing.parser import parse
from grader.formula.parsing.read_definitions import define
from grader.formula.symbols import Symbol


def words(given: str, **others) -> Vocabulary:
    """``A(3,3) x t`` as symbols."""
    shapes = {}
    for each in given.split():
        name, _, shape = each.partition("(")
        shapes[name] = tuple(int(dim) for dim in shape.rstrip(")").split(",") if dim)
    return Vocabulary({name: Symbol(shape=shape) for name, shape in shapes.items()}, shapes, "elementwise", **others)


READ = [
    # A superscript is a power where the letter alone is a symbol.
    ("x x_2", "x^2 + x_2", "add(power(x, 2), x_2)"),
    ("R R_1 R_2", "sqrt(R^2 + 1)", "sqrt(add(power(R, 2), 1))"),
    ("x1 x12", "x_1^2", "power(x1, 2)"),
    ("W(2,2) WT(2,2)", "W^T W", "matmul(transpose(W), W)"),
    ("a n an", "a^n", "power(a, n)"),
    ("sigma sigma2", r"\sigma^2", "power(sigma, 2)"),
    ("W(2,2) W2(2,2)", "W^{(2)}", "W2"),
    ("W(2,2) W2(2,2)", "W^{[2]}", "W2"),
    ("W_sx(2,2) W(2,2)", "W^{sx}", "W_sx"),
    # Letters, however they are written.
    ("Delta T x", r"\Delta T + Δx + ∆ x", "add(add(multiply(Delta, T), multiply(Delta, x)), multiply(Delta, x))"),
    ("phi epsilon theta l", r"\varphi + \varepsilon + \vartheta + \ell + ϕ + ℓ", "add(add(add(add(add(phi, epsilon), theta), l), phi), l)"),
    ("x X mu", "𝑥 + 𝐗 + 𝜇", "add(add(x, X), mu)"),
    ("xbar y yhat", r"\frac{1}{\bar{x}} + \frac{y}{\hat{y}} + \hat{\mathbf{y}}", "add(add(divide(1, xbar), divide(y, yhat)), yhat)"),
    ("delta2(2,1) a1(2,1)", r"\delta_2a_1^T", "matmul(delta2, transpose(a1))"),
    ("a(3) b(3)", r"\vec a + \vec b", "add(a, b)"),
    ("x t T", "T x^t", "multiply(T, power(x, t))"),
    # Functions glued to their neighbours.
    ("A omega t phi", "Acos(ωt+φ)", "multiply(A, cos(add(multiply(omega, t), phi)))"),
    ("A omega t", "Asin(ωt)", "multiply(A, sin(multiply(omega, t)))"),
    ("x", "sinx^2 + lnx/x + sqrt2", "add(add(sin(power(x, 2)), divide(log(x), x)), sqrt(2))"),
    ("n", "nlogn", "multiply(n, log(n))"),
    ("x", "xe^{-x}", "multiply(x, power(e, negative(x)))"),
    ("k lambda", r"\lambda^ke^{-\lambda}", "multiply(power(lambda, k), power(e, negative(lambda)))"),
    ("p", r"-p\log_2p", "multiply(negative(p), log2(p))"),
    ("t R L", "e^{-tR/L}", "power(e, divide(multiply(negative(t), R), L))"),
    ("p i", "pi + 2*np.pi", "add(pi, multiply(2, pi))"),
    # Identity matrices and determinants.
    ("A(3,3) i lambda", "A - λI", "subtract(A, multiply(lambda, eye(shape=(3,))))"),
    ("A(2,2)", "I_2A", "matmul(eye(shape=(2,)), A)"),
    ("A(3,3) c", "A-cI_3", "subtract(A, multiply(c, eye(shape=(3,))))"),
    ("a b c d", r"\begin{vmatrix}a & b\\c & d\end{vmatrix}", "det(stack(stack(a, b), stack(c, d)))"),
    ("a b", r"\begin{Vmatrix}a\\b\end{Vmatrix}", "norm(stack(stack(a), stack(b)))"),
    # Vectors.
    ("v(3)", "v v^T", "outer(v, v)"),
    ("v(3)", "v^T v", "matmul(transpose(v), v)"),
    ("x(3,1) y(3,1)", "x · y", "inner(x, y)"),
    ("x(3,1) y(3,1)", "dot(x, y)", "inner(x, y)"),
    ("q(4) k(4)", r"\frac{q\cdot k}{|q| |k|}", "divide(matmul(q, k), multiply(norm(q), norm(k)))"),
    ("x(3)", "sum(|x|)", "sum(abs(x))"),
    # Matrices with spaces for commas.
    ("k t", "[k 0; 0 -t]", "stack(stack(k, 0), stack(0, negative(t)))"),
    ("t", "[cos(t) -sin(t); sin(t) cos(t)]", "stack(stack(cos(t), negative(sin(t))), stack(sin(t), cos(t)))"),
    ("k", "[1 0 k]", "stack(1, 0, k)"),
    ("k t", "[k - t, 0]", "stack(subtract(k, t), 0)"),
    ("A(2,2) B(2,1) s(2,1) x(1,1)", "[A, B][s; x]", "matmul(concatenate(A, B, axis=1), concatenate(s, x))"),
    # Counting and other words.
    ("n k p", "n choose k p^k", "multiply(binomial(n, k), power(p, k))"),
    ("n k", r"{n \choose k}", "binomial(n, k)"),
    ("n k", "C(n, k)", "binomial(n, k)"),
    ("x", "2x^2‐x", "subtract(multiply(2, power(x, 2)), x)"),
    ("x", "¾x", "multiply(3/4, x)"),
    ("z", "1_{z>0} + (z>0).astype(float)", "add(greater(z, 0), greater(z, 0))"),
    ("A(2,2)", r"\sqrt2", "sqrt(2)"),
    ("t", r"\sqrt2t", "multiply(sqrt(2), t)"),
    ("t x", "sin -x", "sin(negative(x))"),
    ("X(3,2) w(2,1) y(3,1)", "sum (X w - y)^2", "sum(power(subtract(matmul(X, w), y), 2))"),
    ("X(3,2) w(2,1) y(3,1)", "sum(X w - y)^2", "power(sum(subtract(matmul(X, w), y)), 2)"),
]  # fmt: skip


@pytest.mark.parametrize(("symbols", "text", "expected"), READ, ids=[text for _, text, _ in READ])
def test_what_is_read(symbols, text, expected):
    assert repr(parse(text, words(symbols)).expression) == expected


UNSURE = [
    ("x a", "e^-ax"), ("x", "e^2x"), ("x y z", "(x+1)/(y+1)(z+1)"), ("k n p", "(1-p)^n-k"), ("n", "n lg n"), ("v t", "v(t)"),
    ("x", "1/√1-x²"), ("sigma X", "σ(X+1)"), ("u(3) S(3,3)", "u^T S u / u^T u"), ("a(3) b(3)", "a.T@b/a.T@a"), ("w(2)", "w/|w|"),
    ("F(3,3)", "1/F"), ("t", "2^t!"), ("W(2,2)", "W^{(2)}"), ("x(3) y(3)", "sum (x-y)^2"),
]  # fmt: skip


@pytest.mark.parametrize(("symbols", "text"), UNSURE, ids=[text for _, text in UNSURE])
def test_what_could_be_meant_otherwise_is_doubted(symbols, text):
    reading = parse(text, words(symbols))
    assert reading.review or reading.doubt


REFUSED = [
    ("a(3) b(3)", "a × b", "A cross product is not read here; for a scalar product write u^T v or u · v."),
    ("X(6,3) y(6,1)", "X^† y", "† can mean a transpose or a pseudo-inverse; write X^T, or inv(X^T X) X^T."),
    ("X(6,3) y(6,1)", r"X^{\dagger} y", "† can mean a transpose or a pseudo-inverse; write X^T, or inv(X^T X) X^T."),
    ("A(3,3)", "e^A", "A power with a matrix above is not read here; exp(A) works entry by entry."),
    ("A(3,3) x(3,1)", r"A \ x", "“\\” is not read here; write solve(A, b)."),
    ("x(3)", "1^T x", "Write a vector of ones as ones(3) or ones((3, 1))."),
    ("n", "n!!", "A double factorial is not read here."),
    ("y yhat", "y^ - y", "Nothing stands above here."),
    ("t d", r"\frac{d}{dt}t^2", "A derivative is not worked out here; write down what it comes to."),
    ("x", "len()", "The function “len” needs something in brackets."),
    ("A(3,3)", "matrix_power(A)", "The function “matrix_power” needs a power, as in matrix_power(A, 3)."),
    ("n p q", "np.q", "The name “q” is not known in this question."),
    ("x", "x_{1,2}", "This subscript belongs to no name of the question."),
    ("A(2,2) x t", "x[0.5]", "An index is a whole number or a slice, as in A[0, :]."),
    ("phi", "Phi", "The name “Phi” is not known in this question. Did you mean “phi”?"),
]  # fmt: skip


@pytest.mark.parametrize(("symbols", "text", "message"), REFUSED, ids=[text for _, text, _ in REFUSED])
def test_what_is_refused(symbols, text, message):
    with pytest.raises(Unreadable) as caught:
        parse(text, words(symbols))
    assert caught.value.message.startswith(message)


def test_a_parameter_is_not_taken_for_a_symbol_of_its_name():
    symbols = words("x u")
    k = define("k", "2 x", symbols)
    found: dict[str, Definition] = {"k": k}
    found["g"] = define("g(x)", "k x", words("x u", definitions=found))
    assert (
        repr(expand_definitions(parse("g(u)", words("x u", definitions=found)).expression))
        == "multiply(multiply(2, x), u)"
    )
    assert repr(found["g"].value_as_written) == "multiply(k(multiply(2, x)), x)"


def test_a_parameter_may_have_a_power_where_a_symbol_is_called_alike():
    found = {"g": define("g(z)", "1/(1+z^2)", words("z2 u"))}
    assert (
        repr(expand_definitions(parse("g(u)", words("z2 u", definitions=found)).expression))
        == "divide(1, add(1, power(u, 2)))"
    )


def test_a_power_of_a_letter_is_not_the_name_of_the_blank():
    assert repr(parse("x2 = x^2", words("x x2", left=("x2",))).expression) == "power(x, 2)"
