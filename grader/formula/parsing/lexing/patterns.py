"""What formulas are typed with: the patterns and tables by which ``tokens`` cuts a text."""

from __future__ import annotations

import re

LONGEST = 2_000
DIGITS = 60
LONGEST_WORD = 24
LARGEST_EXPONENT = 1_000

NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
WORD = re.compile(r"[^\W\d_](?:[^\W_¹²³⁰⁴-⁹ᵀᵗ])*(?:_[^\W_¹²³⁰⁴-⁹ᵀᵗ]+)*")
DUNDER = re.compile(r"__\w+__")
COMMAND = re.compile(r"\\([A-Za-z]+|.)")
PREFIX = re.compile(r"(?:np|numpy|jnp|linalg|scipy|special|math|torch|nn|functional|F|tf)\.(?=[A-Za-z])")
MODULE = re.compile(r"(?:linalg|special|nn|functional)\.")
UPRIGHT = re.compile(r"\\(?:operatorname|mathrm|text|textrm)\*?\s*\{\s*([A-Za-z][A-Za-z_0-9\\]*)\s*\}")
TEXT = re.compile(r"\\text\s*\{\s*'([A-Za-z,\->. ]*)'\s*\}")
OVER_AN_INDEX = re.compile(r"(?:\\(?:sum|prod|lim|int)|[∑∏∫])")
QUOTIENT = re.compile(r"\w+\s*/\s*\w+")
GLUED = re.compile(r"sinh|cosh|tanh|sin|cos|tan|exp|log|ln|sqrt")
"""Functions that people glue to their neighbours: ``sinx``, ``xlogx``, ``Acos(ωt)``."""
GLUED_DIGITS = re.compile(r"[0-9]+")
DERIVATIVE = re.compile(r"\s*\{\s*(?:d|\\partial|\\mathrm\{d\})\s*\}\s*\{\s*(?:d|\\partial|\\mathrm\{d\})[^{}]*\}")
AROUND = {"v": "det", "V": "norm"}
"""What the bars of a vmatrix and a Vmatrix mean."""
METHOD = re.compile(r"\.([A-Za-z_][A-Za-z_0-9]*)")
TOP = r"(?:\\(?:top|intercal|prime|(?:math(?:sf|rm|it)|text|operatorname)\s*\{\s*T\s*\}|(?:mathsf|rm)\s+T)|⊤|ᵀ|T)"
RAISED_T = re.compile(rf"\s*(?:\{{\s*\(?{TOP}\)?\s*\}}|\({TOP}\)|{TOP})")
VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
AS_FLOAT = re.compile(r"\(\s*(?:np\.)?(?:float|int)(?:32|64|_)?\s*\)")
CALLED = re.compile(r"\s*\(\s*\)")
DOTTED = {"*": "elementwise", "/": "/", "^": "**"}
"""Operators of MATLAB that work entry by entry."""
RAISED_H = re.compile(r"\s*(?:\{\s*(?:H|tr)\s*\}|(?:H|tr)(?![A-Za-z0-9_]))")
"""The adjoint, of real matrices the transpose."""
DAGGER = re.compile(r"\s*\{?\s*(?:\\dagger(?![A-Za-z])|†)")
RAISED_MINUS_T = re.compile(rf"\s*(?:\{{\s*[-−]\s*{TOP}\s*\}}|[-−]{TOP}(?!\w))")
SCRIPTED = re.compile(rf"([A-Za-z]+)\s*(\^\s*(?:\{{\s*{TOP}\s*\}}|{TOP})|ᵀ|['′’])\s*_(\{{[A-Za-z0-9]+\}}|[A-Za-z0-9]+)")
"""A transpose or a prime between a name and its subscript: ``W^T_{sx}``, ``f'_1``."""
RAISED_SMALL_T = re.compile(r"\s*(?:\{\s*[tᵗ]\s*\}|[tᵗ](?![A-Za-z0-9_+-]))")
PRIME = re.compile(r"\s*(?:\{\s*(?:\\prime|['′])\s*\}|\\prime(?![A-Za-z])|['′])")
IDENTITY = re.compile(
    r"(I|\\mathbb\{I\}|\\mathbf\{I\}|𝟙|\\mathbb\{1\}|\\mathbf\{1\})"
    r"(?:_(?:\{\s*(\w+)(?:\s*(?:\\times|×)\s*\w+)?\s*\}|(\d+|[A-Za-z](?:_\w+)?(?!\w)))|(?![A-Za-z0-9_]))"
)
LOGARITHM = re.compile(r"(?:log|\\log)_\s*(?:\{\s*(2|10|e)\s*\}|(2|10|e)(?!\w)|(?<=\\log_)(2|10))")
DIGITS_ABOVE = re.compile(r"\s*(\d)\s*(\d)")
UPRIGHT_LETTER = r"\\(?:text|mathrm|mathsf)\s*\{(\w+)\}"
NORM = re.compile(rf"_\s*(?:(\w|\\infty)|\{{\s*(\w+|\\infty)\s*\}}|\{{\s*{UPRIGHT_LETTER}\s*\}}|{UPRIGHT_LETTER})")
ASSIGNED = re.compile(r"\s*(?:\}\s*)?=(?!=)")
QUOTED = re.compile(r"(['\"])([A-Za-z,\->. ]*)\1")
ENVIRONMENT = re.compile(
    r"\\(begin|end)\s*\{\s*[bpvBV]?(?:small)?matrix\*?\s*\}|\\(begin)\s*\{array\}\s*\{[lcr| ]*\}|\\(end)\s*\{array\}"
)
ROWS_END = re.compile(r"\\\\(?:\s*\[[^\]]*\])?")
WRAPPED = {"'": "'", '"': '"', "`": "`", "“": "”", "‘": "’", "„": "“"}
KEYWORDS = frozenset(("axis", "keepdims", "dim", "keepdim", "axes", "ord", "ddof", "shape", "subscripts", "n"))
WORDS = frozenset(("True", "False", "None", "newaxis"))
ARRAYS = frozenset(("array", "asarray", "matrix", "block", "tensor", "len"))
CLOSED_BARS = frozenset(("|", "||", "‖", "right|", "right‖"))
HEAVY = re.compile(r"[=+*/^@]|\b(?:plus|minus|times|otherwise|as well|or|but)\b", re.IGNORECASE)
GIVEN = re.compile(r"[,;.\s(]*(?:because|since)\b", re.IGNORECASE)
"""What begins a reason, in which names may be spoken of."""
TIMES = re.compile(r"[xX] +[\w(\\{∂]")
ASSIGNS = re.compile(r":=|=(?!=)|←|(?<=\s)<-(?=\s)")
EQUALS = re.compile(r"(?:is\s+)?equals?(?:\s+to)?\b|is\b", re.IGNORECASE)
REASON = re.compile(r"\s#+\s*[A-Za-z]|[,;.\s]\(?(?:because|since)\b|[,;.] ?\(?as\b", re.IGNORECASE)

