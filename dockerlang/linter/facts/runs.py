"""The RUNs that matter for what an image holds."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.linter.linted_file import LintedFile
from dockerlang.syntax import nodes


def runs_in_image(file: LintedFile) -> Iterator[nodes.Run]:
    """The RUNs of stages that images are made of, those below ONBUILD too: what others leave behind is thrown away."""
    for stage in file.stages:
        if stage.index not in file.kept_stages:
            continue
        for instruction in stage.instructions:
            match instruction:
                case nodes.Run():
                    yield instruction
                case nodes.OnBuild(trigger=nodes.Run() as run):
                    yield run
