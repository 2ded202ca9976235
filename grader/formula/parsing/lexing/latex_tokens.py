"""Tokens that begin with a backslash: LaTeX commands, matrix environments and fractions."""

from __future__ import annotations

import re

from grader.core.errors import Unreadable
from grader.formula.functions.table import CONSTANTS, SPELLINGS
from grader.formula.parsing.lexing import patterns
from grader.formula.parsing.lexing.scanner import Scanner, brace_group_end
from grader.formula.parsing.lexing.tokens import Token
from grader.formula.parsing.lexing.vocabulary import GREEK
from grader.formula.parsing.lexing.word_tokens import function_named, scan_builtin_name, scan_identity_or_logarithm


def scan_command(scanner: Scanner) -> Token | None:
    """Read a command; None where it only sets a space or a font.

    A name of the question may itself be written as a command, so names are tried before fonts and Greek letters.
    """
    found = patterns.LATEX_COMMAND.match(scanner.text, scanner.position, scanner.end)
    name = found[1] if found else ""
    if sided := patterns.LEFT_RIGHT_BAR.match(scanner.text, scanner.position, scanner.end):
        bar = sided[2] if len(sided[2]) == 1 else patterns.LATEX_BARS[sided[2][1:]]
        return scanner.take("operator", f"{sided[1]}{bar}", sided.end())
    if found and name in patterns.LATEX_BARS:
        return scanner.take("operator", patterns.LATEX_BARS[name], found.end())
    if environment := patterns.MATRIX_ENVIRONMENT.match(scanner.text, scanner.position, scanner.end):
        return _scan_environment(scanner, environment)
    if rows := patterns.ROW_END.match(scanner.text, scanner.position, scanner.end):
        return scanner.take("operator", ";", rows.end())
    if found and name in patterns.LATEX_OPERATORS:
        return scanner.take("operator", patterns.LATEX_OPERATORS[name], found.end())
    if found and name in ("frac", "dfrac", "tfrac", "cfrac"):
        return _scan_fraction(scanner, found.end())
    if found and name in ("binom", "dbinom", "tbinom"):
        return scanner.take("frac", "binomial", found.end())
    if found and name == "sqrt":
        return scanner.take("function", "sqrt", found.end())
    if found and name in ("top", "intercal"):
        return scanner.take("transpose", name, found.end())
    known = scanner.vocabulary.longest_name(scanner.text, scanner.position)
    if known:
        return scanner.take_name(known.name, known.end)
    if special := scan_identity_or_logarithm(scanner):
        return special
    refuse_big_operator(scanner)
    if text := patterns.UPRIGHT_QUOTED_TEXT.match(scanner.text, scanner.position, scanner.end):
        return scanner.take("text", text[1], text.end())
    upright = patterns.UPRIGHT_WORD.match(scanner.text, scanner.position, scanner.end)
    word = upright[1].replace("\\", "") if upright else ""
    if upright and (
        function_named(word) or word in (*patterns.KEYWORDS, *patterns.PYTHON_CONSTANTS, *patterns.ARRAY_CONSTRUCTORS)
    ):
        return scan_builtin_name(scanner, word, upright.end())
    if name == " " and scanner.text[scanner.position - 1].isspace() and scanner.text.count("\\") == 1:
        raise Unreadable("“\\” is not read here; write solve(A, b).", (scanner.position, scanner.position + 1))
    if found and (name in patterns.SPACING_COMMANDS or name in ("mathrm", "operatorname", "text", "mathbf", "mathit")):
        scanner.position = found.end()
        return None
    if found and name.lower() in GREEK:
        letter = GREEK[name.lower()]
        return scan_builtin_name(scanner, letter if name.islower() else letter.upper(), found.end())
    if found and name in (*SPELLINGS, *CONSTANTS):
        return scan_builtin_name(scanner, name, found.end())
    raise Unreadable(
        f"The command “\\{name}” is not read here.", (scanner.position, found.end() if found else scanner.position + 1)
    )


def _scan_environment(scanner: Scanner, found: re.Match[str]) -> Token:
    """Read the beginning or the end of a matrix; bars around it are a function that is applied to it."""
    end, begins = found.end(), "begin" in found.groups()
    around = patterns.MATRIX_BAR_FUNCTIONS.get(found[0].partition("{")[2].strip()[:1])
    if around and begins:
        scanner.pending = (Token("operator", "(", scanner.position, end), Token("operator", "⟦", scanner.position, end))
        return scanner.take("function", around, end)
    if around:
        scanner.pending = (Token("operator", ")", end, end),)
    return scanner.take("operator", "⟦" if begins else "⟧", end)


def _scan_fraction(scanner: Scanner, after: int) -> Token:
    """Read a LaTeX fraction that spells one declared symbol, or else the beginning of a fraction."""
    if derivative := patterns.DERIVATIVE.match(scanner.text, after):
        raise Unreadable(
            "A derivative is not worked out here; write down what it comes to.",
            (scanner.position, derivative.end()),
        )
    top = brace_group_end(scanner.text, after)
    bottom = brace_group_end(scanner.text, top) if top else None
    if top and bottom:
        name = scanner.vocabulary.lookup(f"{scanner.text[after:top]}/{scanner.text[top:bottom]}")
        if name:
            return scanner.take_name(name, bottom)
    if digits := patterns.FRACTION_OF_DIGITS.match(scanner.text, after):
        scanner.pending = tuple(Token("number", digits[each], *digits.span(each)) for each in (1, 2))
        return scanner.take("frac", "frac", digits.end())
    return scanner.take("frac", "frac", after)


def refuse_big_operator(scanner: Scanner) -> None:
    """Sums and integrals over a variable have no place here."""
    if (found := patterns.BIG_OPERATOR.match(scanner.text, scanner.position)) and (
        found[0][0] != "\\" or scanner.text[found.end() :].lstrip()[:1] in tuple("_^")
    ):
        raise Unreadable(
            f"“{found[0]}” over an index is not read here; write sum(…), prod(…) or a product of matrices.",
            found.span(),
        )
