"""Broken copies of a good problem, and what ``grader check`` says of each, word for word: one run of the worker pool over all of them."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from itertools import chain, count
from pathlib import Path

import pytest
from support.paths import TEST_PROBLEMS

from grader.authoring.checks.findings import blank_statuses, report_from_json
from grader.authoring.checks.runner.worker_pool import WorkerPool
from grader.core.processes import fork_server

pytestmark = pytest.mark.process

GOOD = TEST_PROBLEMS / "descent"
SPEC, MODEL, EXAMPLES = "problem.yaml", "reference.py", "examples.yaml"
ALL = "the whole file"
PARTS = (GOOD / SPEC).read_text(encoding="utf-8").partition("parts:\n")[2]
IMPORT = "import numpy as np\n"
KEY = "    return W.T @ (W @ x - t)"
COUNT = "    return np.zeros((3, 2)).size"
HANG = "    while True:\n        pass\n"
GRADIENT = "{gradient: loss, wrt: x}\n"
VJP = "{vjp: through, wrt: x, with: y}"
SHAPE = "{shape_of: W, in: output, gives: [m, 1]}"
MEASURED = re.compile(r"-?\d+\.\d{2,}(?:e[-+]\d+)?")
"""Numbers at random points, which stand as # in the tables."""

# Each row: what is put in place of which piece of which file (None: the file goes), and the findings.

HARMFUL = {
    "more and more functions that hang": ([(MODEL, "    return W @ x\n", HANG), (MODEL, "    return Q @ (P @ x)\n", HANG), (MODEL, "    return 0.5 * a * s**2 - b * s\n", HANG)], [
        "error run problem.yaml: the check took longer than 2.5 seconds and was ended"]),
    "hangs at import": ([(MODEL, IMPORT, IMPORT + "\nwhile True:\n    pass\n")], [
        "error spec problem.yaml:40:16: reference.py takes longer than 2 seconds"]),
    "a function of two claims that hangs": ([(MODEL, "    return Q @ (P @ x)\n", HANG)], [
        "error proof problem.yaml:65:16: c.ahead: through of reference.py takes longer than 2 seconds",
        "error proof problem.yaml:72:16: c.back: through of reference.py takes longer than 2 seconds"]),
    "reads what is not its own": ([(MODEL, IMPORT, IMPORT + "\ninput()\n")], [
        "error spec problem.yaml:40:16: reference.py, line 5, fails: EOFError: EOF when reading a line"]),
    "raises at import": ([(MODEL, IMPORT, IMPORT + "\nnp.zeros(2)[7]\n")], [
        "error spec problem.yaml:40:16: reference.py, line 5, fails: IndexError: index 7 is out of bounds for axis 0 with size 2"]),
    "no Python": ([(MODEL, "def output(W, x):", "def output(W, x)")], [
        "error spec reference.py:6:17: this is no Python: expected ':'"]),
    "not UTF-8": ([(MODEL, ALL, b"# Stra\xdfe\n")], ["error spec reference.py: is not UTF-8 text (byte 6)"]),
    "a key that raises": ([(MODEL, KEY, "    raise RuntimeError('not today')")], [
        "error spec problem.yaml:40:16: input_gradient of reference.py, line 15, fails: RuntimeError: not today"]),
    "a function of the model that raises": ([(MODEL, COUNT, "    raise RuntimeError('not today')")], [
        "error proof problem.yaml:119:12: f: multiplications has no value: reference.py, line 31, RuntimeError: not today"]),
    "leaves at import": ([(MODEL, IMPORT, "import sys\n\nimport numpy as np\n\nsys.exit('bye')\n")], [
        "error spec problem.yaml:40:16: reference.py, line 7, fails: SystemExit: bye"]),
    "ends its process at import": ([(MODEL, IMPORT, "import os\n\nimport numpy as np\n\nos._exit(3)\n")], [
        "error spec problem.yaml:40:16: reference.py ends the process in which it is recorded (exit code 3)"]),
    "a key that ends its process": ([(MODEL, KEY, "    import os\n\n    os._exit(3)")], [
        "error spec problem.yaml:40:16: input_gradient of reference.py ends the process in which it is recorded (exit code 3)"]),
    "a function of the model that ends its process": ([(MODEL, COUNT, "    import os\n\n    os._exit(3)")], [
        "error proof problem.yaml:119:12: f: multiplications of reference.py ends the process in which it is recorded (exit code 3)"]),
    "a key of 100 GB": ([(MODEL, KEY, "    return W.T @ (np.ones((100_000, 125_000)) @ x - t)")], [
        "error spec problem.yaml:40:16: input_gradient of reference.py, line 15, fails: MemoryError: Unable to allocate 93.1 GiB for an array with shape (100000, 125000) and data type float64"]),
    "forks at import": ([(MODEL, IMPORT, "import os\n\nimport numpy as np\n\nos.fork()\n")], [
        "error spec problem.yaml:40:16: reference.py, line 7, fails: PermissionError: a reference may not start another process"]),
    "starts a program at import": ([(MODEL, IMPORT, "import subprocess\n\nimport numpy as np\n\nsubprocess.run(['sleep', '60'])\n")], [
        "error spec problem.yaml:40:16: reference.py, line 7, fails: PermissionError: a reference may not start another process"]),
    "a key that starts a program": ([(MODEL, KEY, "    import subprocess\n\n    subprocess.Popen(['sleep', '60'])\n" + KEY)], [
        "error spec problem.yaml:40:16: input_gradient of reference.py, line 17, fails: PermissionError: a reference may not start another process"]),
    "a key that is a text": ([(MODEL, KEY, "    return 'W^T (W x - t)'")], [
        "error spec problem.yaml:40:16: input_gradient of reference.py: it uses a str, which is no part of a formula"]),
    "a function of the model that gives a text": ([(MODEL, COUNT, "    return 'six'")], [
        "error proof problem.yaml:119:12: f: multiplications has no value: reference.py: TypeError: returns str, which is no array of numbers"]),
    "a function of the model without a return": ([(MODEL, COUNT, "    np.zeros((3, 2)).size")], [
        "error proof problem.yaml:119:12: f: multiplications has no value: reference.py: TypeError: returns NoneType, which is no array of numbers"]),
    "a function of the model that gives two values": ([(MODEL, COUNT, "    return 6, 3")], [
        "error proof problem.yaml:119:12: f: multiplications returns 2 values; say with `output` which is meant, from 0"]),
    "a key that is NaN everywhere": ([(MODEL, KEY, "    return np.nan * W.T @ (W @ x - t)")], [
        "error spec problem.yaml:40:16: input_gradient of reference.py, line 15: it uses a number that is not finite"]),
    "a function of the model that is NaN everywhere": ([(MODEL, "    return 0.5 * np.sum((output(W, x) - t) ** 2)", "    return np.nan")], [
        "warning proof problem.yaml:42:12: b: this could not be proved: nothing can be told at the stated sizes: the function has no value nearby"]),
    "a key that decides by a value": ([(MODEL, KEY, "    return W.T @ (W @ x - t) if x[0, 0] > 0 else x")], [
        "error spec problem.yaml:40:16: input_gradient of reference.py, line 15: it asks for a number where only a symbol is known (a comparison, an index, a conversion, …)"]),
}  # fmt: skip

