"""Forms of values that several options share."""

from __future__ import annotations

import os
from collections.abc import Iterable

from dockerlang.errors import UsageError


def pairs(texts: Iterable[str], *, takes_environment: bool, option: str = "--build-arg") -> dict[str, str]:
    """`NAME=VALUE` each; a bare `NAME` has the value of that environment variable, or is left out, or is empty.

    Raises `UsageError` where there is no name.
    """
    found = {}
    for text in texts:
        name, has_value, value = text.partition("=")
        if not name:
            raise UsageError(f"`{option} {text}` has no name", hint=f"write {option} NAME=VALUE")
        if has_value:
            found[name] = value
        elif not takes_environment:
            found[name] = ""
        elif name in os.environ:
            found[name] = os.environ[name]
    return found
