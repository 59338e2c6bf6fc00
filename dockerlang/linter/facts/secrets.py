"""Names of variables that look as if they held a secret."""

from __future__ import annotations

import re

_BUILDKIT_WORDS = "apikey|auth|credential|credentials|key|password|pword|passwd|secret|token"
_BUILDKIT_SECRET = re.compile(rf"(?:^|_)(?:{_BUILDKIT_WORDS})(?:_|$)", re.IGNORECASE)
_BUILDKIT_HARMLESS = re.compile(r"(?:^|_)(?:public|file|version)(?:_|$)", re.IGNORECASE)
_HADOLINT_SECRET = re.compile(r"password|secret|token|api_key|private|\Aaws_access_key_id\Z", re.IGNORECASE)


def is_buildkit_secret(name: str) -> bool:
    """BuildKit's judgement: a word for a secret is a part of the name, and none that says it is something else."""
    return bool(_BUILDKIT_SECRET.search(name)) and not _BUILDKIT_HARMLESS.search(name)


def is_hadolint_secret(name: str) -> bool:
    """hadolint's judgement: the name holds one of a few words, wherever."""
    return bool(_HADOLINT_SECRET.search(name))
