"""The regular expressions and tables by which the lexer cuts a text into tokens."""

from __future__ import annotations

import re

MAX_DIGITS = 60
MAX_WORD_CHARACTERS = 24
MAX_EXPONENT = 1_000

NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
WORD = re.compile(r"[^\W\d_](?:[^\W_¹²³⁰⁴-⁹ᵀᵗ])*(?:_[^\W_¹²³⁰⁴-⁹ᵀᵗ]+)*")
DUNDER = re.compile(r"__\w+__")
LATEX_COMMAND = re.compile(r"\\([A-Za-z]+|.)")
MODULE_PREFIX = re.compile(r"(?:np|numpy|jnp|linalg|scipy|special|math|torch|nn|functional|F|tf)\.(?=[A-Za-z])")
SUBMODULE_PREFIX = re.compile(r"(?:linalg|special|nn|functional)\.")
UPRIGHT_WORD = re.compile(r"\\(?:operatorname|mathrm|text|textrm)\*?\s*\{\s*([A-Za-z][A-Za-z_0-9\\]*)\s*\}")
UPRIGHT_QUOTED_TEXT = re.compile(r"\\text\s*\{\s*'([A-Za-z,\->. ]*)'\s*\}")
BIG_OPERATOR = re.compile(r"(?:\\(?:sum|prod|lim|int)|[∑∏∫])")
QUOTIENT = re.compile(r"\w+\s*/\s*\w+")
GLUED_FUNCTION = re.compile(r"sinh|cosh|tanh|sin|cos|tan|exp|log|ln|sqrt")
"""Functions that people glue to their neighbours: ``sinx``, ``xlogx``, ``Acos(ωt)``."""
GLUED_DIGITS = re.compile(r"[0-9]+")
DERIVATIVE = re.compile(r"\s*\{\s*(?:d|\\partial|\\mathrm\{d\})\s*\}\s*\{\s*(?:d|\\partial|\\mathrm\{d\})[^{}]*\}")
MATRIX_BAR_FUNCTIONS = {"v": "det", "V": "norm"}
"""What the bars of a vmatrix and a Vmatrix mean."""
METHOD_NAME = re.compile(r"\.([A-Za-z_][A-Za-z_0-9]*)")
TRANSPOSE_MARK = (
    r"(?:\\(?:top|intercal|prime|(?:math(?:sf|rm|it)|text|operatorname)\s*\{\s*T\s*\}|(?:mathsf|rm)\s+T)|⊤|ᵀ|T)"
)
SUPERSCRIPT_T = re.compile(rf"\s*(?:\{{\s*\(?{TRANSPOSE_MARK}\)?\s*\}}|\({TRANSPOSE_MARK}\)|{TRANSPOSE_MARK})")
VULGAR_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
AS_FLOAT = re.compile(r"\(\s*(?:np\.)?(?:float|int)(?:32|64|_)?\s*\)")
EMPTY_CALL = re.compile(r"\s*\(\s*\)")
MATLAB_DOT_OPERATORS = {"*": "elementwise", "/": "/", "^": "**"}
"""Operators of MATLAB that work entry by entry."""
SUPERSCRIPT_H = re.compile(r"\s*(?:\{\s*(?:H|tr)\s*\}|(?:H|tr)(?![A-Za-z0-9_]))")
"""The adjoint, of real matrices the transpose."""
DAGGER = re.compile(r"\s*+(?:\{\s*+)?(?:\\dagger(?![A-Za-z])|†)")
SUPERSCRIPT_MINUS_T = re.compile(rf"\s*(?:\{{\s*[-−]\s*{TRANSPOSE_MARK}\s*\}}|[-−]{TRANSPOSE_MARK}(?!\w))")
TRANSPOSE_BEFORE_SUBSCRIPT = re.compile(
    rf"([A-Za-z]++)\s*+(\^\s*(?:\{{\s*{TRANSPOSE_MARK}\s*\}}|{TRANSPOSE_MARK})|ᵀ|['′’])\s*_(\{{[A-Za-z0-9]+\}}|[A-Za-z0-9]+)"
)
"""A transpose or a prime between a name and its subscript: ``W^T_{sx}``, ``f'_1``."""
SUPERSCRIPT_SMALL_T = re.compile(r"\s*(?:\{\s*[tᵗ]\s*\}|[tᵗ](?![A-Za-z0-9_+-]))")
PRIME = re.compile(r"\s*(?:\{\s*(?:\\prime|['′])\s*\}|\\prime(?![A-Za-z])|['′])")
IDENTITY_MATRIX = re.compile(
    r"(I|\\mathbb\{I\}|\\mathbf\{I\}|𝟙|\\mathbb\{1\}|\\mathbf\{1\})"
    r"(?:_(?:\{\s*(\w+)(?:\s*(?:\\times|×)\s*\w+)?\s*\}|(\d+|[A-Za-z](?:_\w+)?(?!\w)))|(?![A-Za-z0-9_]))"
)
LOGARITHM = re.compile(r"(?:log|\\log)_\s*(?:\{\s*(2|10|e)\s*\}|(2|10|e)(?!\w)|(?<=\\log_)(2|10))")
FRACTION_OF_DIGITS = re.compile(r"\s*(\d)\s*(\d)")
UPRIGHT_LETTER = r"\\(?:text|mathrm|mathsf)\s*\{(\w+)\}"
NORM_SUBSCRIPT = re.compile(
    rf"_\s*(?:(\w|\\infty)|\{{\s*(\w+|\\infty)\s*\}}|\{{\s*{UPRIGHT_LETTER}\s*\}}|{UPRIGHT_LETTER})"
)
KEYWORD_ASSIGNMENT = re.compile(r"\s*(?:\}\s*)?=(?!=)")
QUOTED_TEXT = re.compile(r"(['\"])([A-Za-z,\->. ]*)\1")
MATRIX_ENVIRONMENT = re.compile(
    r"\\(begin|end)\s*\{\s*[bpvBV]?(?:small)?matrix\*?\s*\}|\\(begin)\s*\{array\}\s*\{[lcr| ]*\}|\\(end)\s*\{array\}"
)
ROW_END = re.compile(r"\\\\(?:\s*\[[^\]]*\])?")
QUOTATION_MARKS = {"'": "'", '"': '"', "`": "`", "“": "”", "‘": "’", "„": "“"}
KEYWORDS = frozenset(("axis", "keepdims", "dim", "keepdim", "axes", "ord", "ddof", "shape", "subscripts", "n"))
PYTHON_CONSTANTS = frozenset(("True", "False", "None", "newaxis"))
ARRAY_CONSTRUCTORS = frozenset(("array", "asarray", "matrix", "block", "tensor", "len"))
CLOSING_BARS = frozenset(("|", "||", "‖", "right|", "right‖"))
LOOKS_LIKE_A_FORMULA = re.compile(r"[=+*/^@]|\b(?:plus|minus|times|otherwise|as well|or|but)\b", re.IGNORECASE)
REASON_START = re.compile(r"[,;.\s(]*(?:because|since)\b", re.IGNORECASE)
"""What begins a reason, in which names may be spoken of."""
LETTER_X_AS_TIMES = re.compile(r"[xX] +[\w(\\{∂]")
ASSIGNMENT = re.compile(r":=|=(?!=)|←|(?<=\s)<-(?=\s)")
EQUALS_IN_WORDS = re.compile(r"(?:is\s+)?equals?(?:\s+to)?\b|is\b", re.IGNORECASE)
TRAILING_REASON = re.compile(r"\s#+\s*[A-Za-z]|[,;.\s]\(?(?:because|since)\b|[,;.] ?\(?as\b", re.IGNORECASE)

