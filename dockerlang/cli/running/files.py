"""Variables and labels that come from files, and the file that a container's ID goes to."""

from __future__ import annotations

from pathlib import Path

import click

from dockerlang.cli.option_groups import declare
from dockerlang.errors import UsageError
from dockerlang.records import record

options = declare(
    click.option(
        "--env-file", "env_files", multiple=True, metavar="FILE", help="Set the environment variables of a file."
    ),
    click.option("--label-file", "label_files", multiple=True, metavar="FILE", help="Set the labels of a file."),
    click.option("--cidfile", default="", metavar="FILE", help="Write the container's ID to a new file."),
)  # fmt: skip


@record
class FileOptions:
    """The values of these options."""

    env_files: tuple[str, ...]
    label_files: tuple[str, ...]
    cidfile: str

    def variables(self) -> tuple[str, ...]:
        """`NAME=value` of all lines; a name alone has this program's value. Raises `UsageError`."""
        from dockerlang.containers.options import parse_environment

        lines = [line for path in self.env_files for line in _lines(path)]
        return tuple(variable for line in lines if (variable := parse_environment(line)) is not None)

    def labels(self) -> tuple[str, ...]:
        """The lines. Raises `UsageError`."""
        return tuple(line for path in self.label_files for line in _lines(path))

    def refuse_used(self) -> None:
        """Raise `UsageError` if another container's ID is there already."""
        if self.cidfile and Path(self.cidfile).exists():
            raise UsageError(
                f"{self.cidfile} is there already", hint="it names another container: remove it, or take another file"
            )

    def keep(self, container_id: str) -> None:
        """Write the ID. Raises `UsageError` where that cannot be."""
        if not self.cidfile:
            return
        try:
            with open(self.cidfile, "x", encoding="ascii") as file:
                file.write(container_id)
        except OSError as error:
            raise UsageError(f"cannot write {self.cidfile}: {error.strerror}") from None


def _lines(path: str) -> list[str]:
    """What docker takes from such a file: all but empty lines and comments, and nothing is quoted."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8") from None
    lines = []
    for number, line in enumerate(map(str.lstrip, text.replace("\r\n", "\n").split("\n")), start=1):
        if not line or line.startswith("#"):
            continue
        name = line.partition("=")[0]
        if not name or name.split() != [name]:
            reason = f"the name '{name}' has blanks in it" if name else "there is no name"
            raise UsageError(f"{path}, line {number}: {reason}", hint="write NAME=value, without blanks around the =")
        lines.append(line)
    return lines
