"""What the rules on pip know of its command line."""

from __future__ import annotations

import re

from dockerlang.semantics.scripts import Argument, Invocation

_PIP = re.compile(r"pip[0-9.]*")
_PYTHON = re.compile(r"python[0-9.]*")
WITH_VALUE = (
    "abi", "b", "build", "c", "cache-dir", "cert", "client-cert", "config-settings", "constraint", "e", "editable",
    "exists-action", "extra-index-url", "f", "find-links", "global-option", "i", "implementation", "index-url",
    "install-option", "log", "m", "no-binary", "only-binary", "platform", "prefix", "progress-bar", "proxy", "python",
    "python-version", "r", "report", "requirement", "retries", "root", "root-user-action", "src", "t", "target",
    "timeout", "trusted-host", "upgrade-strategy",
)  # fmt: skip


def is_pip(invocation: Invocation) -> bool:
    """Whether the command is pip, also as `python -m pip`."""
    if _PIP.fullmatch(invocation.name):
        return True
    return bool(_PYTHON.fullmatch(invocation.name)) and invocation.flag_value("m") == "pip"


def install_word(invocation: Invocation) -> Argument | None:
    """The word `install` of a `pip install`; None for another command."""
    if not is_pip(invocation):
        return None
    operands = invocation.operands(WITH_VALUE)
    return operands[0] if operands and operands[0].text == "install" else None
