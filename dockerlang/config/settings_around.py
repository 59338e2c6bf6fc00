"""What the configuration around a Dockerfile wants of the linter, for those who must go on if it is broken."""

from __future__ import annotations

import logging
from pathlib import Path

from dockerlang.config.lint_settings import lint_configuration
from dockerlang.config.path_patterns import matches_path
from dockerlang.errors import InputError
from dockerlang.linter.settings import Settings
from dockerlang.records import replace

log = logging.getLogger(__name__)


def settings_around(path: Path) -> Settings:
    """The settings for a Dockerfile at `path`: the defaults where they are not given, or (logged) broken."""
    try:
        configuration = lint_configuration(path.parent)
    except InputError as error:
        log.warning("%s", error)
        return Settings()
    codes = [each.codes for each in configuration.per_file_ignores if matches_path(str(path), each.pattern)]
    settings = configuration.settings
    return replace(settings, ignore=settings.ignore.union(*codes)) if codes else settings
