"""What a file's findings depend on, as the key under which they are remembered."""

from __future__ import annotations

import os
import sys
from functools import cache

from dockerlang.config.key_digest import SIZE, blake2b
from dockerlang.config.source_stamp import source_stamp
from dockerlang.config.surroundings import IgnoreText
from dockerlang.linter.settings import Settings
from dockerlang.linter.shellcheck_program import program_identity


def result_key(text: str, ignore_file: IgnoreText | None, wishes: bytes) -> bytes:
    """The key of one file's findings: its text, the name and text of the ignore file, and `wishes_of` the run."""
    digest = blake2b(wishes, digest_size=SIZE)
    parts = (ignore_file.name, ignore_file.text) if ignore_file is not None else ("", "")
    for part in (*parts, text):
        data = part.encode("utf-8", "surrogatepass")
        # Lengths keep what belongs to one part from being read as the end of another.
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


def wishes_of(settings: Settings, program: str | None) -> bytes:
    """What holds for all files of a run: the settings, the checker of scripts, and this version of the linter."""
    parts = (
        None if settings.select is None else sorted(settings.select),
        sorted(settings.extend_select),
        sorted(settings.ignore),
        sorted((code, severity.value) for code, severity in settings.severities.items()),
        settings.trusted_registries,
        sorted((name, str(wanted)) for name, wanted in settings.label_schema.items()),
        settings.strict_labels,
        settings.honours_pragmas,
        program_identity(program) if program is not None else "",
        _version(),
        # What a base image's platform is compared with, and what the texts of messages may depend on.
        os.uname().machine,
        sys.version_info[:2],
    )
    return repr(parts).encode("utf-8", "surrogatepass")


_version = cache(source_stamp)
