"""Brackets and bars: vectors, matrices, blocks, scalar products, absolute values and norms."""

from __future__ import annotations

from grader.core.errors import Unreadable
from grader.formula.expression import BARRED, DISPLAY, Expression, call, make
from grader.formula.parsing.grammar import BARS, COMPARISON, ONE_FACTOR, STARTS, Grammar
from grader.formula.parsing.lexing.tokens import Token

AROUND = {"⌊": "floor", "⌈": "ceil"}


def read_opened(parser: Grammar, opening: Token) -> Expression:
    """Read what a sign other than a round bracket opens."""
    if opening.text == "√":
        value = call("sqrt", parser.value())
        parser.doubt_reach_of_function()
        if parser.peek("-", "+") and parser.is_adjacent() and parser.previous.kind == "number":
            parser.note_doubt(ONE_FACTOR)
        return value
    if opening.text in ("[", "⟦"):
        return _display(parser, opening)
    if opening.text == "⟨":
        return call("sum", make("multiply", read_cells(parser, opening, 2)))
    if opening.text == "<":
        return _angled(parser, opening)
    if opening.text in AROUND:
        return call(AROUND[opening.text], *read_cells(parser, opening, 1))
    return _between_bars(parser, opening)


def read_bracket(parser: Grammar, opening: Token) -> Expression:
    """Read what stands in round brackets; several values with commas are a vector."""
    cells = read_cells(parser, opening)
    if len(cells) == 1 and parser.tokens[parser.position - 2].text != ",":
        return cells[0]
    if parser.text[: opening.start].rstrip()[-1:] not in tuple("(,="):
        parser.note_doubt("Values in round brackets were read as a vector.")
    return make(DISPLAY, cells)


def read_cells(parser: Grammar, opening: Token, count: int = 0) -> tuple[Expression, ...]:
    """Values with commas between them, up to the closing bracket."""
    outside, parser.open_bars = parser.open_bars, []
    outer, parser.space_separates = parser.space_separates, False
    parser.bracket_depth += 1
    found = [parser.expression(0)]
    while parser.accept(","):
        if not parser.peek(")"):
            found.append(parser.expression(0))
    parser.open_bars, parser.space_separates = outside, outer
    parser.bracket_depth -= 1
    if count and len(found) != count:
        shown = parser.text[opening.start : opening.end]
        wanted = "one value" if count == 1 else f"{count} values"
        raise Unreadable(f"“{shown}” stands around {wanted}.", (opening.start, parser.token.end))
    parser.expect_closing(opening)
    return tuple(found)


def _angled(parser: Grammar, opening: Token) -> Expression:
    """Read ``<u, v>``, the scalar product in plain typing."""
    left = parser.expression(COMPARISON)
    right = parser.expression(COMPARISON) if parser.accept(",") else None
    if right is None or not parser.accept(">"):
        raise Unreadable("“<” is not expected here.", (opening.start, opening.end))
    return call("sum", call("multiply", left, right))


def _display(parser: Grammar, opening: Token) -> Expression:
    """Read a vector, a matrix or blocks: commas, ampersands or, between numbers, spaces; rows end with a semicolon."""
    outside, parser.open_bars = parser.open_bars, []
    outer, parser.space_separates = parser.space_separates, opening.text == "[" and _are_cells_spaced(parser)
    rows: list[list[Expression]] = [[parser.expression(0)]]
    while not parser.peek("]", "⟧"):
        if parser.accept(";"):
            if parser.peek("⟧"):
                break
            rows.append([])
        elif not parser.accept(",", "&") and not is_cell_boundary(parser):
            parser.expect_closing(opening)
        rows[-1].append(parser.expression(0))
    parser.open_bars, parser.space_separates = outside, outer
    parser.expect_closing(opening)
    cells = tuple(cell for row in rows for cell in row)
    if len(cells) == 1 and opening.text == "[" and cells[0].op in ("juxtaposed", "matmul"):
        parser.note_doubt("Square brackets were read as brackets; blocks have a comma or a semicolon between them.")
    if len(rows) == 1 and opening.text == "[":
        return make(DISPLAY, cells)
    return make(DISPLAY, cells, (("rows", tuple(len(row) for row in rows)),))