HARMLESS = {
    "as it is": ([], []),
    "prints much at import": ([(MODEL, IMPORT, IMPORT + "\nprint('out ' * 1_000_000)\n")], []),
    "prints what looks like an answer": ([(MODEL, KEY, "    print('{\"nodes\": []}')\n" + KEY)], []),
    "writes past Python": ([(MODEL, COUNT, "    import os\n\n    os.write(1, b'x' * 1_000_000)\n    os.write(2, b'x' * 1_000_000)\n" + COUNT)], []),
    "warns": ([(MODEL, COUNT, "    import warnings\n\n    warnings.warn('careful', stacklevel=1)\n" + COUNT)], []),
    "an end of file missing": ([(EXAMPLES, "incorrect, mistake: memory}\n", "incorrect, mistake: memory}")], []),
    "a convention instead of a proof": ([(SPEC, GRADIENT, "{convention: As in the lecture.}\n")], []),
    "a mistake whose words alone are given": ([(SPEC, "id: residual-alone\n        answer: W x - t\n", "id: missing-transpose\n"), (EXAMPLES, "W x - t, expect: incorrect, mistake: residual-alone", "W (W x - t), expect: incorrect")], []),
}  # fmt: skip

KEYS = {
    "a thread that never ends": ([(MODEL, IMPORT, "import threading\nimport time\n\nimport numpy as np\n\nthreading.Thread(target=time.sleep, args=(60,)).start()\n")], [
        "error spec problem.yaml:40:16: reference.py, line 8, fails: RuntimeError: can't start new thread"]),
    "sign": ([(SPEC, "reference: P.T @ Q.T @ y", "reference: -P.T @ Q.T @ y")], [
        "error proof problem.yaml:72:16: c.back: the model does not bear this out: at m = 3, d = 2: entry (1, 0) of the key is #, and the model's #",
        "error examples examples.yaml:13:5: c.back: 'P^T Q^T y' should be correct but is incorrect"]),
    "sign of a function": ([(MODEL, KEY, "    return -(W.T @ (W @ x - t))")], [
        "error spec problem.yaml:46:17: 'W^T (t - W x)' is no mistake: it equals the reference"]),
    "a transpose missing that a square size hides": ([(SPEC, "reference: P.T @ Q.T @ y", "reference: P.T @ Q @ y")], [
        "error proof problem.yaml:72:16: c.back: the model does not bear this out: at m = 3, d = 2: entry (1, 0) of the key is #, and the model's #",
        "error examples examples.yaml:13:5: c.back: 'P^T Q^T y' should be correct but is incorrect",
        "error examples examples.yaml:14:5: c.back: 'P^T Q y' should be incorrect but is correct"]),
    "order of factors": ([(SPEC, "reference: P.T @ Q.T @ y", "reference: Q.T @ P.T @ y")], [
        "error proof problem.yaml:72:16: c.back: the model does not bear this out: at m = 3, d = 2: entry (0, 0) of the key is #, and the model's #",
        "error examples examples.yaml:13:5: c.back: 'P^T Q^T y' should be correct but is incorrect"]),
    "order of factors of a Jacobian": ([(SPEC, "reference: Q @ P", "reference: P @ Q")], [
        "error proof problem.yaml:65:16: c.ahead: the model does not bear this out: at m = 3, d = 2: entry (0, 1) of the key is #, and the model's #",
        "error examples examples.yaml:10:5: c.ahead: 'Q P' should be correct but is incorrect",
        "error examples examples.yaml:11:5: c.ahead: 'P Q' should be incorrect but is correct"]),
    "twice as much": ([(MODEL, KEY, "    return 2 * W.T @ (W @ x - t)")], [
        "error proof problem.yaml:42:12: b: the model does not bear this out: at m = 3, d = 2: entry (0, 0) of the key is #, and the model's #",
        "error examples examples.yaml:5:5: b: 'W^T (W x - t)' should be correct but is incorrect"]),
    "lying down": ([(SPEC, "reference: P.T @ Q.T @ y", "reference: y.T @ Q @ P")], [
        "error proof problem.yaml:72:16: c.back: the model does not bear this out: at m = 3, d = 2: the key has the shape 1×2, and the model's is 2×1",
        "error examples examples.yaml:13:5: c.back: 'P^T Q^T y' should be correct but is incorrect"]),
    "no minimum": ([(SPEC, "reference: b / a\n", "reference: a / b\n")], [
        "error proof problem.yaml:84:13: d.best: the model does not bear this out: at m = 3, d = 2: cost is # at the key, and # elsewhere",
        "error proof problem.yaml:85:13: d.best: the model does not bear this out: at m = 3, d = 2: the key is #, and the model's #",
        "error examples examples.yaml:16:5: d.best: 'b/a' should be correct but is incorrect"]),
    "no limit": ([(SPEC, "reference: b / (a + lam)", "reference: b / (2 * a + lam)")], [
        "error proof problem.yaml:92:16: d.ridge: the model does not bear this out: at m = 3, d = 2: the key stays 0.5 times the size of its limit away from it",
        "error examples examples.yaml:19:5: d.ridge: 'b/(a + lambda)' should be correct but is incorrect"]),
    "number": ([(SPEC, "value: 6", "value: 5")], [
        "error proof problem.yaml:119:12: f: the model does not bear this out: the key is 5, and the model's 6",
        "error examples examples.yaml:26:5: f: '6' should be correct but is incorrect"]),
    "rows and columns swapped": ([(SPEC, "shape: [m, d]\n", "shape: [d, m]\n")], [
        "error proof problem.yaml:33:12: a: the model does not bear this out: at m = 3, d = 2: with 2×3 it does not work; only 3×2 does",
        "error examples examples.yaml:2:5: a: '3x2' should be correct but is incorrect",
        "error examples examples.yaml:3:5: a: '2x3' should be incorrect (transposed-shape) but is correct (no mistake named)"]),
    "a column too many": ([(SPEC, "shape: [m, d]\n", "shape: [m, d + 1]\n")], [
        "error proof problem.yaml:33:12: a: the model does not bear this out: at m = 3, d = 2: with 3×3 it does not work; only 3×2 does",
        "error examples examples.yaml:2:5: a: '3x2' should be correct but is incorrect",
        "error examples examples.yaml:3:5: a: '2x3' should be incorrect (transposed-shape) but is incorrect (no mistake named)"]),
    "an option called true": ([(SPEC, "correct: false", "correct: true")], [
        "error proof problem.yaml:106:18: e: the key says that bend is true, and it is computed to be false: 0 of 2 elements of x move it at m = 3, d = 2; 0 of 3 elements of x move it at m = 4, d = 3",
        "error examples examples.yaml:22:5: e: 'A,C' should be correct but is partial",
        "error examples examples.yaml:23:5: e: 'A' should be partial (1/2) but is partial (1/3)",
        "warning policy problem.yaml:97:14: e: guessing pays: every option is true, so ticking everything earns all; ticking by chance earns 0.5 on average"]),
    "an option called false": ([(SPEC, "        correct: true\n        holds: {value: output", "        correct: false\n        holds: {value: output")], [
        "error proof problem.yaml:102:18: e: the key says that weight is false, and it is computed to be true: 6 of 6 elements of W move it at m = 3, d = 2; 12 of 12 elements of W move it at m = 4, d = 3",
        "error examples examples.yaml:22:5: e: 'A,C' should be correct but is partial",
        "error examples examples.yaml:23:5: e: 'A' should be partial (1/2) but is incorrect (0)"]),
    "the model instead of the keys": ([(MODEL, "    return Q @ (P @ x)", "    return P @ (Q @ x)")], [
        "error proof problem.yaml:65:16: c.ahead: the model does not bear this out: at m = 3, d = 2: entry (0, 1) of the key is #, and the model's #",
        "error proof problem.yaml:72:16: c.back: the model does not bear this out: at m = 3, d = 2: entry (0, 0) of the key is #, and the model's #"]),
    "shapes that do not fit": ([(SPEC, "reference: P.T @ Q.T @ y", "reference: P.T @ Q.T @ t")], [
        "error spec problem.yaml:70:20: the shapes do not fit: in 2×2 times 3×1 the inner sizes 2 and 3 differ"]),
    "breaks off": ([(SPEC, "reference: P.T @ Q.T @ y", "reference: P.T @ Q.T @ (")], [
        "error spec problem.yaml:70:20: 'P.T @ Q.T @ (' cannot be read: The formula breaks off at the end."]),
    "an unknown name": ([(SPEC, "reference: P.T @ Q.T @ y", "reference: P.T @ Q.T @ k")], [
        "error spec problem.yaml:70:20: 'P.T @ Q.T @ k' cannot be read: The name “k” is not known in this question. You may use W, x, t, P, Q, y, a, b, lam, r."]),
    "an unknown letter": ([(SPEC, "shape: [m, d]\n", "shape: [m, n]\n")], [
        "error spec problem.yaml:31:16: the letter 'n' has no size; give it one under sizes"]),
    "a function that is missing": ([(SPEC, "reference: input_gradient", "reference: input_gradeint")], [
        "error spec problem.yaml:40:16: reference.py has no function 'input_gradeint'; did you mean input_gradient?"]),
    "no reference.py": ([(MODEL, None, None)], [
        "error spec problem.yaml:40:16: there is no reference.py beside the problem, so no function 'input_gradient'"]),
    "an unknown parameter of the key": ([(MODEL, "def input_gradient(W, x, t):\n" + KEY, "def input_gradient(W, x, target):\n    return W.T @ (W @ x - target)")], [
        "error spec problem.yaml:40:16: input_gradient of reference.py: its parameter 'target' is none of the problem's symbols"]),
    "an unknown parameter of the model": ([(MODEL, "def cost(a, b, s):", "def cost(a, b, step, s=0):")], [
        "error proof problem.yaml:84:13: d.best: cost of reference.py: its parameter 'step' is none of the problem's symbols"]),
}  # fmt: skip

