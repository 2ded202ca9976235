"""Shape rules: from the shapes of the arguments to the shape of the result, or a sentence on why they do not fit.

Shapes are tuples of numbers, or of letters; attributes are the keywords of a call (``axis``, ``keepdims``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.formula.symbols import Shape, written

Attrs = Mapping[str, Any]
Rule = Callable[[list[Shape], Attrs], Shape]


class Misfit(Exception):
    """Shapes that do not go together; the sentence names them and is fit for a student."""


def same(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Entry by entry on one argument."""
    return shapes[0]


def broadcast(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Entry by entry on several arguments of one rank, or a single number with anything.

    Mixing ranks, which NumPy allows, is refused: (n,) with (n, 1) would silently become n×n.
    """
    full = [shape for shape in shapes if shape]
    if not full:
        return ()
    result = full[0]
    for shape in full[1:]:
        if len(shape) != len(result):
            raise Misfit(
                f"{written(result)} and {written(shape)} have different numbers of axes, so they do not go together entry by entry"
            )
        result = tuple(_axis(a, b, result, shape) for a, b in zip(result, shape, strict=True))
    return result


def _axis(a: int | str, b: int | str, left: Shape, right: Shape) -> int | str:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    raise Misfit(f"{written(left)} and {written(right)} do not go together entry by entry: {a} is not {b}")


def product(shapes: list[Shape], attrs: Attrs) -> Shape:
    """The matrix product: the inner sizes must be equal; a vector (n,) counts as a row on the left, a column on the right."""
    left, right = shapes
    if not left or not right:
        raise Misfit("@ multiplies matrices and vectors, and one side is a single number")
    inner = right[-2] if len(right) > 1 else right[0]
    if left[-1] != inner:
        raise Misfit(
            f"in {written(left)} times {written(right)} the inner sizes {left[-1]} and {inner} differ"
        )
    return left[:-1] + (right[:-2] + right[-1:] if len(right) > 1 else ())


def transposed(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Axes in reverse order; of a vector (n,) nothing changes, as in NumPy."""
    return shapes[0][::-1]


def square(shapes: list[Shape], attrs: Attrs) -> Shape:
    """A square matrix in, the same shape out."""
    [shape] = shapes
    if len(shape) != 2 or shape[0] != shape[1]:
        raise Misfit(f"a square matrix is needed here, and this is {written(shape)}")
    return shape


def square_to_number(shapes: list[Shape], attrs: Attrs) -> Shape:
    """A square matrix in, a number out."""
    square(shapes, attrs)
    return ()


def reduced(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Along one axis, or along all when no axis is given."""
    [shape] = shapes
    axis, keep = attrs.get("axis"), attrs.get("keepdims")
    if axis is None:
        return (1,) * len(shape) if keep else ()
    at = _index(axis, shape)
    return shape[:at] + ((1,) if keep else ()) + shape[at + 1 :]


def along(shapes: list[Shape], attrs: Attrs) -> Shape:
    """The same shape, computed along an axis that must be said for a matrix."""
    [shape] = shapes
    axis = attrs.get("axis")
    if axis is not None:
        _index(axis, shape)
    elif len(shape) > 1 and 1 not in shape:
        raise Misfit(f"of a matrix ({written(shape)}) the axis must be said, as in axis=1")
    return shape


def _index(axis: int, shape: Shape) -> int:
    if not -len(shape) <= axis < len(shape):
        raise Misfit(f"there is no axis {axis} in {written(shape)}")
    return axis % len(shape)


def vectors_to_number(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``dot``: two vectors to a number, otherwise a matrix product."""
    return product(shapes, attrs) if all(shapes) else broadcast(shapes, attrs)


def outer(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Two vectors (m,) and (n,) to m×n; columns and rows count as vectors."""
    sizes: list[int | str] = []
    for shape in shapes:
        long = [dim for dim in shape if dim != 1]
        if len(long) > 1:
            raise Misfit(f"the outer product takes two vectors, and {written(shape)} is none")
        sizes.append(long[0] if long else 1)
    return tuple(sizes)


def kronecker(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Two matrices in numbers: sizes multiply."""
    left, right = shapes
    if len(left) != 2 or len(right) != 2:
        raise Misfit("the Kronecker product takes two matrices")
    return tuple(_times(a, b) for a, b in zip(left, right, strict=True))


def _times(a: int | str, b: int | str) -> int | str:
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    return b if a == 1 else a if b == 1 else f"{a}·{b}"


def solving(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``solve(A, b)``: a square matrix and what it is multiplied with to give b."""
    square(shapes[:1], attrs)
    return product(shapes, attrs)


def diagonal(shapes: list[Shape], attrs: Attrs) -> Shape:
    """A vector to a diagonal matrix, a square matrix to its diagonal."""
    [shape] = shapes
    return (shape[0], shape[0]) if len(shape) == 1 else square(shapes, attrs)[:1]
