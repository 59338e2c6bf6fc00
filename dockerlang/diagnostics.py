"""One type for everything that is said about a place in a Dockerfile, from the scanner to a failed `RUN`."""

from __future__ import annotations

from enum import Enum, IntEnum

from dockerlang.edits import Edit
from dockerlang.records import record
from dockerlang.text import Span


class Severity(IntEnum):
    """How grave a diagnostic is; the higher, the graver."""

    STYLE = 1
    INFO = 2
    WARNING = 3
    ERROR = 4

    @property
    def word(self) -> str:
        """The severity's name as printed."""
        return self.name.lower()


class Safety(Enum):
    """Whether a fix keeps the meaning of the build (safe) or may change what is built (unsafe)."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Tag(Enum):
    """What an editor may show besides the underline."""

    UNNECESSARY = "unnecessary"
    DEPRECATED = "deprecated"


@record
class Label:
    """A second place that explains a diagnostic, with the words to show there."""

    span: Span
    message: str


@record
class Fix:
    """A set of edits, applied together, that removes the cause of a diagnostic."""

    title: str
    edits: tuple[Edit, ...]
    safety: Safety = Safety.SAFE


@record
class Diagnostic:
    """What is wrong, where, and what to do.

    `code` is a rule's code or a word of ours (`copy-source-missing`); `message` is one sentence without a final stop;
    `help` says what to do; `note` is shown under the underline; `url` leads to the rule's page.
    """

    code: str
    severity: Severity
    span: Span
    message: str
    note: str = ""
    help: str = ""
    labels: tuple[Label, ...] = ()
    fixes: tuple[Fix, ...] = ()
    url: str = ""
    tags: frozenset[Tag] = frozenset()