SIGNS = {
    "−": "-", "–": "-", "—": "-", "·": "product", "⋅": "product", "×": "times", "∙": "product", "•": "product",
    "⊙": "elementwise", "∘": "elementwise", "∗": "*", "÷": "/", "＝": "=", "（": "(", "）": ")", "，": ",", "＋": "+",
    "’": "'", "′": "'", "`": "'", "´": "'", "⊤": "transpose", "≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "≠": "!=", "；": ";",
    "√": "√", "‐": "-", "‑": "-", "⌊": "⌊", "⌋": "⌋", "⌈": "⌈", "⌉": "⌉", "⟨": "⟨", "⟩": "⟩", "…": "...", "∥": "‖",
}  # fmt: skip
COMMANDS = {
    "cdot": "product", "times": "times", "odot": "elementwise", "circ": "elementwise", "ast": "*", "div": "/",
    "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "langle": "⟨", "rangle": "⟩", "{": "(", "}": ")", "lbrack": "[",
    "rbrack": "]", "prime": "'", "choose": "choose", "dots": "...", "ldots": "...",
}  # fmt: skip
BARS = {"|": "‖", "Vert": "‖", "lVert": "‖", "rVert": "‖", "vert": "|", "lvert": "|", "rvert": "|"}
SIDED = re.compile(r"\\(left|right)\s*(\||‖|\\\||\\[lr]?[vV]ert(?![A-Za-z]))")
"""A bar of which LaTeX says on which side it stands."""
SPACES = frozenset(
    (
        *(f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")),
        "mleft",
        "mright",
        "limits",
        "nolimits",
        "left",
        "right",
        ",",
        ";",
        "!",
        ":",
        " ",
        "quad",
        "qquad",
        "displaystyle",
        "(",
        ")",
        "[",
        "]",
        "big",
        "Big",
        "bigl",
        "bigr",
    )
)
OPERATORS = "... ** || <= >= == != + - * / @ ^ ( ) [ ] { } , ; = ' : < > | ‖ & !".split()
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
