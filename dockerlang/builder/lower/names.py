"""How progress names a step: `[stage 2/5] RUN make`, as the reference does."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dockerlang.syntax import nodes

_FIRST_WORD = re.compile(r"[^\t\v\f\r ]+")


def step_text(instruction: nodes.Instruction, environment: Mapping[str, str]) -> str:
    """The instruction as one line: its keyword in upper case, variables that are set replaced, a heredoc hinted at."""
    text = _FIRST_WORD.sub(lambda match: match[0].upper(), instruction.text.strip(), count=1)
    text = _replace_variables(text, environment)
    if instruction.heredocs:
        first = instruction.heredocs[0].chomped.lstrip().partition("\n")[0]
        if first:
            text = f"{text} ({first}...)"
    return " ".join(text.split("\n"))


def _replace_variables(text: str, environment: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return environment.get(name, match[0])

    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", value, text)


def counts_as_step(instruction: nodes.Instruction) -> bool:
    """Whether the instruction has a number in its stage: it makes a layer."""
    return isinstance(instruction, (nodes.Run, nodes.Transfer, nodes.Workdir))


def step_name(stage: str, number: int, total: int, text: str) -> str:
    """The step's full name; `stage` is empty where the file has one stage."""
    prefix = f"{stage} " if stage else ""
    width = len(str(total))
    return f"[{prefix}{number:>{width}}/{total}] {text}"
