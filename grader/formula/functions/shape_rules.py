"""Shape rules for shape inference: from the shapes of the arguments to that of the result, or a sentence on why they do not fit.

Shapes are tuples of numbers, or of letters; attributes are the keywords of a call (``axis``, ``keepdims``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from grader.formula.symbols import Dim, Shape, format_shape, normalize_sum

Attrs = Mapping[str, Any]
Rule = Callable[[list[Shape], Attrs], Shape]


class ShapeError(Exception):
    """Shapes that do not go together; the sentence names them and is fit for a student."""


class Underspecified(ShapeError):
    """Nothing is wrong with the shapes, but one thing is not said that the result depends on."""


def unchanged(shapes: list[Shape], attrs: Attrs) -> Shape:
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
            raise ShapeError(_ranks_differ(result, shape))
        result = tuple(_broadcast_axis(a, b, result, shape) for a, b in zip(result, shape, strict=True))
    return result


def _ranks_differ(left: Shape, right: Shape) -> str:
    """What is wrong with two arrays of different ranks, and what NumPy would make of them."""
    axes = [f"{format_shape(shape)} has {len(shape)} ax{'i' if len(shape) == 1 else 'e'}s" for shape in (left, right)]
    sentence = f"{axes[0]} and {axes[1]}, so they do not go together entry by entry"
    try:
        by_numpy = format_shape(numpy_broadcast([left, right], {}))
    except ShapeError:
        return sentence
    return (
        sentence
        if by_numpy in map(format_shape, (left, right))
        else f"{sentence} (NumPy would make {by_numpy} of them)"
    )


def numpy_broadcast(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Entry by entry as NumPy does it: missing axes are added in front."""
    most = max(len(shape) for shape in shapes)
    return broadcast([(1,) * (most - len(shape)) + shape for shape in shapes], attrs)


def _broadcast_axis(a: Dim, b: Dim, left: Shape, right: Shape) -> Dim:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    raise ShapeError(
        f"{format_shape(left)} and {format_shape(right)} do not go together entry by entry: {a} is not {b}"
    )


def product(shapes: list[Shape], attrs: Attrs) -> Shape:
    """The matrix product: the inner sizes must be equal; a vector (n,) counts as a row on the left, a column on the right.

    More than two axes are a stack of matrices, as in NumPy.
    """
    left, right = shapes
    if not left or not right:
        raise ShapeError("@ multiplies matrices and vectors, and one side is a single number")
    inner = right[-2] if len(right) > 1 else right[0]
    if left[-1] != inner:
        raise ShapeError(
            f"in {format_shape(left)} times {format_shape(right)} the inner sizes {left[-1]} and {inner} differ"
        )
    stacked = numpy_broadcast([left[:-2], right[:-2]], attrs)
    return stacked + left[-2:-1] + (right[-1:] if len(right) > 1 else ())


