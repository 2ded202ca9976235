"""Shape rules of what builds arrays and takes them apart: stacking, indexing, reshaping, einsum."""

from __future__ import annotations

import re

from grader.formula.functions.shape_rules import Attrs, ShapeError, index, plus, times
from grader.formula.symbols import Dim, Shape, format_shape

SUBSCRIPTS = re.compile(r"[A-Za-z]*(?:,[A-Za-z]*)*(?:->[A-Za-z]*)?")
MAX_ENTRIES = 4096
"""The largest array that a formula may build."""


def stacked(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Arrays of one shape, along a new axis."""
    first = shapes[0]
    for shape in shapes[1:]:
        if shape != first:
            raise ShapeError(
                f"only equal shapes can be stacked, and these are {format_shape(first)} and {format_shape(shape)}"
            )
    axis = index(attrs.get("axis") or 0, (*first, 1))
    return (*first[:axis], len(shapes), *first[axis:])


def concatenated(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Arrays one after the other along an axis they have; the other axes are equal."""
    first = shapes[0]
    if not first:
        raise ShapeError("a single number has no axis along which it could be concatenated")
    axis = index(attrs.get("axis") or 0, first)
    for shape in shapes[1:]:
        if len(shape) != len(first) or shape[:axis] + shape[axis + 1 :] != first[:axis] + first[axis + 1 :]:
            raise ShapeError(f"{format_shape(first)} and {format_shape(shape)} do not go together along axis {axis}")
    return (*first[:axis], plus(tuple(shape[axis] for shape in shapes)), *first[axis + 1 :])


def side_by_side(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``hstack``: along the columns; vectors one after the other."""
    return concatenated(shapes, {"axis": 0 if len(shapes[0]) == 1 else 1})


def on_top(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``vstack``: along the rows; a vector is one row."""
    return concatenated([(1, *shape) if len(shape) == 1 else shape for shape in shapes], {})


def columns(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``column_stack``: along the columns; a vector is one column."""
    return concatenated([(*shape, 1) if len(shape) == 1 else shape for shape in shapes], {"axis": 1})


def reshaped(shapes: list[Shape], attrs: Attrs) -> Shape:
    """The same entries, row by row, in the shape that is said; one length may be −1."""
    [shape] = shapes
    wanted: Shape = attrs["shape"]
    total = times(shape)
    if list(wanted).count(-1) > 1 or any(isinstance(dim, int) and dim < -1 for dim in wanted):
        raise ShapeError(f"{wanted} is no shape")
    rest = times(tuple(dim for dim in wanted if dim != -1))
    if isinstance(total, int) and isinstance(rest, int):
        fits = (total % rest == 0 if rest else False) if -1 in wanted else total == rest
        if not fits:
            raise ShapeError(f"{format_shape(shape)} has {total} entries, which do not fill {wanted}")
        return tuple(total // rest if dim == -1 else dim for dim in wanted)
    return tuple(f"{total}/{rest}" if dim == -1 else dim for dim in wanted)


def flat(shapes: list[Shape], attrs: Attrs) -> Shape:
    """All entries, row by row, in one vector."""
    return (times(shapes[0]),)


def filled(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``ones`` and ``zeros``: the shape that is said."""
    shape: Shape = attrs["shape"]
    entries = times(shape)
    if any(not isinstance(dim, int) or dim < 1 for dim in shape):
        raise ShapeError(f"{shape} is no shape")
    if isinstance(entries, int) and entries > MAX_ENTRIES:
        raise ShapeError(f"an array may have at most {MAX_ENTRIES:,} entries")
    return shape


def eye(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``eye(n)``: n×n."""
    shape = filled(shapes, attrs)
    if len(shape) != 1:
        raise ShapeError("the identity matrix has one size, as in eye(3)")
    return shape * 2


def one_hot(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``onehot(i, n)``: (n,), with its 1 at index i from 0."""
    place, size = attrs["shape"] if len(attrs["shape"]) == 2 else (0, 0)
    if not 0 <= place < size <= MAX_ENTRIES:
        raise ShapeError("onehot(i, n) takes an index from 0 to n − 1 and the length n")
    return (size,)


def indexed(shapes: list[Shape], attrs: Attrs) -> Shape:
    """``A[1, :2]``: a number takes its axis away, a slice (start, stop, step) shortens it, None makes a new one."""
    [shape] = shapes
    items = tuple(attrs["at"])
    indexed_axes = sum(item is not None and item != "..." for item in items)
    if indexed_axes > len(shape):
        raise ShapeError(f"{format_shape(shape)} has no {indexed_axes} axes to index")
    if "..." not in items:
        items = (*items, "...")
    result: list[Dim] = []
    rest = list(shape)
    for item in items:
        if item is None:
            result.append(1)
        elif item == "...":
            skipped = len(shape) - indexed_axes
            result += rest[:skipped]
            rest = rest[skipped:]
        elif isinstance(item, tuple):
            result.append(_sliced(rest.pop(0), item))
        else:
            _check_index(rest.pop(0), item, shape)
    return tuple(result)


def _check_index(dim: Dim, place: int, shape: Shape) -> None:
    if isinstance(dim, int) and not -dim <= place < dim:
        raise ShapeError(f"there is no index {place} in an axis of {dim} of {format_shape(shape)}, which counts from 0")


def _sliced(dim: Dim, cut: tuple[int | None, int | None, int | None]) -> Dim:
    if cut in ((None, None, None), (None, None, -1)):
        return dim
    if isinstance(dim, int):
        size = len(range(*slice(*cut).indices(dim)))
        if not size:
            raise ShapeError("this slice is empty")
        return size
    start, stop, step = cut[0] or 0, cut[1], cut[2] or 1
    if step == 1 and start >= 0 and stop is not None and stop > start:
        return stop - start
    return f"{dim}[{':'.join('' if part is None else str(part) for part in cut)}]"


def einsum(shapes: list[Shape], attrs: Attrs) -> Shape:
    """Einstein's summation as NumPy writes it: letters for axes, a letter that the result lacks is summed over."""
    sizes = axis_lengths(shapes, attrs["subscripts"])
    return tuple(sizes[letter] for letter in output_letters(attrs["subscripts"]))


def axis_lengths(shapes: list[Shape], subscripts: str) -> dict[str, Dim]:
    """Return the length of the axis that each letter of an einsum stands for."""
    inputs = subscripts.partition("->")[0].split(",")
    if not SUBSCRIPTS.fullmatch(subscripts) or len(inputs) != len(shapes):
        raise ShapeError(f"the subscripts “{subscripts}” do not fit {len(shapes)} arrays")
    sizes: dict[str, Dim] = {}
    for text, shape in zip(inputs, shapes, strict=True):
        if len(text) != len(shape):
            raise ShapeError(f"“{text}” in “{subscripts}” has {len(text)} letters for {format_shape(shape)}")
        for letter, dim in zip(text, shape, strict=True):
            if sizes.setdefault(letter, dim) != dim:
                raise ShapeError(f"the axes that “{letter}” stands for in “{subscripts}” are {sizes[letter]} and {dim}")
    unknown = [letter for letter in output_letters(subscripts) if letter not in sizes]
    if unknown or len(set(output_letters(subscripts))) < len(output_letters(subscripts)):
        raise ShapeError(f"the result of “{subscripts}” has letters twice, or letters that no array has")
    return sizes


def output_letters(subscripts: str) -> str:
    """Return the letters of the result; where none are said, those that occur once, in alphabetical order."""
    inputs, arrow, result = subscripts.partition("->")
    if arrow:
        return result
    plain = inputs.replace(",", "")
    return "".join(sorted(letter for letter in set(plain) if plain.count(letter) == 1))
