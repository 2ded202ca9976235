"""Every function of the table as authors write it in NumPy, with symbols that it fits."""

from __future__ import annotations

import numpy as np

SIZES = [{"n": 3, "k": 2}, {"n": 2, "k": 4}, {"n": 1, "k": 3}]
SHAPES = {
    "A": ("n", "k"), "B": ("k", "n"), "C": ("n", "k"), "S": ("n", "n"), "u": ("n",), "v": ("n",), "w": ("k",), "a": (), "b": (), "c": (), "G": ("n", "n"),
}  # fmt: skip
NUMPY = {
    "add": [lambda A, C: A + C, lambda A, a: np.add(a, A), lambda A, w: A + w],
    "subtract": [lambda A, C: A - C, lambda a, A: 1 - A - a],
    "multiply": [lambda A, C: A * C, lambda A, u: u[:, None] * A],
    "divide": [lambda A, C: A / C, lambda A: A / 3, lambda A: 1 / A],
    "power": [lambda A: A**2, lambda A, C: A**C, lambda a: 2**a, lambda a: a**0.5, lambda A: np.power(A, 3)],
    "negative": [lambda A: -A],
    "matmul": [lambda A, B: A @ B, lambda A, w: A @ w, lambda u, A: u @ A, lambda u, v: u @ v],
    "exp": [lambda A: np.exp(A)], "expm1": [lambda A: np.expm1(A)], "log": [lambda A: np.log(A)], "log1p": [lambda A: np.log1p(A)],
    "log2": [lambda A: np.log2(A)], "log10": [lambda A: np.log10(A)], "sqrt": [lambda A: np.sqrt(A)], "square": [lambda A: np.square(A)],
    "abs": [lambda A: np.abs(A - 0.5), lambda A: abs(A - 0.5)], "sign": [lambda A: np.sign(A - 0.5)],
    "floor": [lambda A: np.floor(3 * A)], "ceil": [lambda A: np.ceil(3 * A)],
    "sin": [lambda A: np.sin(A)], "cos": [lambda A: np.cos(A)], "tan": [lambda A: np.tan(A)],
    "arcsin": [lambda A: np.arcsin(A)], "arccos": [lambda A: np.arccos(A)], "arctan": [lambda A: np.arctan(A)],
    "arctan2": [lambda A, C: np.arctan2(A - 0.5, C)],
    "sinh": [lambda A: np.sinh(A)], "cosh": [lambda A: np.cosh(A)], "tanh": [lambda A: np.tanh(A)],
    "arcsinh": [lambda A: np.arcsinh(A)], "arccosh": [lambda A: np.arccosh(1 + A)], "arctanh": [lambda A: np.arctanh(A)],
    "greater": [lambda A, C: A > C, lambda A: (A > 0.5) * A], "greater_equal": [lambda A, C: A >= C],
    "less": [lambda A, C: A < C], "less_equal": [lambda A, C: A <= C],
    "equal": [lambda A: np.floor(2 * A) == 1], "not_equal": [lambda A: np.floor(2 * A) != 1],
    "where": [lambda A, C: np.where(A > C, A, C), lambda A: np.where(A > 0.5, 0, 1)],
    "maximum": [lambda A, C: np.maximum(A, C), lambda A: np.maximum(A, 0.5)], "minimum": [lambda A, C: np.minimum(A, C)],
    "clip": [lambda A: np.clip(A, 0.3, 0.6), lambda A: A.clip(0.3, 0.6)],
    "sum": [lambda A: A.sum(), lambda A: np.sum(A, axis=0), lambda A: A.sum(1, keepdims=True), lambda A: np.sum(A, axis=(0, 1)), lambda A: np.add.reduce(A)],
    "mean": [lambda A: A.mean(axis=0), lambda A: np.mean(A)], "prod": [lambda A: np.prod(A, axis=-1)],
    "var": [lambda A: np.var(A), lambda A: np.var(A, axis=1, ddof=0)], "std": [lambda A: A.std(axis=1)],
    "max": [lambda A: np.max(A, axis=0), lambda A: A.max()], "min": [lambda A: np.min(A, axis=1)],
    "argmax": [lambda A: np.argmax(A, axis=1), lambda A: A.argmax()], "argmin": [lambda A: np.argmin(A, axis=0)],
    "norm": [lambda A: np.linalg.norm(A), lambda A: np.linalg.norm(A, axis=1), lambda u: np.linalg.norm(u, 1), lambda u: np.linalg.norm(u, ord=2)],
    "cumsum": [lambda A: np.cumsum(A, axis=0), lambda u: np.cumsum(u)],
    "transpose": [lambda A: A.T, lambda A: np.transpose(A), lambda A: A.transpose(), lambda A: A.transpose(1, 0), lambda A: np.swapaxes(A, 0, 1)],
    "inv": [lambda S: np.linalg.inv(S)], "matrix_power": [lambda S: np.linalg.matrix_power(S, 3), lambda S: np.linalg.matrix_power(S, -2)],
    "solve": [lambda S, A: np.linalg.solve(S, A), lambda S, u: np.linalg.solve(S, u)], "det": [lambda S: np.linalg.det(S)],
    "trace": [lambda S: np.trace(S), lambda S: S.trace()],
    "dot": [lambda A, B: np.dot(A, B), lambda u, v: u.dot(v), lambda A, a: np.dot(A, a)],
    "outer": [lambda u, w: np.outer(u, w)], "kron": [lambda A, B: np.kron(A, B), lambda u, w: np.kron(u, w)],
    "diag": [lambda u: np.diag(u), lambda S: np.diag(S)],
    "einsum": [lambda A, B: np.einsum("ij,jk->ik", A, B), lambda A, B: np.einsum("ij,ji", A, B), lambda A: np.einsum("ij->j", A)],
    "eye": [lambda S: S + np.eye(S.shape[0]), lambda S: S + np.identity(len(S))],
    "ones": [lambda A: A @ np.ones((A.shape[1], 1)), lambda A: np.ones(A.shape[1]) + A], "zeros": [lambda A: A + np.zeros(A.shape)],
    "ones_like": [lambda A: A + np.ones_like(A)], "zeros_like": [lambda A: A + np.zeros_like(A)],
    "reshape": [lambda A: A.reshape(-1), lambda A: np.reshape(A, (-1, 1)), lambda A: A.reshape(A.shape[1], A.shape[0])],
    "ravel": [lambda A: A.ravel(), lambda A: A.flatten()],
    "stack": [lambda A, C: np.stack([A, C]), lambda A, C: np.stack((A, C), axis=-1), lambda a, b: np.array([1.0, 2.0]) * a],
    "concatenate": [lambda A, C: np.concatenate([A, C]), lambda A, C: np.concatenate((A, C), axis=1)],
    "hstack": [lambda A, C: np.hstack([A, C]), lambda u, w: np.hstack([u, w])], "vstack": [lambda A, C: np.vstack([A, C]), lambda u, v: np.vstack([u, v])],
    "column_stack": [lambda A, u: np.column_stack([A, u])],
    "index": [lambda A: A[0], lambda A: A[:, 0], lambda A: A[-1, 1], lambda A: A[..., None], lambda A: A[::-1, 1:], lambda A: sum(row for row in A)],
}  # fmt: skip
"""How an author writes each function in NumPy."""
CASES = [(name, index) for name, functions in NUMPY.items() for index in range(len(functions))]


def at(sizes, names, seed=3):
    draw = np.random.default_rng(seed)
    return {name: draw.uniform(0.1, 0.9, [sizes[letter] for letter in SHAPES[name]]) for name in names}


def numbers(sizes):
    return {name: tuple(sizes[letter] for letter in shape) for name, shape in SHAPES.items()}
