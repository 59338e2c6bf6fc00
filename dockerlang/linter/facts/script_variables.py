"""The variables that the scripts of RUN use without giving them a value themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlang.linter.linted_file import LintedFile
from dockerlang.records import record
from dockerlang.semantics.scripts.run_commands import FOREIGN_SHELLS
from dockerlang.syntax import nodes
from dockerlang.text import Span

# A variable, or what keeps a `$` from being one: single quotes, an escape, a comment. A use with a default
# (`${A:-b}`) expects that nobody sets it.
_PART = re.compile(r"\\.|'[^']*'|(?<!\S)#[^\n]*|\$(?:(\w+)|\{(\w+)\})", re.DOTALL | re.ASCII)
_DOUBLE_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
# A here-document whose quoted mark keeps its `$` from being read.
_QUOTED_HEREDOC = re.compile(r"<<-?[ \t]*['\"\\]")


@record
class Use:
    """The first use of a variable in a script, and where in the Dockerfile it stands."""

    name: str
    span: Span


def uses_in(run: nodes.Run, file: LintedFile) -> Iterator[Use]:
    """The variables that the script of a RUN expects to be set; each once."""
    script = file.script(run)
    if script is None or script.interpreter or file.dialect_of(run) in FOREIGN_SHELLS:
        return
    if _QUOTED_HEREDOC.search(script.text):
        return
    # A quote of the one kind inside quotes of the other ends nothing.
    text = _DOUBLE_QUOTED.sub(lambda match: match[0].replace("'", " ").replace("#", " "), script.text)
    seen: set[str] = set()
    for match in _PART.finditer(text):
        name = match[1] or match[2]
        if not name or name in seen or name[0].isdigit():
            continue
        seen.add(name)
        # A bare mention of the name may set it: an assignment, `read`, `for`, `export`.
        if not re.search(rf"(?<![$\w{{])\b{name}\b", text, re.ASCII):
            yield Use(name, script.span(match.start(), match.end()))
