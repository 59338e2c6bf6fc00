"""What becomes of the image: its names, and the files that say which one it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare

if TYPE_CHECKING:
    from dockerlang.builder.build import BuildResult
    from dockerlang.oci.reference import Reference

options = declare(
    click.option("-t", "--tag", "tags", multiple=True, metavar="NAME[:TAG]", help="Name the image. May be repeated."),
    click.option(
        "--iidfile", type=click.Path(dir_okay=False, path_type=Path), help="Write the image's ID to this file."
    ),
)


@dataclass(frozen=True)
class Results:
    """The values of these options."""

    tags: tuple[str, ...]
    iidfile: Path | None

    def references(self) -> tuple[Reference, ...]:
        """The names of the image, normalised. Raises `InputError` for one that is none."""
        from dockerlang.oci.reference import parse_reference

        return tuple(parse_reference(tag).with_default_tag() for tag in self.tags)

    def write_files(self, result: BuildResult) -> None:
        """Write what was asked for beside the image."""
        if self.iidfile is not None:
            self.iidfile.write_text(str(result.image.id))