TRIED = {
    "no right example": ([(EXAMPLES, "  - {answer: 3x2, expect: correct}\n", "")], [
        "error examples examples.yaml: a: there is no right answer among the examples"]),
    "no wrong example": ([(EXAMPLES, "  - {answer: P Q, expect: incorrect}\n", "")], [
        "error examples examples.yaml: c.ahead: there is no wrong answer among the examples"]),
    "a blank without examples": ([(EXAMPLES, "c.back:\n  - {answer: P^T Q^T y, expect: correct}\n  - {answer: P^T Q y, expect: incorrect}\n", "")], [
        "error examples examples.yaml: c.back: there is no right answer among the examples",
        "error examples examples.yaml: c.back: there is no wrong answer among the examples"]),
    "no file of examples": ([(EXAMPLES, None, None)], ["error examples examples.yaml: cannot be read: No such file or directory"]),
    "an outcome that does not come": ([(EXAMPLES, "{answer: P Q, expect: incorrect}", "{answer: P Q, expect: correct}")], [
        "error examples examples.yaml:11:5: c.ahead: 'P Q' should be correct but is incorrect",
        "error examples examples.yaml: c.ahead: there is no wrong answer among the examples"]),
    "a credit that does not come": ([(EXAMPLES, "credit: 1/2, mistake: uphill", "credit: 1/3, mistake: uphill")], [
        "error examples examples.yaml:6:5: b: 'W^T (t - W x)' should be partial (1/3, uphill) but is partial (1/2, uphill)"]),
    "a mistake that is not named": ([(EXAMPLES, "{answer: '3', expect", "{answer: '4', expect")], [
        "error examples examples.yaml:27:5: f: '4' should be incorrect (additions) but is incorrect (no mistake named)"]),
    "a mistake that there is not": ([(EXAMPLES, "mistake: memory", "mistake: memori")], [
        "error examples examples.yaml:31:5: g: 'momentum' should be incorrect (memori) but is incorrect (memory)"]),
    "an example that cannot be read": ([(EXAMPLES, "{answer: -b/a, expect: incorrect}", "{answer: -b/c, expect: incorrect}")], [
        "error examples examples.yaml:17:5: d.best: '-b/c' should be incorrect but is unreadable: The name “c” is not known in this question. You may use a, b, lam."]),
    "a blank that is not there": ([(EXAMPLES, "d.best:", "d.bets:")], [
        "error examples examples.yaml:15:1: there is no blank 'd.bets' in the problem; did you mean d.best?"]),
    "a part in place of its blank": ([(EXAMPLES, "c.ahead:", "c:")], [
        "error examples examples.yaml:9:1: there is no blank 'c' in the problem"]),
    "a misspelt field of an example": ([(EXAMPLES, "{answer: 3x2, expect: correct}", "{answer: 3x2, expct: correct}")], [
        "error examples examples.yaml:2:5: `expect` is missing",
        "error examples examples.yaml:2:19: `expct` is not known here; did you mean expect?"]),
    "a misspelt outcome": ([(EXAMPLES, "{answer: 3x2, expect: correct}", "{answer: 3x2, expect: corect}")], [
        "error examples examples.yaml:2:27: what must come out is one of correct, partial, incorrect, blank, unreadable, ungraded, review; did you mean correct?"]),
    "a number with a zero before it": ([(EXAMPLES, "{answer: '3', expect: incorrect, mistake: additions}", "{answer: 010, expect: incorrect, mistake: additions}")], [
        "error examples examples.yaml:27:5: f: '010' should be incorrect (additions) but is incorrect (no mistake named)"]),
}  # fmt: skip

