"""Matrix literals: cells between brackets as a vector of numbers, a matrix, or blocks side by side and on top of each other.

``[1, 2]`` is a vector, ``[1; 2]`` a column, ``[1, 2; 3, 4]`` a matrix; ``[h; x]`` puts h on top of x. What a comma means
between arrays is decided by their shapes: vectors of one length become rows, as in NumPy, and matrices go side by side.
A display has no attributes, or ``rows``: how many cells each row has.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.formula.expression import DISPLAY, Expression, attributes, call
from grader.formula.symbols import Shape

Shapes = Mapping[Expression, Shape | None]


def array_of_display(display: Expression, new: Mapping[Expression, Expression], shapes: Shapes) -> Expression:
    """Return the array that a display stands for; ``new`` holds what its cells have become, ``shapes`` their shapes.

    >>> from grader.formula.expression import literal, make
    >>> one, two = literal(1), literal(2)
    >>> column = call("display", one, two, rows=(1, 1))
    >>> array_of_display(column, {one: one, two: two}, {one: (), two: ()}) is call("stack", call("stack", one), call("stack", two))
    True
    """
    rows, grid = cells(display)
    blocks = [[new[cell] for cell in row] for row in rows]
    block_shapes = [[shapes[block] for block in row] for row in blocks]
    every = [shape for row in block_shapes for shape in row]
    if len(every) == 1 and not grid:
        return blocks[0][0]
    if all(shape == () for shape in every):
        return call("stack", *(call("stack", *row) for row in blocks)) if grid else call("stack", *blocks[0])
    rank = max(len(shape or ()) for shape in every)
    lifted = [
        [_with_rank(*cell, rank) for cell in zip(*row, strict=True)] for row in zip(blocks, block_shapes, strict=True)
    ]
    if not grid and rank < 2:
        return call("stack", *blocks[0]) if () not in every and len(set(every)) == 1 else joined(lifted[0], 0)
    if not grid and _fits_on_top_only(every):
        return joined(lifted[0], 0)
    if grid and rank < 2:
        rows_of_one = all(len(row) == 1 for row in lifted)
        return (
            joined([row[0] for row in lifted], 0) if rows_of_one else call("stack", *(joined(row, 0) for row in lifted))
        )
    return joined([joined(row, 1) for row in lifted], 0)


def cells(display: Expression) -> tuple[list[tuple[Expression, ...]], bool]:
    """Return the rows of a display, and whether it is a grid: one with rows, or a list of lists."""
    lengths = attributes(display).get("rows")
    if lengths:
        starts = [sum(lengths[:row]) for row in range(len(lengths))]
        return [display.args[start : start + length] for start, length in zip(starts, lengths, strict=True)], True
    nested = all(cell.op == DISPLAY and not attributes(cell) for cell in display.args)
    if nested and (len(display.args) > 1 or len(display.args[0].args) > 1):
        return [cell.args for cell in display.args], True
    return [display.args], False


def array_of_lists(display: Expression) -> Expression:
    """Return the array that NumPy makes of a list of lists."""
    return call("stack", *(array_of_lists(cell) if cell.op == DISPLAY else cell for cell in display.args))


def joined(arrays: list[Expression], axis: int) -> Expression:
    """Concatenate; one array alone stays as it is."""
    if len(arrays) == 1:
        return arrays[0]
    return call("concatenate", *arrays, **({"axis": axis} if axis else {}))


def _with_rank(cell: Expression, shape: Shape | None, rank: int) -> Expression:
    """A single number among arrays is an array of one entry."""
    if shape != ():
        return cell
    for _ in range(rank):
        cell = call("stack", cell)
    return cell


def _fits_on_top_only(shapes: list[Shape | None]) -> bool:
    """True if matrices fit on top of each other and not side by side: ``[h, x]`` with columns of unlike heights."""
    arrays = [shape for shape in shapes if shape]
    heights, widths = {shape[0] for shape in arrays}, {shape[-1] for shape in arrays}
    return len(heights) > 1 and len(widths) == 1
