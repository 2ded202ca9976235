"""What a formula is made of: numbers, names, brackets and bars, vectors and matrices. Functions are in ``calls``."""

from __future__ import annotations

from grader.core.errors import Unreadable
from grader.formula.expression import BARRED, DISPLAY, IDENTITY, Expression, call, literal, make, symbol
from grader.formula.functions.call_arguments import Misused, apply_function
from grader.formula.functions.table import COMPARISONS
from grader.formula.parsing.cursor import Cursor
from grader.formula.parsing.lexing.definitions import size
from grader.formula.parsing.lexing.lexer import Token, exact
from grader.formula.tracing.differentiate import Underivable

BARS = {"|": "abs", "‖": "norm", "||": "norm", "left|": "abs", "left‖": "norm"}
AROUND = {"⌊": "floor", "⌈": "ceil"}
COMPARISON, SUM, HADAMARD, PRODUCT, JUXTAPOSITION, SIGN = 5, 10, 15, 20, 25, 30
"""How strongly operators bind."""
OPENS = frozenset(("(", "{", "[", "⟦", "⌊", "⌈", "⟨", "√", *BARS))
STARTS = frozenset(("number", "symbol", "constant", "function", "frac", "defined", "size", "identity"))
MOST_PRIMES = 3
MOST_TRIES = 12
ONE_FACTOR = "A function without brackets was applied to the next factor only."


