"""Comments that silence findings: our own, hadolint's pragmas and BuildKit's `check` directive.

    # dockerlang: ignore[DL3008, unused-stage] why      the instruction below
    # dockerlang: ignore-file[DL3008] why               the file
    # hadolint ignore=DL3008,SC2086          the instruction below
    # hadolint global ignore=DL3008          the file
    # hadolint shell=/bin/bash               the shell that reads the RUNs that follow in the stage
    # check=skip=JSONArgsRecommended         at the top of the file: the file; above an instruction: the instruction
    # check=skip=all;error=true              at the top of the file

Codes that nobody knows are let pass: they may belong to a newer version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dockerlang.linter.rule import Family, Rule
from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.text import Span

_CODES = r"(?P<codes>[A-Za-z0-9_-]+(?:[ \t]*,[ \t]*[A-Za-z0-9_-]+)*)"
_IGNORE = re.compile(rf"hadolint[ \t]+(?P<scope>global[ \t]+)?ignore[ \t]*=[ \t]*{_CODES}")
_OWN = re.compile(r"dockerlang:[ \t]*ignore(?P<scope>-file)?\[(?P<codes>[^\]\n]*)\]")
_SHELL = re.compile(r"hadolint[ \t]+shell[ \t]*=[ \t]*(?P<shell>\S+)")
_CHECK = re.compile(r"check[ \t]*=[ \t]*(?P<options>\S+)")
ALL = "all"
_WHOLE_FILE = -1
# An empty line parts a comment from its instruction: it silences nothing.
_NOWHERE = -2


@record
class Pragma:
    """A comment that ignores: where it stands, whether it holds for the whole file, and the codes, lower-cased.

    `written` is the list of the codes as it is written.
    """

    span: Span
    is_global: bool
    codes: frozenset[str]
    written: str = ""


@record
class CheckOptions:
    """The value of a `check` directive or comment; rule names are lower-cased, `all` may be among them."""

    skip: frozenset[str] = frozenset()
    experimental: frozenset[str] = frozenset()
    is_error: bool = False


class Suppressions:
    """All that one file silences, and where; it notes which of it was of use."""

    def __init__(
        self, document: nodes.Document, *, honours_pragmas: bool = True, everywhere: frozenset[str] = frozenset()
    ) -> None:
        """`everywhere` are codes, lower-cased, that lines which `document` leaves out silence for the whole file."""
        self.check = next(
            (check_options(directive.value.text) for directive in document.directives if directive.name == "check"),
            CheckOptions(),
        )
        self.pragmas: list[tuple[Pragma, int]] = []
        self.is_asked: Callable[[str], bool] = lambda _code: False
        """Whether a code, lower-cased, is one that was looked for: what was not cannot be said to be of no use."""
        self._used: set[tuple[int, str]] = set()
        self._file = everywhere
        self._places: list[tuple[Span, frozenset[str], frozenset[str]]] = []
        for instruction, comments, above in _with_comments(document):
            skipped = _skipped(comments)
            ignored: frozenset[str] = frozenset()
            for comment in above if honours_pragmas else ():
                pragma = read_pragma(comment)
                if pragma is not None:
                    is_lost = instruction is None and not pragma.is_global
                    place = _WHOLE_FILE if pragma.is_global or instruction is None else instruction.span.start
                    self.pragmas.append((pragma, _NOWHERE if is_lost else place))
                if pragma is not None and pragma.is_global:
                    self._file |= pragma.codes
                elif pragma is not None:
                    ignored |= pragma.codes
            if instruction is not None and (ignored or skipped):
                self._places.append((instruction.span, ignored, skipped))

    def hides(self, rule: Rule | None, code: str, *places: Span) -> bool:
        """Whether a finding under `code`, of `rule` where it is a rule's, is silenced for one of the places."""
        names = {code.lower()}
        if rule is not None:
            names.update({rule.name, rule.twin.lower()} if rule.twin else {rule.name})
        is_check = rule is not None and rule.family is Family.BUILDKIT
        self._used.update((_WHOLE_FILE, name) for name in names & self._file)
        is_hidden = bool(names & self._file or names & self.check.skip or (is_check and ALL in self.check.skip))
        for span, ignored, skipped in self._places:
            if any(place.start in span for place in places):
                self._used.update((span.start, name) for name in names & ignored)
                is_hidden = is_hidden or bool(names & ignored or names & skipped or (is_check and ALL in skipped))
        return is_hidden

    def unused(self) -> Iterator[tuple[Pragma, frozenset[str]]]:
        """The comments with codes that have silenced nothing although they were looked for, and those codes."""
        for pragma, place in self.pragmas:
            codes = frozenset(code for code in pragma.codes if (place, code) not in self._used and self.is_asked(code))
            if codes:
                yield pragma, codes


def read_pragma(comment: nodes.Comment) -> Pragma | None:
    """The comment as one that ignores; None for any other."""
    match = _IGNORE.match(comment.text) or _OWN.match(comment.text)
    if match is None:
        return None
    codes = frozenset(filter(None, (code.strip().lower() for code in match["codes"].split(","))))
    return Pragma(comment.span, match["scope"] is not None, codes, match["codes"])


def read_shell_pragma(comment: nodes.Comment) -> str | None:
    """The shell that a `# hadolint shell=` comment names."""
    match = _SHELL.match(comment.text)
    return match["shell"] if match is not None else None


def check_options(value: str) -> CheckOptions:
    """`skip=A,B;error=true;experimental=all` taken apart; options that do not exist are let pass."""
    skip: frozenset[str] = frozenset()
    experimental: frozenset[str] = frozenset()
    is_error = False
    for option in value.split(";"):
        key, _, text = option.partition("=")
        names = frozenset(name.strip().lower() for name in text.split(",") if name.strip())
        match key.strip().lower():
            case "skip":
                skip = names
            case "experimental":
                experimental = names
            case "error":
                is_error = text.strip().lower() in ("1", "t", "true")
    return CheckOptions(skip, experimental, is_error)


def comments_above(document: nodes.Document) -> Iterator[tuple[nodes.Instruction, tuple[nodes.Comment, ...]]]:
    """Each instruction with the comments that belong to it, as BuildKit keeps them.

    Blank lines do not part them from it, but a comment without text does: it clears what stood before.
    """
    for instruction, comments, _ in _with_comments(document):
        if instruction is not None:
            yield instruction, comments


def _with_comments(
    document: nodes.Document,
) -> Iterator[tuple[nodes.Instruction | None, tuple[nodes.Comment, ...], tuple[nodes.Comment, ...]]]:
    """Each instruction with BuildKit's comments and with those right above or inside it; None for the file's end."""
    attached: list[nodes.Comment] = []
    above: list[nodes.Comment] = []
    lost: list[nodes.Comment] = []
    for item in document.items:
        match item:
            case nodes.Comment():
                above.append(item)
                attached = [*attached, item] if item.text else []
            case nodes.Blank():
                lost.extend(above)
                above = []
            case nodes.Instruction():
                if lost:
                    # A pragma apart from any instruction can still be one for the whole file.
                    yield None, (), tuple(lost)
                yield item, tuple(attached), (*above, *item.comments)
                attached, above, lost = [], [], []
    yield None, (), (*lost, *above)


def _skipped(comments: tuple[nodes.Comment, ...]) -> frozenset[str]:
    skipped: frozenset[str] = frozenset()
    for comment in comments:
        match = _CHECK.match(comment.text)
        if match is not None:
            skipped |= check_options(match["options"]).skip
    return skipped