UNICODE_SIGNS = {
    "−": "-", "–": "-", "—": "-", "·": "product", "⋅": "product", "×": "times", "∙": "product", "•": "product",
    "⊙": "elementwise", "∘": "elementwise", "∗": "*", "÷": "/", "＝": "=", "（": "(", "）": ")", "，": ",", "＋": "+",
    "’": "'", "′": "'", "`": "'", "´": "'", "⊤": "transpose", "≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "≠": "!=", "；": ";",
    "√": "√", "‐": "-", "‑": "-", "⌊": "⌊", "⌋": "⌋", "⌈": "⌈", "⌉": "⌉", "⟨": "⟨", "⟩": "⟩", "…": "...", "∥": "‖",
}  # fmt: skip
LATEX_OPERATORS = {
    "cdot": "product", "times": "times", "odot": "elementwise", "circ": "elementwise", "ast": "*", "div": "/",
    "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "langle": "⟨", "rangle": "⟩", "{": "(", "}": ")", "lbrack": "[",
    "rbrack": "]", "prime": "'", "choose": "choose", "dots": "...", "ldots": "...",
}  # fmt: skip
LATEX_BARS = {"|": "‖", "Vert": "‖", "lVert": "‖", "rVert": "‖", "vert": "|", "lvert": "|", "rvert": "|"}
LEFT_RIGHT_BAR = re.compile(r"\\(left|right)\s*(\||‖|\\\||\\[lr]?[vV]ert(?![A-Za-z]))")
"""A bar of which LaTeX says on which side it stands."""
SPACING_COMMANDS = frozenset(
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
SUPERSCRIPT_DIGITS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
