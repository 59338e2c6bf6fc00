"""Programs that keep credentials for docker: `docker-credential-NAME get|store|erase`, spoken to over pipes.

What they print is a secret: it is never shown, not even in errors.
"""

from __future__ import annotations

import json
import re
import subprocess

from dockerlang.errors import DockerlangError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TIMEOUT = 60.0
_NOTHING_KNOWN = ("credentials not found", "no credentials server URL", "no usernames for")


class HelperProblem(DockerlangError):
    """A helper is missing or fails."""


def ask_helper(name: str, server: str) -> tuple[str, str] | None:
    """Name and secret for a server; None where the helper knows none. Raises `HelperProblem`."""
    code, output = _run(name, "get", server)
    if code != 0:
        if any(phrase in output for phrase in _NOTHING_KNOWN):
            return None
        raise HelperProblem(f"docker-credential-{name} failed with exit code {code}")
    try:
        answer = json.loads(output)
        username, secret = answer["Username"], answer["Secret"]
    except (ValueError, KeyError, TypeError):
        raise HelperProblem(f"docker-credential-{name} gave an answer that cannot be read") from None
    if not isinstance(username, str) or not isinstance(secret, str):
        raise HelperProblem(f"docker-credential-{name} gave an answer that cannot be read")
    return (username, secret) if secret else None


def tell_helper(name: str, server: str, username: str, secret: str) -> None:
    """Let a helper keep credentials. Raises `HelperProblem`."""
    message = json.dumps({"ServerURL": server, "Username": username, "Secret": secret})
    code, _ = _run(name, "store", message)
    if code != 0:
        raise HelperProblem(f"docker-credential-{name} did not take the credentials (exit code {code})")


def erase_from_helper(name: str, server: str) -> None:
    """Let a helper forget credentials; it may know none. Raises `HelperProblem`."""
    code, output = _run(name, "erase", server)
    if code != 0 and not any(phrase in output for phrase in _NOTHING_KNOWN):
        raise HelperProblem(f"docker-credential-{name} did not forget the credentials (exit code {code})")


def _run(name: str, action: str, message: str) -> tuple[int, str]:
    if _NAME.fullmatch(name) is None:
        raise HelperProblem(f"{name!r} is not the name of a credential helper")
    program = f"docker-credential-{name}"
    try:
        result = subprocess.run(
            [program, action], input=message.encode(), capture_output=True, timeout=_TIMEOUT, check=False
        )
    except FileNotFoundError:
        raise HelperProblem(f"the credential helper {program} is not installed") from None
    except OSError as error:
        raise HelperProblem(f"the credential helper {program} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise HelperProblem(f"the credential helper {program} gave no answer within {_TIMEOUT:.0f} s") from None
    return result.returncode, result.stdout.decode("utf-8", "replace")
