"""The RUNs that matter for what an image holds."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.linter.linted_file import LintedFile
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


def kept_runs_of(stage: Stage, file: LintedFile) -> Iterator[nodes.Run]:
    """The RUNs of a stage that images are made of, those below ONBUILD too: what others leave behind is thrown away."""
    if stage.index not in file.kept_stages:
        return
    for instruction in stage.instructions:
        match instruction:
            case nodes.Run():
                yield instruction
            case nodes.OnBuild(trigger=nodes.Run() as run):
                yield run
