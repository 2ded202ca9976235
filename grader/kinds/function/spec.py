"""The spec of a function blank, and what may be known of it without its key."""

from __future__ import annotations

from grader.core.submission import Written
from grader.kinds.base.context import Context
from grader.kinds.base.prepared import Prepared
from grader.kinds.base.public import Preview, Public, single_text
from grader.kinds.code import messages
from grader.kinds.code.program import Program, Signature, check_syntax, missing_function, parse_program
from grader.kinds.function.options import FunctionOptions
from grader.kinds.function.prepared import PreparedFunction


class FunctionSpec(FunctionOptions):
    """A NumPy function, run on inputs drawn from the domains of its parameters.

    ``kind: function``, ``name: step``, ``parameters: [W, x]`` (symbols of the problem). ``reference`` is the function of
    reference.py whose values are expected; it runs in the grader, never beside a student's program.
    """

    def prepare(self, context: Context) -> Prepared[Program]:
        """Draw the inputs and work out what is expected."""
        return PreparedFunction(self, context)

    def public(self, context: Context) -> Public:
        """Return the signature, and the symbols that are its parameters."""
        instructions = f"Write a NumPy function def {self.signature}: … with what it needs, as text or as a .py file."
        symbols = {name: context.symbols[name] for name in self.parameters}
        return FunctionPublic(
            kind=self.kind, instructions=instructions, label=self.label, symbols=symbols, signature=self.signature
        )


class FunctionPublic(Public):
    """What the function is called, and what it is given."""

    signature: Signature

    @property
    def function_head(self) -> str | None:
        """The function that is asked for."""
        return str(self.signature)

    def read_back(self, written: Written) -> Preview:
        """Return that this is Python and seems to define the function; it is not run. Raises Unreadable."""
        answer = parse_program(single_text(written))
        check_syntax(answer)
        if self.signature.name in answer.function_names:
            return Preview(read_as=messages.read_as_text(self.signature), is_code=True)
        raise missing_function(answer, self.signature)
