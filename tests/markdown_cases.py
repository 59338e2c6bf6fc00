"""Test cases in Markdown: a heading is a test, its first block the input, each further block an expectation.

The kind of an expectation's block (the first word after the fence) names a function from the input's text to the text
that is expected; `key=value` words after it are passed on as keyword arguments. So a file is both a page to read and a
list of tests:

    # Keywords are upper case
    ```dockerfile
    from scratch
    ```
    ```formatted
    FROM scratch
    ```

`pytest --update-cases` writes what the functions return into the files; the difference is then reviewed like any
other change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_FENCE = re.compile(r"(?P<fence>`{3,})(?P<info>[^`\n]*)\n")


@dataclass
class Block:
    """A fenced block: its kind, the options after it, and its text; `start` and `end` are its lines in the file."""

    kind: str
    options: dict[str, str]
    text: str
    start: int
    end: int


@dataclass
class Case:
    """A heading of a file and the blocks below it."""

    path: Path
    name: str
    line: int
    blocks: list[Block] = field(default_factory=list)

    def check(self, functions: dict[str, Callable[..., str]], config: pytest.Config) -> None:
        """Compare every expectation, or write it where `--update-cases` is given."""
        source, *expectations = self.blocks
        for block in reversed(expectations):  # from below, so that line numbers above stay true
            actual = functions[block.kind](source.text, **block.options)
            if config.getoption("--update-cases"):
                self._write(block, actual)
            else:
                assert actual == block.text, f"{self.path.name}:{block.start + 1} (`pytest --update-cases` rewrites it)"

    def _write(self, block: Block, actual: str) -> None:
        # Cases above have been written meanwhile, and have moved this one: its place is looked up anew.
        if actual == block.text:
            return
        current = next(case for case in read_cases(self.path) if case.name == self.name)
        place = current.blocks[self.blocks.index(block)]
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        lines[place.start + 1 : place.end] = [actual]
        self.path.write_text("".join(lines), encoding="utf-8")


def read_cases(path: Path) -> list[Case]:
    """The cases of one file, in order; a heading without blocks (a chapter's title) is none."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    cases: list[Case] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        opening = _FENCE.fullmatch(line)
        if line.startswith("#"):
            cases.append(Case(path, line.lstrip("#").strip(), index + 1))
        elif opening is not None:
            end = next(at for at in range(index + 1, len(lines)) if lines[at].rstrip("\n") == opening["fence"])
            kind, *options = opening["info"].split()
            values = dict(option.split("=", 1) for option in options)
            cases[-1].blocks.append(Block(kind, values, "".join(lines[index + 1 : end]), index, end))
            index = end
        index += 1
    cases = [case for case in cases if case.blocks]
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), f"{path.name} has two cases of one name"
    for case in cases:
        assert len(case.blocks) > 1, f"{path.name}:{case.line}: a case needs an expectation"
    return cases


def parametrize(paths: Iterable[Path]) -> pytest.MarkDecorator:
    """Runs a test once for each case of the files, with the argument `case`."""
    cases = [case for path in sorted(paths) for case in read_cases(path)]
    return pytest.mark.parametrize("case", cases, ids=[f"{case.path.stem}: {case.name}" for case in cases])