MISSPELT = {
    "a field of the problem": ([(SPEC, "symbols:\n  W", "symbol:\n  W")], [
        "error spec problem.yaml:10:1: `symbol` is not known here; did you mean symbols?"]),
    "a field of a part": ([(SPEC, "    out_of: 2\n", "    outof: 2\n")], [
        "error spec problem.yaml:57:5: `outof` is not known here; did you mean out_of?"]),
    "a field of a blank": ([(SPEC, "    accept: [learning", "    acept: [learning")], [
        "error spec problem.yaml:126:5: `accept` is missing",
        "error spec problem.yaml:129:5: `acept` is not known here; did you mean accept?"]),
    "a field of an option": ([(SPEC, "says: $z$ is", "say: $z$ is")], [
        "error spec problem.yaml:110:9: `says` is missing",
        "error spec problem.yaml:110:9: `say` is not known here; did you mean says?"]),
    "a field of a mistake": ([(SPEC, "        hint: What is counted", "        hnit: What is counted")], [
        "error spec problem.yaml:123:9: `hnit` is not known here; did you mean hint?"]),
    "a field of a symbol": ([(SPEC, "shape: [m, 1], tex", "shpe: [m, 1], tex")], [
        "error spec problem.yaml:13:7: `shpe` is not known here; did you mean shape?"]),
    "the form of a claim": ([(SPEC, GRADIENT, "{gradeint: loss, wrt: x}\n")], [
        "error spec problem.yaml:42:13: `gradeint` is not known here; did you mean gradient?"]),
    "a field of a claim": ([(SPEC, "wrt: x, with: y}", "wrt: x, wiht: y}")], [
        "error spec problem.yaml:72:39: `wiht` is not known here; did you mean with?"]),
    "a field of what holds": ([(SPEC, "depends_on: all of W", "depend_on: all of W")], [
        "error spec problem.yaml:103:32: `depend_on` is not known here; did you mean depends_on?"]),
    "a kind": ([(SPEC, "kind: number", "kind: numbr")], [
        "error spec problem.yaml:116:11: there is no kind 'numbr'; did you mean number?"]),
    "a policy": ([(SPEC, "scoring: balanced", "scoring: balance")], [
        "error spec problem.yaml:97:14: 'balance' is none of 'all-or-nothing', 'per-option', 'net-correct', 'balanced', 'halves', 'coverage' or 'weights'; did you mean balanced?"]),
    "a domain": ([(SPEC, "domain: pos}\n  b", "domain: poss}\n  b")], [
        "error spec problem.yaml:17:26: 'poss' is none of 'real', 'pos', 'positive', 'nonneg', 'nonnegative', 'neg', 'negative', 'int', 'integer', 'posint', 'positive-integer', 'prob', 'probability', 'unit', 'sym', 'symmetric', 'spd', 'orth', 'orthogonal', 'diagm', 'diagonal', 'skew', 'onehot', 'simplex', 'rowstoch' or 'binary'; did you mean pos?"]),
    "a symbol of an answer": ([(SPEC, "symbols: [W, x, t, r]", "symbols: [W, x, t, rr]")], [
        "error spec problem.yaml:39:24: 'rr' is no symbol, definition or size of the problem; did you mean r?"]),
    "a letter of other sizes": ([(SPEC, "other_sizes: [{m: 4, d: 3}]", "other_sizes: [{m: 4, dd: 3}]")], [
        "error spec problem.yaml:8:22: 'dd' is no letter of sizes; did you mean d?"]),
}  # fmt: skip

MISTAKES = {
    "equals the key": ([(SPEC, "answer: W^T (t - W x)", "answer: W^T (W x - t)")], [
        "error spec problem.yaml:46:17: 'W^T (W x - t)' is no mistake: it equals the reference"]),
    "equals a key that has the wrong sign": ([(MODEL, KEY, "    return W.T @ (t - W @ x)")], [
        "error spec problem.yaml:46:17: 'W^T (t - W x)' is no mistake: it equals the reference"]),
    "is an accepted word": ([(SPEC, "answer: momentum", "answer: Learning-Rate")], [
        "error spec problem.yaml:135:17: this is no mistake: it is accepted"]),
    "is the number": ([(SPEC, "answer: '3'", "answer: '6.0'")], [
        "error spec problem.yaml:122:17: this is no mistake: it is accepted"]),
    "stands behind another formula": ([(SPEC, "answer: W x - t\n", "answer: -W^T r\n")], [
        "warning examples problem.yaml:51:17: b: '-W^T r' is never named 'residual-alone': 'uphill' comes first",
        "error examples examples.yaml:7:5: b: 'W x - t' should be incorrect (residual-alone) but is incorrect (missing-factor)"]),
    "stands behind another word": ([(SPEC, "      - id: memory\n", "      - id: rolling\n        answer: [Momentum, decay]\n        says: It rolls.\n      - id: memory\n")], [
        "warning examples problem.yaml:138:17: g: 'momentum' is never named 'memory': 'rolling' comes first",
        "error examples examples.yaml:31:5: g: 'momentum' should be incorrect (memory) but is incorrect (rolling)"]),
    "cannot be read": ([(SPEC, "answer: W x - t\n", "answer: W x -\n")], [
        "error spec problem.yaml:51:17: 'W x -' cannot be read: The formula breaks off at the end."]),
    "earns full marks": ([(SPEC, "credit: 1/2", "credit: 1")], [
        "error examples examples.yaml:6:5: b: 'W^T (t - W x)' should be partial (1/2, uphill) but is correct (1, uphill)",
        "warning policy problem.yaml:47:17: b: this mistake earns full marks"]),
    "is recognised by nothing": ([(SPEC, "        answer: momentum\n", "")], [
        "error spec problem.yaml:126:5: the mistake 'memory' needs an answer: it is none that is recognised by itself"]),
}  # fmt: skip

