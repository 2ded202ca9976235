"""Sample values of a symbol: random, of both signs and several scales, always within its declared domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from grader.formula.symbols import Domain, Range

Array = NDArray[np.float64]
Size = tuple[int, ...]


def sample(domain: Domain, shape: Size, draw: Generator, scale: float = 1.0) -> Array:
    """Return one random value of the domain, shape ``shape``; ``scale`` stretches what has no natural scale."""
    if isinstance(domain, Range):
        domain = domain.range
    if isinstance(domain, tuple):
        return draw.uniform(domain[0], domain[1], shape)
    value = SAMPLERS[_SHORT.get(domain, domain)](shape, draw, scale)
    return np.asarray(value, dtype=float)


def _real(shape: Size, draw: Generator, scale: float) -> Array:
    return scale * draw.normal(size=shape)


def _positive(shape: Size, draw: Generator, scale: float) -> Array:
    return scale * draw.lognormal(size=shape)


def _integers(shape: Size, draw: Generator, scale: float) -> Array:
    return draw.integers(-1 - int(9 * scale), 2 + int(9 * scale), size=shape).astype(float)


def _positive_integers(shape: Size, draw: Generator, scale: float) -> Array:
    return draw.integers(1, 3 + int(9 * scale), size=shape).astype(float)


def _square(shape: Size, draw: Generator, scale: float) -> Array:
    return scale * draw.normal(size=shape)


def _symmetric(shape: Size, draw: Generator, scale: float) -> Array:
    any_matrix = _square(shape, draw, scale)
    return any_matrix + any_matrix.T


def _positive_definite(shape: Size, draw: Generator, scale: float) -> Array:
    any_matrix = _square(shape, draw, scale)
    return any_matrix @ any_matrix.T + 0.1 * scale**2 * np.eye(shape[0])


def _orthogonal(shape: Size, draw: Generator, scale: float) -> Array:
    """Rotations and reflections: the sign of the first column is drawn."""
    rotation, _ = np.linalg.qr(draw.normal(size=shape))
    rotation[:, 0] *= draw.choice([-1.0, 1.0])
    return np.asarray(rotation)


def _diagonal(shape: Size, draw: Generator, scale: float) -> Array:
    return np.diag(scale * draw.normal(size=shape[0]))


def _skew(shape: Size, draw: Generator, scale: float) -> Array:
    any_matrix = _square(shape, draw, scale)
    return any_matrix - any_matrix.T


def _one_hot(shape: Size, draw: Generator, scale: float) -> Array:
    value = np.zeros(shape)
    value.flat[draw.integers(value.size)] = 1.0
    return value


def _simplex(shape: Size, draw: Generator, scale: float) -> Array:
    return draw.dirichlet(np.ones(int(np.prod(shape)))).reshape(shape)


def _rows(shape: Size, draw: Generator, scale: float) -> Array:
    return draw.dirichlet(np.ones(shape[-1]), size=shape[:-1])


def _binary(shape: Size, draw: Generator, scale: float) -> Array:
    return draw.integers(0, 2, size=shape).astype(float)


_SHORT = {
    "positive": "pos", "nonneg": "pos", "nonnegative": "pos", "negative": "neg", "integer": "int",
    "positive-integer": "posint", "probability": "prob", "symmetric": "sym", "orthogonal": "orth", "diagonal": "diagm",
}  # fmt: skip
SAMPLERS: Mapping[str, Callable[[Size, Generator, float], Array]] = {
    "real": _real,
    "pos": _positive,
    "neg": lambda shape, draw, scale: -_positive(shape, draw, scale),
    "int": _integers,
    "posint": _positive_integers,
    "prob": lambda shape, draw, scale: draw.uniform(0.0, 1.0, shape),
    "unit": lambda shape, draw, scale: draw.uniform(-1.0, 1.0, shape),
    "sym": _symmetric,
    "spd": _positive_definite,
    "orth": _orthogonal,
    "diagm": _diagonal,
    "skew": _skew,
    "onehot": _one_hot,
    "simplex": _simplex,
    "rowstoch": _rows,
    "binary": _binary,
}
