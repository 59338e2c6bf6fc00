"""What the top of a file says about the whole build: the checks that it asks for."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlang.builder.lower.expansion import Expander
from dockerlang.syntax import nodes

_CHECK_OPTIONS = frozenset({"skip", "experimental", "error"})
_TRUE = frozenset({"1", "t", "true"})
_SWITCHES = _TRUE | {"0", "f", "false"}


def refuse_bad_checks(document: nodes.Document, expander: Expander) -> None:
    """A `check` directive is `skip=...`, `experimental=...` and `error=true`, separated by semicolons."""
    for directive in document.directives:
        if directive.name != "check":
            continue
        for option in directive.value.text.partition(" ")[0].split(";"):
            name, has_value, value = (part.strip() for part in option.partition("="))
            if name not in _CHECK_OPTIONS or not has_value:
                message = f"`{name}` is no option of the checks"
                raise expander.failure(
                    "bad-check", directive.value.span, message, "there are skip, experimental, error"
                )
            if name == "error" and value.lower() not in _SWITCHES:
                raise expander.failure("bad-check", directive.value.span, f"`{value}` is neither true nor false")


def fails_on_findings(document: nodes.Document, build_args: Mapping[str, str]) -> bool:
    """Whether the file, or the build argument that replaces what it says, wants a finding of a check to be an error."""
    stated = [directive.value.text for directive in document.directives if directive.name == "check"]
    text = build_args.get("BUILDKIT_DOCKERFILE_CHECK", stated[0] if stated else "")
    options = [option.partition("=")[::2] for option in text.partition(" ")[0].split(";")]
    return any(name.strip() == "error" and value.strip().lower() in _TRUE for name, value in options)