POLICY = {
    "pays for ticking nothing": ([(SPEC, "scoring: balanced", "scoring: per-option")], [
        "error examples examples.yaml:23:5: e: 'A' should be partial (1/2) but is partial (2/3)",
        "error examples examples.yaml:24:5: e: 'none' should be incorrect but is partial",
        "warning policy problem.yaml:97:14: e: guessing pays: ticking nothing earns 1/3; ticking everything earns 2/3; ticking by chance earns 0.5 on average"]),
    "pays for ticking everything": ([(SPEC, "scoring: balanced", "scoring: net-correct")], [
        "warning policy problem.yaml:97:14: e: guessing pays: ticking everything earns 1/2"]),
    "pays, and the author knows": ([(SPEC, "scoring: balanced", "scoring: net-correct\n    acknowledged: {guessing: A first question.}")], []),
    "a hint with the formula": ([(SPEC, "How does $x$ enter the residual?", r"Compare it with $W^\top (W x - t)$.")], [
        r"error policy problem.yaml:52:15: b: this hint gives the key away: 'W^\top (W x - t)'"]),
    "a hint with the formula as code": ([(SPEC, "How does $x$ enter the residual?", "Compare it with `W.T @ r`.")], [
        "error policy problem.yaml:52:15: b: this hint gives the key away: 'W.T @ r'"]),
    "a hint with the word": ([(SPEC, "Does it remember the step before?", "It is no step size, is it?")], [
        "error policy problem.yaml:136:15: g: this hint gives the key away: 'step size'"]),
    "a hint with the number": ([(SPEC, "hint: What is counted here?", "hint: Should it not be 6?")], [
        "error policy problem.yaml:123:15: f: this hint gives the key away: '6'"]),
    "no points at all": ([(SPEC, PARTS, "  - {id: a, ask: What is it called?, kind: word, accept: [rate], points: 0}\n"), (SPEC, "out_of: 10\n", ""), (EXAMPLES, ALL, "a:\n  - {answer: rate, expect: correct}\n  - {answer: size, expect: incorrect}\n")], [
        "warning policy problem.yaml:2:8: the whole problem is worth no points"]),
}  # fmt: skip

LATEX = {
    "intro": ([(SPEC, "A layer computes $z = W x$", r"A layer computes $z = \frac{1}{$")], [
        r'error presentation problem.yaml:3:8: $z = \frac{1}{$ cannot be typeset: Expected closing token "}", but reached end of input, at character 14.']),
    "ask": ([(SPEC, "ask: What are the dimensions of $W$?", r"ask: What are the dimensions of $\wat{W}$?")], [
        r'error presentation problem.yaml:29:10: $\wat{W}$ cannot be typeset: Unknown command "\wat", at character 1.']),
    "solution": ([(SPEC, "solution: Three rows and two columns.", r"solution: Three rows, $3 \times$ and $\left( 2$.")], [
        r'error presentation problem.yaml:34:15: $\left( 2$ cannot be typeset: Expected closing token "\right", but reached end of input, at character 9.']),
    "label": ([(SPEC, r"label: $\partial v / \partial x =$", r"label: $\partial v / \partail x =$")], [
        r'error presentation problem.yaml:61:16: $\partial v / \partail x =$ cannot be typeset: Unknown command "\partail", at character 14.']),
    "hint": ([(SPEC, "hint: How does $x$ enter", "hint: How does $x_{$ enter")], [
        'error presentation problem.yaml:52:15: $x_{$ cannot be typeset: Expected closing token "}", but reached end of input, at character 4.']),
    "says": ([(SPEC, "says: The transpose of the weight", "says: The transpose $W^T^T$ of the weight")], [
        "error presentation problem.yaml:53:15: $W^T^T$ cannot be typeset: Duplicate subscript or superscript, at character 4."]),
    "option": ([(SPEC, r"says: $z$ is $m \times 1$.", r"says: $z$ is $m \tmies 1$.")], [
        r'error presentation problem.yaml:110:15: $m \tmies 1$ cannot be typeset: Unknown command "\tmies", at character 3.']),
    "why": ([(SPEC, "why: The layer is linear.", r"why: The layer $\begin{matrix} 1 $ is linear.")], [
        r'error presentation problem.yaml:108:14: $\begin{matrix} 1$ cannot be typeset: Expected closing token "\end{...}", but reached end of input, at character 17.']),
    "tex of a symbol": ([(SPEC, r"tex: 't^{\ast}'", r"tex: 't^{\ast'")], [
        r'error presentation problem.yaml:13:27: $t^{\ast$ cannot be typeset: Expected closing token "}", but reached end of input, at character 8.']),
    "tex of a definition": ([(SPEC, r"tex: '\varrho'", r"tex: '\varhro'")], [
        r'error presentation problem.yaml:25:25: $\varhro$ cannot be typeset: Unknown command "\varhro", at character 1.']),
}  # fmt: skip

