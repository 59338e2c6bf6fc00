"""What rules on unpinned packages share: one finding for a command, at its first package, with the others beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from dockerlang.diagnostics import Label
from dockerlang.linter.rule import Finding
from dockerlang.semantics.packages import Package, package_call
from dockerlang.semantics.scripts import Invocation

_SHOWN = 3


def unpinned(
    packages: Iterable[Package], is_pinned: Callable[[str], bool], help: Callable[[str], str]
) -> Iterator[Finding]:
    """The finding for those packages of one command that may be another version tomorrow; `help` gets a name."""
    loose = [package for package in packages if not is_pinned(package.text)]
    if loose:
        yield Finding(
            loose[0].span,
            f"{_listed([package.text for package in loose])} {'has' if len(loose) == 1 else 'have'} no fixed version",
            help=help(loose[0].text),
            labels=tuple(Label(package.span, "nor has this") for package in loose[1:]),
        )


def installed(invocation: Invocation, *verbs: str) -> tuple[Package, ...]:
    """The packages that a package manager gets by one of these subcommands; empty where the command is another one."""
    call = package_call(invocation)
    return call.packages if call is not None and call.verb.text in verbs else ()


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > _SHOWN:
        return f"{', '.join(quoted[: _SHOWN - 1])} and {len(quoted) - _SHOWN + 1} more"
    return " and ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))
