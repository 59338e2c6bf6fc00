"""What a rule is: a function that looks at one kind of thing and yields findings, together with its code and its page.

A rule file holds one function under the decorator `rule`; the module's docstring is the rule's page. The function gets
the thing (an instruction, a stage, a command of RUN, the file) and the `LintedFile`, which answers its questions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import field
from enum import Enum
from types import UnionType
from typing import Any

from dockerlang.diagnostics import Diagnostic, Fix, Label, Severity, Tag
from dockerlang.records import record
from dockerlang.syntax import nodes
from dockerlang.text import Span

Check = Callable[[Any, Any], "Iterable[Finding]"]
Sight = Callable[[nodes.Item], bool]


class Family(Enum):
    """Whose rule it is, which decides the shape of its code and where its page on the web is."""

    HADOLINT = "hadolint"
    BUILDKIT = "buildkit"
    OWN = "dockerlang"


@record
class Finding:
    """One place at which a rule is broken; the engine makes a `Diagnostic` of it.

    `raised_by` is the place whose suppressions count too, where the instruction that made the rule speak is not the
    one that the finding points at.
    """

    span: Span
    message: str
    fix: Fix | None = None
    help: str = ""
    note: str = ""
    labels: tuple[Label, ...] = ()
    raised_by: Span | None = None


@record
class Rule:
    """A rule as the catalog knows it.

    `on` are the types of the things it looks at; `of`, for commands of RUN, the names of those it wants to see, empty
    for all. `on_triggers` says that instructions below ONBUILD count too. `twin` is
    the code of the rule of another family that finds the same: suppressing either suppresses both, and people are shown
    one of the two.

    What a rule finds is kept while nothing changes that it may look at. A rule about a stage, an instruction or a
    command may look at that stage, at those it is built on, at the names of all stages, at what stands above the first
    FROM, and at what `LintedFile` says of the whole file. A rule about the document may look at every FROM, at the
    lines above the first, and at the items that it `sees`; without that, at everything.
    """

    code: str
    name: str
    on: tuple[type, ...]
    check: Check
    severity: Severity
    of: frozenset[str] = frozenset()
    is_default: bool = True
    on_triggers: bool = False
    sees: Sight | None = None
    twin: str = ""
    tags: frozenset[Tag] = frozenset()
    page: str = field(default="", repr=False)

    @property
    def family(self) -> Family:
        """The family, told from the code."""
        if re.fullmatch(r"DL\d{4}", self.code):
            return Family.HADOLINT
        return Family.BUILDKIT if self.code[0].isupper() else Family.OWN

    @property
    def title(self) -> str:
        """The first line of the rule's page."""
        return self.page.partition("\n")[0]

    @property
    def url(self) -> str:
        """Where the family's own documentation of the rule stands; empty for our own."""
        match self.family:
            case Family.HADOLINT:
                return f"https://github.com/hadolint/hadolint/wiki/{self.code}"
            case Family.BUILDKIT:
                return f"https://docs.docker.com/go/dockerfile/rule/{kebab(self.code)}/"
            case Family.OWN:
                return ""

    @property
    def has_fix(self) -> bool:
        """Whether the rule can mend at least some of what it finds."""
        return "\n## Fixed" in self.page

    def diagnostic(self, finding: Finding, severity: Severity) -> Diagnostic:
        """The finding as everyone else sees it."""
        return Diagnostic(
            code=self.code,
            severity=severity,
            span=finding.span,
            message=finding.message,
            note=finding.note,
            help=finding.help,
            labels=finding.labels,
            fixes=(finding.fix,) if finding.fix is not None else (),
            url=self.url,
            tags=self.tags,
        )


def rule(
    code: str,
    *,
    on: type | UnionType,
    severity: Severity,
    of: Iterable[str] = (),
    is_default: bool = True,
    on_triggers: bool = False,
    sees: Sight | None = None,
    twin: str = "",
    tags: Iterable[Tag] = (),
) -> Callable[[Check], Rule]:
    """Make a rule of a function `(thing, file) -> findings`; the function's name becomes the rule's name."""

    def make(check: Check) -> Rule:
        page = check.__globals__.get("__doc__") or ""
        name = check.__name__.replace("_", "-")
        return Rule(
            code=code,
            name=name,
            on=on.__args__ if isinstance(on, UnionType) else (on,),
            check=check,
            severity=severity,
            of=frozenset(of),
            is_default=is_default,
            on_triggers=on_triggers,
            sees=sees,
            twin=twin,
            tags=frozenset(tags),
            page=page.strip(),
        )

    return make


def only(*kinds: type[nodes.Item]) -> Sight:
    """What a rule about the document sees if it looks at items of these kinds, and at FROM lines."""
    return lambda item: isinstance(item, kinds)


def kebab(name: str) -> str:
    """`JSONArgsRecommended` as `json-args-recommended`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()