YAML = {
    "frac in double quotes": ([(SPEC, r"solution: $W^\top (W x - t)$", r'solution: "$\frac12 W$"')], [
        "error spec problem.yaml:43:15: a control character came out of a backslash in double quotes; write LaTeX in single quotes or after |"]),
    "partial in double quotes": ([(SPEC, r"solution: $W^\top (W x - t)$", r'solution: "$\partial L$"')], [
        "error spec problem.yaml:43:17: a backslash in double quotes makes a special character; write LaTeX in single quotes or after |"]),
    "points no": ([(SPEC, "    value: 6\n    points: 1\n", "    value: 6\n    points: no\n")], [
        "error spec problem.yaml:118:13: 'no' is not a number such as 2, 0.5 or 1/3"]),
    "id no": ([(SPEC, "  - id: g\n", "  - id: no\n")], [
        "error examples examples.yaml:28:1: there is no blank 'g' in the problem"]),
    "words that are numbers": ([(SPEC, "accept: [learning rate, step size]", "accept: [no, 1]")], [
        "error spec problem.yaml:129:18: a text is needed here"]),
    "a colon in a text": ([(SPEC, "ask: Tick what is true.", "ask: Tick: what is true?")], [
        "error spec problem.yaml:95:14: a text that holds ': ' must be in single quotes"]),
    "a tab": ([(SPEC, "    kind: dimensions", "\tkind: dimensions")], [
        "error spec problem.yaml:30:1: a tab stands where spaces are needed; indent with spaces"]),
    "a zero before a number": ([(SPEC, "answer: '3'", "answer: 010")], [
        "error examples examples.yaml:27:5: f: '3' should be incorrect (additions) but is incorrect (no mistake named)"]),
    "a key twice": ([(SPEC, "    value: 6\n", "    value: 6\n    value: 7\n")], [
        "error spec problem.yaml:118:5: the key 'value' is here twice; the first is in line 117"]),
    "an anchor": ([(SPEC, "symbols: [W, x, t, r]", "symbols: &names [W, x, t, r]")], [
        "error spec problem.yaml:39:14: anchors and aliases (& and *) are not used here; a text that begins with one needs single quotes"]),
    "a text that begins with a star": ([(SPEC, "label: and back to $x$", "label: *back* to $x$")], [
        "error spec problem.yaml:68:16: a text cannot begin with '*' here; put it in single quotes"]),
    "a bracket left open": ([(SPEC, "symbols: [W, x, t, r]", "symbols: [W, x, t, r")], [
        "error spec problem.yaml:39:14: the bracket here is not closed, or a comma is missing; a text that begins with it needs quotes"]),
    "a text that is a comment": ([(SPEC, "says: Momentum carries the last step along.", "says: # carries the last step along.")], [
        "error spec problem.yaml:137:14: a text is needed here"]),
    "a list": ([(SPEC, ALL, "- a\n")], ["error spec problem.yaml:1:1: names with values are needed here"]),
    "not UTF-8": ([(SPEC, ALL, b"title: Stra\xdfe\n")], ["error spec problem.yaml: is not UTF-8 text (byte 11)"]),
    "two parts of one name": ([(SPEC, "  - id: g\n", "  - id: f\n")], ["error spec problem.yaml:126:9: there are two parts 'f'"]),
    "two options of one name": ([(SPEC, "      tall:\n", "      Bend:\n")], [
        "error spec problem.yaml:94:5: the options 'bend' and 'Bend' are one name to a student"]),
    "points of a part": ([(SPEC, "    out_of: 2\n", "    out_of: 3\n")], [
        "error spec problem.yaml:57:13: the blanks of this part add up to 2 points, not to 3"]),
    "points of the problem": ([(SPEC, "out_of: 10", "out_of: 12")], [
        "error spec problem.yaml:6:9: the parts add up to 10 points, not to 12"]),
    "points below zero": ([(SPEC, "    value: 6\n    points: 1\n", "    value: 6\n    points: -1\n")], [
        "error spec problem.yaml:118:13: this must be at least 0"]),
    "a letter without a size": ([(SPEC, "    shape: [m, d]\n", "    shape: [m, dd]\n")], [
        "error spec problem.yaml:31:16: the letter 'dd' has no size; give it one under sizes; did you mean d?"]),
    "an argument of the model that is a symbol": ([(SPEC, "model:\n  s:", "model:\n  b:")], ["error spec problem.yaml:22:3: 'b' is a symbol already"]),
}  # fmt: skip

CLAIMS = {
    "an unknown function": ([(SPEC, GRADIENT, "{gradient: los, wrt: x}\n")], [
        "error proof problem.yaml:42:12: b: reference.py has no function 'los'; did you mean loss?"]),
    "an unknown argument": ([(SPEC, GRADIENT, "{gradient: loss, wrt: xx}\n")], [
        "error proof problem.yaml:42:12: b: loss has no argument 'xx'; did you mean x?"]),
    "a symbol that is no argument": ([(SPEC, GRADIENT, "{gradient: loss, wrt: y}\n")], [
        "error proof problem.yaml:42:12: b: loss has no argument 'y'"]),
    "an unknown symbol from the left": ([(SPEC, "wrt: x, with: y}", "wrt: x, with: yy}")], [
        "error proof problem.yaml:72:16: c.back: 'yy' is no symbol; did you mean y?"]),
    "another shape from the left": ([(SPEC, "wrt: x, with: y}", "wrt: x, with: t}")], [
        "error proof problem.yaml:72:16: c.back: t has the shape 3×1, and the value of through 2×1"]),
    "the key itself": ([(SPEC, GRADIENT, "{equals: input_gradient}\n")], [
        "error proof problem.yaml:42:12: b: this proves nothing: input_gradient is the key itself"]),
    "the formula itself": ([(SPEC, VJP, "{equals: P.T @ Q.T @ y}")], [
        "error proof problem.yaml:72:16: c.back: this proves nothing: P.T @ Q.T @ y is the key itself"]),
    "the formula itself, written otherwise": ([(SPEC, VJP, "{equals: P^T Q^T y}")], [
        "error proof problem.yaml:72:16: c.back: this proves nothing: P^T Q^T y is the key itself"]),
    "a function that calls the key": ([(SPEC, GRADIENT, "{equals: same}\n"), (MODEL, "def through", "def same(W, x, t):\n    return input_gradient(W, x, t)\n\n\ndef through")], [
        "error proof problem.yaml:42:12: b: this proves nothing: same calls the key, input_gradient"]),
    "a key that calls the function": ([(SPEC, GRADIENT, "{equals: slope}\n"), (MODEL, KEY, "    return slope(W, x, t)\n\n\ndef slope(W, x, t):\n" + KEY)], [
        "error proof problem.yaml:42:12: b: this proves nothing: the key, input_gradient, is nothing but slope"]),
    "a statement that compares with itself": ([(SPEC, "{shape_of: output, is: [m, 1]}", "{equal: [output, output]}")], [
        "error proof problem.yaml:112:16: e: this proves nothing: output is compared with itself"]),
    "the gradient of no single number": ([(SPEC, GRADIENT, "{gradient: output, wrt: x}\n")], [
        "error proof problem.yaml:42:12: b: the value of output is no single number; use jacobian, or vjp with what is given"]),
    "without wrt": ([(SPEC, GRADIENT, "{gradient: loss}\n")], [
        "error spec problem.yaml:42:12: with `gradient`, `wrt` is needed"]),
    "without with": ([(SPEC, VJP, "{vjp: through, wrt: x}")], ["error spec problem.yaml:72:16: with `vjp`, `with` is needed"]),
    "two forms": ([(SPEC, GRADIENT, "{gradient: loss, jacobian: output, wrt: x}\n")], [
        "error spec problem.yaml:42:12: a claim is one of gradient, jacobian, vjp, equals, shape_of, minimises, maximises, convention; gradient and jacobian are several"]),
    "no form": ([(SPEC, GRADIENT, "{wrt: x}\n")], [
        "error spec problem.yaml:42:12: a claim is one of gradient, jacobian, vjp, equals, shape_of, minimises, maximises, convention; this is none"]),
    "a sentence": ([(SPEC, GRADIENT, "gradient of loss by x\n")], [
        "error spec problem.yaml:42:12: names with values are needed here"]),
    "a field that does not go with it": ([(SPEC, GRADIENT, "{gradient: loss, wrt: x, gives: [d, 1]}\n")], [
        "error spec problem.yaml:42:12: `gives` does not go with `gradient`"]),
    "a convention without a reason": ([(SPEC, "{convention: It is a name.}", "{convention: ''}")], [
        "error spec problem.yaml:132:25: this must not be empty"]),
    "a shape of a formula": ([(SPEC, GRADIENT, "{shape_of: loss}\n")], [
        "error proof problem.yaml:42:12: b: the key of a formula blank is no shape"]),
    "a derivative that is a word": ([(SPEC, "{convention: It is a name.}", "{gradient: loss, wrt: x}")], [
        "error proof problem.yaml:132:12: g: the key of a word blank has no value that could be compared"]),
    "another quantifier": ([(SPEC, "depends_on: all of W", "depends_on: every W")], [
        "error spec problem.yaml:103:16: `depends_on` is `all of W`, `some of W` or `none of W`, not 'every W'"]),
    "elements of an unknown symbol": ([(SPEC, "depends_on: all of W", "depends_on: all of V")], [
        "error proof problem.yaml:103:16: e: 'V' is no symbol"]),
    "a limit of an unknown symbol": ([(SPEC, "limit: {lam: 0}", "limit: {lamb: 0}")], [
        "error proof problem.yaml:92:16: d.ridge: 'lamb' is no symbol; did you mean lam?"]),
    "a limit that is no number": ([(SPEC, "limit: {lam: 0}", "limit: {lam: soon}")], [
        "error proof problem.yaml:92:16: d.ridge: 'soon' is no number that lam could tend to, such as 0 or inf"]),
    "a value that is no number": ([(SPEC, "{equals: newton}\n      ridge", "{equals: newton, at: {a: big}}\n      ridge")], [
        "error proof problem.yaml:85:13: d.best: a has no value that is made of numbers: 'big'"]),
    "an output that there is not": ([(SPEC, "{jacobian: through, wrt: x}", "{jacobian: through, wrt: x, output: 1}")], [
        "error proof problem.yaml:65:16: c.ahead: the key returns 1 value, so there is no output 1"]),
    "a refuted equals": ([(SPEC, "{equals: newton}\n      ridge", "{equals: a / b}\n      ridge")], [
        "error proof problem.yaml:85:13: d.best: the model does not bear this out: at m = 3, d = 2: the key is #, and the model's #"]),
    "a refuted limit": ([(SPEC, "limit: {lam: 0}", "limit: {lam: inf}")], [
        "error proof problem.yaml:92:16: d.ridge: the model does not bear this out: at m = 3, d = 2: the key stays 1 times the size of its limit away from it"]),
    "a refuted maximum": ([(SPEC, "{minimises: cost, wrt: s}", "{maximises: cost, wrt: s}")], [
        "error proof problem.yaml:84:13: d.best: the model does not bear this out: at m = 3, d = 2: cost is # at the key, and # elsewhere"]),
    "a refuted Jacobian": ([(SPEC, "{jacobian: through, wrt: x}", "{jacobian: output, wrt: x}")], [
        "error proof problem.yaml:65:16: c.ahead: the model does not bear this out: at m = 3, d = 2: the key has the shape 2×2, and the model's is 3×2"]),
    "a refuted shape of an argument": ([(SPEC, SHAPE, "{shape_of: x, in: output, gives: [m, 1]}")], [
        "error proof problem.yaml:33:12: a: the model does not bear this out: at m = 3, d = 2: with 3×2 it does not work; only 2×1 does"]),
    "a refuted shape of a value": ([(SPEC, SHAPE, "{shape_of: output}")], [
        "error proof problem.yaml:33:12: a: the model does not bear this out: at m = 3, d = 2: the key is 3×2, and the model's value 3×1"]),
    "a refuted number": ([(MODEL, "np.zeros((3, 2)).size", "np.zeros((3, 3)).size")], [
        "error proof problem.yaml:119:12: f: the model does not bear this out: the key is 6, and the model's 9"]),
    "several shapes that work": ([(SPEC, SHAPE, "{shape_of: W, in: output}")], [
        "warning proof problem.yaml:33:12: a: this could not be proved: nothing can be told at the stated sizes: 1×2 works too: say with `gives` what comes out, or name a smaller function"]),
}  # fmt: skip