def _are_cells_spaced(parser: Grammar) -> bool:
    """True if the bracket that was opened last parts its cells by spaces: it has numbers side by side, and no comma."""
    depth, rows = 0, False
    for at in range(parser.position, len(parser.tokens)):
        token = parser.tokens[at]
        if token.kind == "operator" and token.text in "([{":
            depth += 1
        elif token.kind == "operator" and token.text in ")]}":
            depth -= 1
            if depth < 0:
                return rows
        elif depth == 0 and token.text in (",", "&"):
            return False
        elif depth == 0:
            rows = rows or token.text == ";" or (token.kind == "number" and parser.tokens[at - 1].kind == "number")
    return False


def is_cell_boundary(parser: Grammar) -> bool:
    """True if a space parts two cells of a matrix: ``[1 2; 3 -4]``, ``[k 0; 0 -t]``."""
    if parser.position == 0 or parser.is_adjacent():
        return False
    before = parser.previous
    if parser.space_separates and (
        before.kind in STARTS or before.text in (")", "]", "}") or before.kind in ("transpose", "raised")
    ):
        after = parser.tokens[min(parser.position + 1, len(parser.tokens) - 1)]
        return parser.token.kind in STARTS or (parser.peek("-", "+") and after.start == parser.token.end)
    if before.kind != "number":
        return False
    if parser.token.kind == "number":
        return True
    after = parser.tokens[min(parser.position + 1, len(parser.tokens) - 1)]
    return parser.peek("-", "+") and after.kind == "number" and after.start == parser.token.end


def _between_bars(parser: Grammar, opening: Token) -> Expression:
    r"""Read ``|x|`` and ``‖x‖``; a bar closes what the same bar opened last, or ``\right|`` what ``\left|`` opened."""
    if opening.text == "||":
        return _double_bars(parser, opening)
    inner = _inside_bars(parser, opening)
    if BARS[opening.text] == "abs":
        return _absolute(parser, inner)
    return _norm(parser, inner)


def _absolute(parser: Grammar, inner: Expression) -> Expression:
    """Return what single bars mean: within a sum absolute values, elsewhere what the shapes say."""
    return call("abs", inner) if parser.reduction_depth else make(BARRED, (inner,))


def _double_bars(parser: Grammar, opening: Token) -> Expression:
    """Read ``||x||`` as a norm if it can be, else as one bar within another."""
    back, tokens, bars = parser.position, list(parser.tokens), list(parser.open_bars)
    depth, inside, review, doubt = parser.depth, parser.bracket_depth, parser.review, parser.doubt
    try:
        return _norm(parser, _inside_bars(parser, opening))
    except Unreadable:
        parser.tokens, parser.open_bars, parser.depth, parser.bracket_depth = tokens, bars, depth, inside
        parser.review, parser.doubt = review, doubt
    parser.backtrack(back)
    parser.tokens[back - 1 : back] = _halves(opening)
    parser.seek(back)
    return _absolute(parser, _inside_bars(parser, parser.tokens[back - 1]))


def _inside_bars(parser: Grammar, opening: Token) -> Expression:
    """Read what stands between two bars."""
    parser.open_bars.append(opening.text)
    inner = parser.expression(0)
    if opening.text == "|" and parser.peek("||"):
        parser.tokens[parser.position : parser.position + 1] = _halves(parser.token)
        parser.seek(parser.position)
    if not parser.accept(opening.text.replace("left", "right")):
        bar = parser.text[opening.start : opening.end]
        raise Unreadable(f"The bar “{bar}” is not closed.", (opening.start, opening.end))
    parser.open_bars.pop()
    return inner


def _norm(parser: Grammar, inner: Expression) -> Expression:
    """Read a norm, with which one it is as a subscript."""
    which = parser.advance().text if parser.token.kind == "subscript" else ""
    if which not in ("", "1", "2", "F"):
        raise Unreadable("Only the norms 1 and 2 are read here.", (parser.previous.start, parser.token.start))
    return call("norm", inner, **({"ord": int(which)} if which.isdigit() else {}))


def _halves(token: Token) -> list[Token]:
    """Cut ``||`` into two bars."""
    middle = (token.start + token.end) // 2
    return [Token("operator", "|", token.start, middle), Token("operator", "|", middle, token.end)]
