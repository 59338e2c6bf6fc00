"""Arguments that are read otherwise than they look: blanks around `=`, comments, commands, ports of the host, flags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockerlang.diagnostics import Diagnostic
from dockerlang.syntax import nodes
from dockerlang.syntax.checks.report import warning
from dockerlang.syntax.flags import FLAGS
from dockerlang.text import Span

_ALMOST_FLAG = re.compile(r"(?:-|[\u2013\u2014\u2212]-?|[\u2013\u2212]{2})(?P<name>[a-z][a-z-]+)(?:=\S*)?")
_LATE_FLAG = re.compile(r"--(?P<name>[a-z-]+)(?:=\S*)?")
_PUBLISHED = re.compile(r"(?:\S+:)?[0-9-]+:(?P<port>[0-9-]+(?:/\w+)?)")
# Those shells and prompts read `$(...)` from these variables themselves.
_EVALUATED = re.compile(r"PS[0-9]|.*PROMPT.*|.*COMMAND.*", re.IGNORECASE)


def misread_pairs(instruction: nodes.Env | nodes.Label) -> Iterator[Diagnostic]:
    """`ENV A = b`, `ENV A: b`, `ENV A=$(date)`."""
    keyword = instruction.keyword.text.upper()
    for pair in instruction.pairs:
        name, value = pair.name.text, pair.value
        if value is None:
            continue
        if instruction.is_legacy and value.text.startswith("="):
            rest = value.text[1:].strip()
            message = f"the value of `{name}` is `{_short(value.text)}`, with the sign"
            shown = f"`{keyword} {name}={rest}`" if not set(rest) & set(" \t") else f'`{keyword} {name}="..."`'
            yield warning("blank-before-equals", value.span, message, f"write {shown}, without blanks around `=`")
        elif instruction.is_legacy and name.endswith(":"):
            message = f"the colon is part of the name `{name}`"
            yield warning("colon-in-name", pair.name.span, message, f"write `{keyword} {name[:-1]}=value`")
        elif isinstance(instruction, nodes.Env) and not _EVALUATED.fullmatch(name):
            yield from _substitutions(value)


def misread_arguments(instruction: nodes.Arg) -> Iterator[Diagnostic]:
    """`ARG A=b # c`, `ARG A = b`, `ARG A=$(date)`."""
    for declaration in instruction.declarations:
        if declaration.name.text.startswith("#"):
            yield _comment(declaration.span)
            return
        if declaration.name.text.endswith(":"):
            name = declaration.name.text[:-1]
            message = f"the colon is part of the name `{name}:`"
            yield warning("colon-in-name", declaration.name.span, message, f"write `ARG {name}=value`")
        if declaration.value is not None:
            yield from _substitutions(declaration.value)


def _substitutions(value: nodes.Word) -> Iterator[Diagnostic]:
    if "$(" not in value.text:
        return
    literals = [piece for piece in _unquoted(value.pieces) if "$(" in piece.text]
    for literal in literals[:1]:
        start = literal.text.index("$(")
        if literal.text.startswith("$((", start):
            continue
        span = literal.span.part(start, len(literal.text)) if len(literal.span) == len(literal.text) else literal.span
        message = "the command is not run: the value holds `$(` and what follows"
        help_text = "run it in a RUN, or pass its output with `--build-arg`"
        yield warning("command-in-value", span, message, help_text)


def _unquoted(pieces: Sequence[nodes.Piece]) -> Iterator[nodes.Literal]:
    for piece in pieces:
        if isinstance(piece, nodes.Literal):
            yield piece
        elif isinstance(piece, nodes.DoubleQuoted):
            yield from _unquoted(piece.parts)


def misread_paths(instruction: nodes.Transfer | nodes.Volume) -> Iterator[Diagnostic]:
    """`COPY a b # c`, `COPY a b --chown=x`, `COPY -from=x a b`; not in arrays."""
    words: list[nodes.Word | nodes.Heredoc]
    if isinstance(instruction, nodes.Volume):
        words = [*instruction.paths]
    else:
        words = [*instruction.sources, *([instruction.destination] if instruction.destination is not None else [])]
    known = FLAGS.get(instruction.keyword.text.upper(), {})
    for index, word in enumerate(words):
        if not isinstance(word, nodes.Word):
            continue
        if word.text == "#" or (index > 1 and word.text.startswith("#")):
            yield _comment(word.span)
            return
        almost = _ALMOST_FLAG.fullmatch(word.text)
        late = _LATE_FLAG.fullmatch(word.text)
        if index == 0 and almost is not None and almost["name"] in known:
            yield _almost_flag(word.span, word.text, almost["name"], "the name of a file")
        elif index > 0 and late is not None and late["name"] in known:
            message = f"`{word.text}` is taken for a path: flags come first"
            yield warning("late-flag", word.span, message, f"write `{instruction.keyword.text} {word.text} ...`")


def misread_command(instruction: nodes.Run) -> Iterator[Diagnostic]:
    """`RUN -mount=type=cache ...`."""
    command = instruction.command
    if isinstance(command, nodes.ShellForm):
        match = _ALMOST_FLAG.match(command.text)
        if match is not None and match["name"] in FLAGS["RUN"]:
            yield _almost_flag(command.offsets.span(0, match.end()), match[0], match["name"], "a command")


def _almost_flag(span: Span, text: str, name: str, taken_for: str) -> Diagnostic:
    value = text.partition("=")[2]
    flag = f"--{name}={value}" if value else f"--{name}"
    return warning("almost-flag", span, f"`{text}` is no flag but {taken_for}", f"write `{flag}`, with two hyphens")


def misread_ports(instruction: nodes.Expose) -> Iterator[Diagnostic]:
    """`EXPOSE 8080:80`: an image does not say where its ports are published."""
    for word in instruction.ports:
        match = _PUBLISHED.fullmatch(word.text)
        if match is not None:
            message = f"only `{match['port']}` counts: an image does not choose ports of the host"
            help_text = f"write `EXPOSE {match['port']}`, and publish it with `docker run -p {word.text}`"
            yield warning("host-port", word.span, message, help_text)


def misread_word(instruction: nodes.User | nodes.Workdir, word: nodes.Word) -> Iterator[Diagnostic]:
    """`USER a b`, `WORKDIR ["/a"]`."""
    keyword = instruction.keyword.text.upper()
    if word.text.startswith(('["', "['")):
        bare = word.text.strip("[]\"' ")
        message = f"{keyword} takes no array: the brackets and quotes belong to the value"
        yield warning("almost-array", word.span, message, f"write `{keyword} {_short(bare)}`")
    elif isinstance(instruction, nodes.User) and any(
        isinstance(piece, nodes.Literal) and re.search(r"[ \t]", piece.text) for piece in word.pieces
    ):
        message = f"the name of the user is `{_short(word.text)}`, blanks included"
        yield warning("blank-in-user", word.span, message, "USER takes one user: `USER name` or `USER name:group`")


def _comment(span: Span) -> Diagnostic:
    message = "a comment cannot follow an instruction on its line"
    return warning("trailing-comment", span, message, "put it on a line of its own, above")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