LOOKS = {
    "a dead link to a part": ([(SPEC, "(#part-b)", "(#part-h)")], [
        "error presentation problem.yaml:75:10: the link to '#part-h' leads nowhere: there is no part (h)"]),
    "a link without part": ([(SPEC, "(#part-b)", "(#b)")], [
        "error presentation problem.yaml:75:10: the link to '#b' leads nowhere: link to https://… or to a part, as #part-b"]),
    "a link to a file": ([(SPEC, "(#part-b)", "(solution.html)")], [
        "error presentation problem.yaml:75:10: the link to 'solution.html' leads nowhere: link to https://… or to a part, as #part-b"]),
    "a part that there is not": ([(SPEC, "as in part (b)", "as in part (h)")], [
        "error presentation problem.yaml:56:10: part (h) is spoken of, and there is none"]),
    "one of two parts that there is not": ([(SPEC, "as in part (b)", "as in parts (b) and (h)")], [
        "error presentation problem.yaml:56:10: part (h) is spoken of, and there is none"]),
    "a picture without a text": ([(SPEC, "![two boxes, x and z, and an arrow W from the one to the other]", "![]")], [
        "error spec problem.yaml:3:8: the picture 'layer.svg' needs a text for those who cannot see it"]),
    "another name of a picture": ([(SPEC, "(layer.svg)", "(layers.svg)")], [
        "error spec problem.yaml:3:8: there is no picture 'layers.svg' in the problem's folder"]),
    "a picture of another type": ([(SPEC, "(layer.svg)", "(layer.gif)")], [
        "error spec problem.yaml:3:8: the picture 'layer.gif' is none of .png, .jpg, .jpeg, .svg"]),
    "a picture that is missing": ([("layer.svg", None, None)], [
        "error spec problem.yaml:3:8: there is no picture 'layer.svg' in the problem's folder"]),
}  # fmt: skip

