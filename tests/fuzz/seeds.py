"""What the fuzzer starts from: the Dockerfiles of the tests, and those of recorded cases where they are at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.conformance.folder import cases_file
from tests.dockerfiles import FRAGMENTS, KEYWORDS, SHELL_PARTS

_BLOCK = re.compile(r"^```dockerfile\n(.*?)^```", re.MULTILINE | re.DOTALL)
_RECORDED = ("ast_own.json", "ast_upstream.json", "parse_upstream.json")


def seeds() -> Iterator[bytes]:
    """Dockerfiles that are good and bad, each a starting point for changes."""
    for path in sorted(Path(__file__).parents[1].rglob("*.md")):
        for match in _BLOCK.finditer(path.read_text()):
            yield match[1].encode()
    for name in _RECORDED:
        file = cases_file(name)
        if file is not None:
            for case in json.loads(file.read_text())["cases"]:
                text = case.get("input")
                if isinstance(text, str):
                    yield text.encode("utf-8", "surrogateescape")


def write_seeds(folder: Path) -> int:
    """Write each seed to a file of its own; how many there are."""
    count = 0
    for count, seed in enumerate(dict.fromkeys(seeds()), start=1):
        (folder / f"seed-{count:04}").write_bytes(seed)
    return count


def write_dictionary(file: Path) -> None:
    """Write the words that a fuzzer puts in, in libFuzzer's format: one quoted word a line."""
    words = dict.fromkeys((*FRAGMENTS, *KEYWORDS, *SHELL_PARTS))
    quoted = ("".join(_quoted(byte) for byte in word.encode("utf-8", "surrogateescape")) for word in words if word)
    file.write_text("".join(f'"{word}"\n' for word in quoted))


def _quoted(byte: int) -> str:
    character = chr(byte)
    return character if 0x20 <= byte < 0x7F and character not in '"\\' else f"\\x{byte:02x}"
