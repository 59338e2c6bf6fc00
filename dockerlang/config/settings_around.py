"""What the configuration around a Dockerfile wants of the linter, for those who must go on if it is broken."""

from __future__ import annotations

import logging
from pathlib import Path

from dockerlang.config.hadolint import find_configuration, read_configuration
from dockerlang.errors import InputError
from dockerlang.linter.settings import Settings

log = logging.getLogger(__name__)


def settings_around(path: Path) -> Settings:
    """The settings for a Dockerfile at `path`: the defaults where it is missing, or (logged) broken."""
    configuration = find_configuration(path.parent)
    if configuration is None:
        return Settings()
    try:
        return read_configuration(configuration).settings
    except InputError as error:
        log.warning("%s", error)
        return Settings()