class Values(Cursor):
    """Reads one value; what joins values is read in ``notation``."""

    bars: list[str]
    inside = 0
    fraction = -1
    reducing = 0
    spaced = False
    tries = 0

    def expression(self, binding: int) -> Expression:
        """Read as much as binds more strongly than ``binding``."""
        raise NotImplementedError

    def powers(self, value: Expression, start: int) -> Expression:
        """Read all that follows a value."""
        raise NotImplementedError

    def exponent(self) -> Expression:
        """Read what stands in a superscript."""
        raise NotImplementedError

    def starts(self) -> bool:
        """Whether a value comes next."""
        return self.token.kind in STARTS or (self.token.kind == "operator" and self.token.text in OPENS)

    def value(self) -> Expression:
        """Read a number, a name, a function or a bracket with what is in it."""
        start, kind = self.token.start, self.token.kind
        if kind in STARTS:
            return self.made(getattr(self, f"a_{kind}")(self.next()), start)
        if kind == "operator" and (self.token.text in OPENS or self.token.text == "<"):
            opening = self.next()
            if opening.text in ("(", "{"):
                return self.bracket(opening)
            self.enter()
            value = self.opened(opening)
            self.depth -= 1
            return self.made(value, start)
        raise self.unexpected()

    def opened(self, opening: Token) -> Expression:
        """Read what a sign other than a round bracket opens."""
        if opening.text == "√":
            value = call("sqrt", self.value())
            self.one_factor()
            if self.sees("-", "+") and self.adjoins() and self.tokens[self.at - 1].kind == "number":
                self.doubt = self.doubt or ONE_FACTOR
            return value
        if opening.text in ("[", "⟦"):
            return self.display(opening)
        if opening.text == "⟨":
            return call("sum", make("multiply", self.cells(opening, 2)))
        if opening.text == "<":
            return self.angled(opening)
        if opening.text in AROUND:
            return call(AROUND[opening.text], *self.cells(opening, 1))
        return self.between_bars(opening)

    def a_number(self, token: Token) -> Expression:
        """An exact number; ``1[x > 0]`` is 1 where that holds, else 0."""
        if token.text == "1" and self.sees("[", "{") and (condition := self.condition()):
            return condition
        return literal(exact(token.text))

    def condition(self) -> Expression | None:
        """A comparison in brackets; None, at the same place as before, where something else stands there."""
        back = self.at
        cells = self.cells(self.next())
        found = cells[0]
        factors = found.args if found.op == "multiply" else (found,)
        if len(cells) == 1 and all(each.op in COMPARISONS for each in factors):
            return found
        self.again(back)
        return None

    def again(self, back: int) -> None:
        """Go back to read something in another way; not so often that it takes long."""
        self.tries += 1
        if self.tries > MOST_TRIES:
            raise Unreadable(
                "This formula has too many brackets that could be read in several ways.",
                (self.tokens[back].start, self.token.start),
            )
        self.go(back)

    def a_symbol(self, token: Token) -> Expression:
        """A declared symbol."""
        if token.text not in self.vocabulary.symbols:
            shown = self.text[token.start : token.end]
            raise Unreadable(f"“{shown}” is what is asked for; write what it equals.", (token.start, token.end))
        return symbol(token.text)

    def a_constant(self, token: Token) -> Expression:
        """``pi`` or ``e``."""
        return symbol(token.text)

    def a_size(self, token: Token) -> Expression:
        """A letter of the problem's sizes."""
        return size(token.text, self.vocabulary.sizes[token.text]).named()

    def a_defined(self, token: Token) -> Expression:
        """A name that the author defined, as a value or as a function with its derivatives."""
        definition = self.vocabulary.definitions[token.text]
        if definition.parameter is None:
            return definition.named()
        primes = self.primes(token)
        if not self.sees("(", "{", "["):
            raise Unreadable(f"The function “{token.text}” needs something in brackets.", (token.start, token.end))
        [argument] = self.cells(self.next(), 1)
        try:
            return definition.of(argument, primes)
        except Underivable as error:
            raise Unreadable(str(error), (token.start, token.end)) from None

    def a_identity(self, token: Token) -> Expression:
        """``I`` or ``I_3``; before a comparison in brackets it is 1 where that holds, else 0."""
        if self.sees("(", "[", "{") and token.text in ("", "𝟙") and (condition := self.condition()):
            return condition
        if token.text == "𝟙":
            raise Unreadable("Write a vector of ones as ones(3) or ones((3, 1)).", (token.start, token.end))
        if not token.text:
            return make(IDENTITY)
        length = self.vocabulary.sizes.get(token.text, token.text)
        try:
            return apply_function("eye", [literal(int(length))], {})
        except (ValueError, Misused):
            span = (token.start, token.end)
            raise Unreadable("The size of this identity matrix is not known; write it as in I_3.", span) from None

    def a_frac(self, token: Token) -> Expression:
        r"""``\frac{a}{b}``, ``\binom{n}{k}``."""
        self.enter()
        top, bottom = self.value(), self.value()
        self.depth -= 1
        self.fraction = self.at
        return call("binomial" if token.text == "binomial" else "divide", top, bottom)

    def bracket(self, opening: Token) -> Expression:
        """What stands in round brackets; several values with commas are a vector."""
        cells = self.cells(opening)
        if len(cells) == 1 and self.tokens[self.at - 2].text != ",":
            return cells[0]
        if self.text[: opening.start].rstrip()[-1:] not in tuple("(,="):
            self.doubt = self.doubt or "Values in round brackets were read as a vector."
        return make(DISPLAY, cells)

    def cells(self, opening: Token, count: int = 0) -> tuple[Expression, ...]:
        """Values with commas between them, up to the closing bracket."""
        outside, self.bars = self.bars, []
        outer, self.spaced = self.spaced, False
        self.inside += 1
        found = [self.expression(0)]
        while self.skips(","):
            if not self.sees(")"):
                found.append(self.expression(0))
        self.bars, self.spaced = outside, outer
        self.inside -= 1
        if count and len(found) != count:
            shown = self.text[opening.start : opening.end]
            wanted = "one value" if count == 1 else f"{count} values"
            raise Unreadable(f"“{shown}” stands around {wanted}.", (opening.start, self.token.end))
        self.close(opening)
        return tuple(found)

    def angled(self, opening: Token) -> Expression:
        """``<u, v>``, the scalar product in plain typing."""
        left = self.expression(COMPARISON)
        right = self.expression(COMPARISON) if self.skips(",") else None
        if right is None or not self.skips(">"):
            raise Unreadable("“<” is not expected here.", (opening.start, opening.end))
        return call("sum", call("multiply", left, right))

    def display(self, opening: Token) -> Expression:
        """A vector, a matrix or blocks: commas, ampersands or, between numbers, spaces; rows end with a semicolon."""
        outside, self.bars = self.bars, []
        outer, self.spaced = self.spaced, opening.text == "[" and self.rows_of_cells()
        rows: list[list[Expression]] = [[self.expression(0)]]
        while not self.sees("]", "⟧"):
            if self.skips(";"):
                if self.sees("⟧"):
                    break
                rows.append([])
            elif not self.skips(",", "&") and not self.parted():
                self.close(opening)
            rows[-1].append(self.expression(0))
        self.bars, self.spaced = outside, outer
        self.close(opening)
        cells = tuple(cell for row in rows for cell in row)
        if len(cells) == 1 and opening.text == "[" and cells[0].op in ("juxtaposed", "matmul"):
            self.doubt = (
                self.doubt or "Square brackets were read as brackets; blocks have a comma or a semicolon between them."
            )
        if len(rows) == 1 and opening.text == "[":
            return make(DISPLAY, cells)
        return make(DISPLAY, cells, (("rows", tuple(len(row) for row in rows)),))

    def rows_of_cells(self) -> bool:
        """Whether the bracket that was opened last parts its cells by spaces: it has numbers side by side, and no comma."""
        depth, rows = 0, False
        for at in range(self.at, len(self.tokens)):
            token = self.tokens[at]
            if token.kind == "operator" and token.text in "([{":
                depth += 1
            elif token.kind == "operator" and token.text in ")]}":
                depth -= 1
                if depth < 0:
                    return rows
            elif depth == 0 and token.text in (",", "&"):
                return False
            elif depth == 0:
                rows = rows or token.text == ";" or (token.kind == "number" and self.tokens[at - 1].kind == "number")
        return False

    def parted(self) -> bool:
        """Whether a space parts two cells of a matrix: ``[1 2; 3 -4]``, ``[k 0; 0 -t]``."""
        if self.at == 0 or self.adjoins():
            return False
        before = self.tokens[self.at - 1]
        if self.spaced and (
            before.kind in STARTS or before.text in (")", "]", "}") or before.kind in ("transpose", "raised")
        ):
            after = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
            return self.token.kind in STARTS or (self.sees("-", "+") and after.start == self.token.end)
        if before.kind != "number":
            return False
        if self.token.kind == "number":
            return True
        after = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        return self.sees("-", "+") and after.kind == "number" and after.start == self.token.end

    def between_bars(self, opening: Token) -> Expression:
        r"""``|x|`` and ``‖x‖``; a bar closes what the same bar opened last, or ``\right|`` what ``\left|`` opened."""
        if opening.text == "||":
            return self.doubled(opening)
        inner = self.barred(opening)
        if BARS[opening.text] == "abs":
            return self.absolute(inner)
        return self.norm(inner)

    def absolute(self, inner: Expression) -> Expression:
        """What single bars mean: within a sum absolute values, elsewhere what the shapes say."""
        return call("abs", inner) if self.reducing else make(BARRED, (inner,))

    def doubled(self, opening: Token) -> Expression:
        """``||x||`` is a norm if it can be, else one bar within another."""
        back, tokens, bars = self.at, list(self.tokens), list(self.bars)
        depth, inside, review, doubt = self.depth, self.inside, self.review, self.doubt
        try:
            return self.norm(self.barred(opening))
        except Unreadable:
            self.tokens, self.bars, self.depth, self.inside = tokens, bars, depth, inside
            self.review, self.doubt = review, doubt
        self.again(back)
        self.tokens[back - 1 : back] = halves(opening)
        self.go(back)
        return self.absolute(self.barred(self.tokens[back - 1]))

    def barred(self, opening: Token) -> Expression:
        """What stands between two bars."""
        self.bars.append(opening.text)
        inner = self.expression(0)
        if opening.text == "|" and self.sees("||"):
            self.tokens[self.at : self.at + 1] = halves(self.token)
            self.go(self.at)
        if not self.skips(opening.text.replace("left", "right")):
            bar = self.text[opening.start : opening.end]
            raise Unreadable(f"The bar “{bar}” is not closed.", (opening.start, opening.end))
        self.bars.pop()
        return inner

    def norm(self, inner: Expression) -> Expression:
        """A norm, with which one it is as a subscript."""
        which = self.next().text if self.token.kind == "subscript" else ""
        if which not in ("", "1", "2", "F"):
            raise Unreadable(
                "Only the norms 1 and 2 are read here.", (self.tokens[self.at - 1].start, self.token.start)
            )
        return call("norm", inner, **({"ord": int(which)} if which.isdigit() else {}))

    def primes(self, token: Token) -> int:
        """How often a function is differentiated."""
        count = 0
        while self.skips("'"):
            count += 1
        if count > MOST_PRIMES:
            raise Unreadable("At most three derivatives are read here.", (token.start, self.token.start))
        return count

    def one_factor(self) -> None:
        """Doubt where a function without brackets ends, unless nothing follows that could belong to it."""
        follows = self.token.kind in STARTS or self.sees(*OPENS, "*", "/", "@", "product", "elementwise")
        if follows and self.tokens[self.at - 1].text not in (")", "}", "]"):
            self.doubt = self.doubt or ONE_FACTOR


def halves(token: Token) -> list[Token]:
    """Cut ``||`` into two bars."""
    middle = (token.start + token.end) // 2
    return [Token("operator", "|", token.start, middle), Token("operator", "|", middle, token.end)]