SHARPNESS = {
    "every size is 2": ([(SPEC, "sizes: {m: 3, d: 2}", "sizes: {m: 2, d: 2}")], [
        "error examples examples.yaml:2:5: a: '3x2' should be correct but is incorrect",
        "error examples examples.yaml:3:5: a: '2x3' should be incorrect (transposed-shape) but is incorrect (no mistake named)",
        "warning sharpness problem.yaml:28:5: a: the exam cannot tell '2x2' (rows and columns swapped) from the key: every axis has the length 2 at the stated sizes"]),
    "a symmetric matrix": ([(SPEC, "P: {shape: [d, d]}", "P: {shape: [d, d], domain: sym}")], [
        "warning sharpness problem.yaml:60:9: c.ahead: the exam cannot tell 'Q Pᵀ' (extra-transpose) from the key: they are equal only because P is symmetric",
        "warning sharpness problem.yaml:67:9: c.back: the exam cannot tell 'P Qᵀ y' (missing-transpose) from the key: they are equal only because P is symmetric"]),
    "a symmetric matrix, and the author knows": ([(SPEC, "P: {shape: [d, d]}", "P: {shape: [d, d], domain: sym}"), (SPEC, "{jacobian: through, wrt: x}\n", "{jacobian: through, wrt: x}\n        acknowledged: {Q P^T: P is its own transpose.}\n"), (SPEC, "{vjp: through, wrt: x, with: y}\n", "{vjp: through, wrt: x, with: y}\n        acknowledged: {P @ Q.T @ y: P is its own transpose.}\n")], []),
    "acknowledged, and gone": ([(SPEC, "{jacobian: through, wrt: x}\n", "{jacobian: through, wrt: x}\n        acknowledged: {P Q: they commute.}\n")], [
        "warning sharpness problem.yaml:66:24: c.ahead: 'P Q' is acknowledged, and nothing like it is found"]),
}  # fmt: skip

TABLES = {
    "harmful": HARMFUL, "good": HARMLESS, "key": KEYS, "examples": TRIED, "misspelt": MISSPELT, "mistake": MISTAKES, "policy": POLICY,
    "latex": LATEX, "yaml": YAML, "claim": CLAIMS, "looks": LOOKS, "sharpness": SHARPNESS,
}  # fmt: skip
COPIES = {f"{table}: {reason}": row for table, rows in TABLES.items() for reason, row in rows.items()}
BETWEEN = {f"between: {number}": ([], []) for number in range(10)}
"""Good ones, each checked right after a few that crash, hang or fork."""


HURRIED = {
    ("harmful: hangs at import", "harmful: a function of two claims that hangs", "between: 0", "between: 1"): {
        "workers": 2,
        "reference_seconds": 2.0,
    },
    ("harmful: more and more functions that hang",): {"workers": 1, "seconds": 2.5, "reference_seconds": 1.0},
}
"""Copies with deadlines of their own: a function that hangs is ended soon, and three of them take longer than their check may."""


def copied(folder, edits):
    """Make a copy of the good problem that is broken by edits."""
    shutil.copytree(GOOD, folder)
    for name, piece, other in edits:
        file = folder / name
        if piece is None:
            file.unlink()
            continue
        text = file.read_text(encoding="utf-8")
        assert piece == ALL or text.count(piece) == 1, (name, piece)
        broken = other if piece == ALL else text.replace(piece, other)
        file.write_bytes(broken if isinstance(broken, bytes) else broken.encode())
    return folder


def ordered():
    """Return the names of the copies, with a good one after every third of the harmful ones."""
    names, between = list(COPIES), iter(BETWEEN)
    spread = chain.from_iterable(
        (name, next(between)) if number % 3 == 2 else (name,) for number, name in enumerate(names[:30])
    )
    return [*spread, *names[30:]]


def running(marker):
    """Return the processes that were started with a marker in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            inside = marker.encode() in (process / "environ").read_bytes()
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:  # It is another's, or has just ended.
            continue
        if inside and parent != str(os.getpid()):  # The fork server itself is our child, and stays.
            found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def checked(folder):
    """Check all copies; return their reports, and what still runs afterwards."""
    numbers = count()
    copies = {
        name: copied(folder / f"copy{next(numbers)}" / GOOD.name, {**COPIES, **BETWEEN}[name][0]) for name in ordered()
    }
    marker = folder / "started-here"
    marker.mkdir()
    reports = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(marker))
        fork_server._own_server.cache_clear()  # One that is started now has the marker too, and so have its copies.
        for names, limits in HURRIED.items():
            with WorkerPool(**limits) as pool:
                reports |= zip(names, pool.check([copies[name] for name in names], lambda: None), strict=True)
        others = [name for name in copies if name not in reports]
        with WorkerPool(workers=2) as pool:
            reports |= zip(others, pool.check([copies[name] for name in others], lambda: None), strict=True)
    until = time.monotonic() + 5
    while (left := running(str(marker))) and time.monotonic() < until:
        time.sleep(0.1)
    return {"reports": {name: report.to_json() for name, report in reports.items()}, "left": left}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The one run over all copies, also where several processes of pytest share the tests."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = shared / "broken-copies.json"
    with open(shared / "broken-copies.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(checked(tmp_path_factory.mktemp("copies"))), encoding="utf-8")
    return json.loads(kept.read_text(encoding="utf-8"))


def told(run, name):
    """Return the findings of one copy as the tables write them."""
    report = report_from_json(run["reports"][name])
    lines = [f"{each.level} {each.check} {each.complaint}".replace(f"{report.path}/", "") for each in report.findings]
    return [MEASURED.sub("#", line) if " proof " in line else line for line in lines]


@pytest.mark.parametrize("name", COPIES)
def test_a_copy(run, name):
    assert told(run, name) == list(COPIES[name][1])


def test_good_ones_are_clean_between_those_that_crash_hang_or_fork(run):
    assert {name: told(run, name) for name in BETWEEN} == {name: [] for name in BETWEEN}


def test_every_key_of_the_good_problem_is_proved_or_a_convention(run):
    known = blank_statuses(report_from_json(run["reports"]["good: as it is"]))
    proved = dict.fromkeys(("a", "b", "c.ahead", "c.back", "d.best", "d.ridge", "e", "f"), "proven")
    assert known == {**proved, "g": "convention"}


def test_a_good_problem_checked_again_and_again_has_one_report(run):
    reports = [run["reports"][name] for name in ("good: as it is", *BETWEEN)]
    assert len({json.dumps([each["proofs"], each["notes"]]) for each in reports}) == 1


def test_no_author_s_mistake_is_called_a_failure_of_the_grader(run):
    assert [name for name, each in run["reports"].items() if any(found["ours"] for found in each["findings"])] == []


def test_a_model_that_kills_the_process_above_its_own_harms_no_problem(tmp_path):
    kill = [(MODEL, IMPORT, "import os\n\nimport numpy as np\n\nos.kill(os.getppid(), 9)\n")]
    folders = [copied(tmp_path / str(number) / GOOD.name, kill if number % 2 else []) for number in range(6)]
    with WorkerPool(workers=2) as pool:
        reports = pool.check(folders, lambda: None)
    assert [bool(report.findings) for report in reports] == [False, True, False, True, False, True]
    for finding in chain.from_iterable(report.findings for report in reports):
        assert not finding.grader_failed
        assert finding.complaint.message.endswith(
            "reference.py, line 7, fails: PermissionError: [Errno 1] Operation not permitted"
        )


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked for in /proc")
def test_nothing_is_left_running(run):
    assert run["left"] == []
