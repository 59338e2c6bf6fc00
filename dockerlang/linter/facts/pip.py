"""What the rules on pip know of its command line."""

from __future__ import annotations

from dockerlang.semantics.packages import package_call
from dockerlang.semantics.scripts import Argument, Invocation


def install_word(invocation: Invocation) -> Argument | None:
    """The word `install` of a `pip install`, also as `python -m pip`; None for another command.

    A pip that is named by its path is another one, of an environment of its own.
    """
    call = package_call(invocation)
    if call is None or call.manager != "pip" or "/" in invocation.name:
        return None
    return call.verb if call.verb.text == "install" else None