def transposed(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Axes in reverse order, or in that of ``axes``; of a vector (n,) nothing changes, as in NumPy."""
    [shape] = shapes
    axes = attrs.get("axes")
    if axes is None:
        return shape[::-1]
    if sorted(axes) != list(range(len(shape))):
        raise ShapeError(f"the axes of {format_shape(shape)} cannot be put into the order {tuple(axes)}")
    return tuple(shape[axis] for axis in axes)


def square(shapes: list[Shape], attrs: Attrs) -> Shape:
    """A square matrix in, the same shape out."""
    [shape] = shapes
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ShapeError(f"a square matrix is needed here, and this is {format_shape(shape)}")
    return shape


def square_to_number(shapes: list[Shape], attrs: Attrs) -> Shape:
    """A square matrix in, a number out."""
    square(shapes, attrs)
    return ()


def reduced(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Along one axis or several, or along all when no axis is given."""
    [shape] = shapes
    axis, keep = attrs.get("axis"), attrs.get("keepdims")
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    reduced_axes = {index(each, shape) for each in axes}
    return tuple(1 if at in reduced_axes else dim for at, dim in enumerate(shape) if keep or at not in reduced_axes)


def normed(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Reduced; where it is said which norm, it is that of a vector (n,) or n×1: of a matrix NumPy takes another one."""
    [shape] = shapes
    if attrs.get("ord") is not None and isinstance(attrs.get("axis"), tuple):
        raise ShapeError("this norm is taken along one axis")
    if attrs.get("ord") is not None and attrs.get("axis") is None and len(shape) > 1 and shape[1:] != (1,):
        raise ShapeError(f"this norm is taken of a vector, and this is {format_shape(shape)}")
    return reduced(shapes, attrs)


def along_axis(shapes: list[Shape], attrs: Attrs) -> Shape:
    """The same shape, computed along an axis that must be said for a matrix."""
    [shape] = shapes
    axis = attrs.get("axis")
    if axis is not None:
        index(axis, shape)
    elif len(shape) > 1 and 1 not in shape:
        raise Underspecified(f"of a matrix ({format_shape(shape)}) the axis must be said: axis=0 or axis=1")
    return shape


def index(axis: int, shape: Shape) -> int:
    """Return an axis counted from the front; ShapeError where the shape has none such."""
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(f"there is no axis {axis} in {format_shape(shape)}")
    return axis % len(shape)


def vectors_to_number(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``dot``: two vectors to a number, otherwise a matrix product."""
    return product(shapes, attrs) if all(shapes) else broadcast(shapes, attrs)


def equal_shapes_to_number(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``inner``: two vectors, columns or rows of one shape to a number."""
    left, right = shapes
    if left != right or len([dim for dim in left if dim != 1]) > 1:
        raise ShapeError(
            f"the inner product takes two vectors of one shape, and these are {format_shape(left)} and {format_shape(right)}"
        )
    return ()


def outer(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Two vectors (m,) and (n,) to m×n; columns and rows count as vectors."""
    sizes: list[Dim] = []
    for shape in shapes:
        long = [dim for dim in shape if dim != 1]
        if len(long) > 1:
            raise ShapeError(f"the outer product takes two vectors, and {format_shape(shape)} is none")
        sizes.append(long[0] if long else 1)
    return tuple(sizes)


def kronecker(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Two matrices, or two vectors: sizes multiply."""
    left, right = shapes
    if len(left) != len(right) or not 1 <= len(left) <= 2:
        raise ShapeError("the Kronecker product takes two matrices")
    return tuple(times((a, b)) for a, b in zip(left, right, strict=True))


def solving(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``solve(A, b)``: a square matrix and what it is multiplied with to give b."""
    square(shapes[:1], attrs)
    return product(shapes, attrs)


def diagonal(shapes: list[Shape], attrs: Attrs) -> Shape:
    """A vector to a diagonal matrix, be it a column or a row; a square matrix to its diagonal."""
    [shape] = shapes
    if len(shape) == 2 and shape != (1, 1) and 1 in shape:
        shape = tuple(dim for dim in shape if dim != 1)
    return (shape[0], shape[0]) if len(shape) == 1 else square(shapes, attrs)[:1]


def times(dims: tuple[Dim, ...]) -> Dim:
    """Multiply axis lengths; letters give a text such as ``2·m``."""
    number = prod(dim for dim in dims if isinstance(dim, int))
    letters = [each for dim in dims if isinstance(dim, str) for each in dim.split("·")]
    return "·".join([str(number)] * (number != 1) + sorted(letters)) if letters else number


def plus(dims: tuple[Dim, ...]) -> Dim:
    """Add axis lengths; letters give a text such as ``d+m``, in alphabetical order."""
    if all(isinstance(dim, int) for dim in dims):
        return sum(map(int, dims))
    return normalize_sum(each for dim in dims for each in str(dim).split("+"))


def in_general(shape: Shape) -> bool:
    """True if a shape holds in general: letters and ones only, none of them worked out from others."""
    return all(dim == 1 or (isinstance(dim, str) and dim.isidentifier()) for dim in shape)
