"""`.dockerignore`: which paths of the build context are left out, and which line says so.

A line applies to a path if it matches the path or a directory above it; of the lines that apply the last one counts.
Section 3 of the language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from functools import cached_property

from dockerlang.records import record
from dockerlang.semantics.gomatch import clean_path
from dockerlang.semantics.ignore_pattern import (
    CompiledPattern,
    InvalidIgnorePattern,
    PatternKind,
    compile_pattern,
)
from dockerlang.syntax.scanner import BYTE_ORDER_MARK, UNICODE_BLANKS


@record
class IgnorePattern:
    """A line of an ignore file; `line` counts from 1, `text` is tidied, `written` as it stands there."""

    text: str
    line: int
    written: str

    @property
    def is_exception(self) -> bool:
        """Whether the line brings back what lines before it left out."""
        return self.text.startswith("!")


@record
class IgnoreProblem:
    """A line that is no pattern: with it in the file, nothing can be built."""

    pattern: IgnorePattern
    message: str
    help: str


@record
class Decision:
    """The last line that applies to a path, in the file `name`, and whether it leaves the path out."""

    is_ignored: bool
    pattern: IgnorePattern
    name: str

    def describe(self) -> str:
        """For messages: "`.dockerignore`, line 3: `dist`"."""
        return f"`{self.name}`, line {self.pattern.line}: `{self.pattern.written}`"


class Matcher:
    """An ordered list of patterns. What it found out about directories it remembers, so a walk asks little twice."""

    def __init__(self, patterns: tuple[CompiledPattern, ...]) -> None:
        self.patterns = patterns
        # Sets of patterns are bit masks; the highest bit is the last pattern.
        self._exact: dict[str, int] = {}
        self._others: list[tuple[int, CompiledPattern]] = []
        for index, pattern in enumerate(patterns):
            if pattern.kind is PatternKind.EXACT:
                self._exact[pattern.literal] = self._exact.get(pattern.literal, 0) | 1 << index
            else:
                self._others.append((1 << index, pattern))
        self._plain = sum(1 << index for index, pattern in enumerate(patterns) if not pattern.is_exception)
        self._directories: dict[str, int] = {}

    @staticmethod
    def of(patterns: Iterable[str]) -> Matcher:
        """The matcher of patterns as they are written. Raises `InvalidIgnorePattern`."""
        compiled = (compile_pattern(pattern) for pattern in patterns)
        return Matcher(tuple(pattern for pattern in compiled if pattern is not None))

    @property
    def has_exceptions(self) -> bool:
        """Whether any pattern brings something back."""
        return any(pattern.is_exception for pattern in self.patterns)

    def matches(self, path: str) -> bool:
        """Whether the last pattern that applies to `path` (slashes, relative, tidy) is no exception."""
        applying = self._applying(path)
        return bool(applying) and not self.patterns[applying.bit_length() - 1].is_exception

    def deciding(self, path: str) -> int | None:
        """The index of the last pattern that applies; None where none does, or nothing but exceptions."""
        applying = self._applying(path)
        return applying.bit_length() - 1 if applying & self._plain else None

    def can_prune(self, directory: str) -> bool:
        """Whether `directory` matches together with all that may be below it, so that it need not be entered."""
        applying = self._applying(directory)
        last = applying.bit_length()
        if not applying or self.patterns[last - 1].is_exception:
            return False
        # Whatever applies to the directory applies to all below it: only a later exception can change that.
        later = self.patterns[last:]
        return not any(pattern.is_exception and pattern.may_match_below(directory) for pattern in later)

    def _applying(self, path: str) -> int:
        parent = path.rpartition("/")[0]
        return self._own(path) | (self._applying_to_directory(parent) if parent else 0)

    def _applying_to_directory(self, directory: str) -> int:
        found = self._directories.get(directory)
        if found is None:
            found = self._directories[directory] = self._applying(directory)
        return found

    def _own(self, path: str) -> int:
        found = self._exact.get(path, 0)
        for bit, pattern in self._others:
            if pattern.matches(path):
                found |= bit
        return found


@record(caches=True)
class IgnoreFile:
    """The patterns of an ignore file, which messages call `name`."""

    name: str
    patterns: tuple[IgnorePattern, ...]
    problems: tuple[IgnoreProblem, ...] = ()
    _compiled: tuple[CompiledPattern, ...] = field(default=(), repr=False)

    def is_ignored(self, path: str) -> bool:
        """Whether a path (slashes, relative to the context) is left out. Raises `InvalidIgnorePattern`."""
        return self.matcher.matches(path)

    def can_prune(self, directory: str) -> bool:
        """Whether a directory is left out with all that it may hold. Raises `InvalidIgnorePattern`."""
        return self.matcher.can_prune(directory)

    def decide(self, path: str) -> Decision | None:
        """The line that decides about a path; None where none has a say. Raises `InvalidIgnorePattern`."""
        index = self.matcher.deciding(path)
        if index is None:
            return None
        pattern = self.patterns[index]
        return Decision(not pattern.is_exception, pattern, self.name)

    @property
    def has_exceptions(self) -> bool:
        """Whether any line brings something back."""
        return any(pattern.is_exception for pattern in self.patterns)

    @cached_property
    def matcher(self) -> Matcher:
        """All patterns together. Raises `InvalidIgnorePattern` if one of them cannot be."""
        if self.problems:
            problem = self.problems[0]
            place = f"`{self.name}`, line {problem.pattern.line}"
            raise InvalidIgnorePattern(f"{place}: {problem.message}", hint=problem.help)
        return Matcher(self._compiled)


def read_ignore(text: str, name: str = ".dockerignore") -> IgnoreFile:
    """The patterns of an ignore file's text. Lines that are no patterns become `problems`."""
    patterns: list[IgnorePattern] = []
    problems: list[IgnoreProblem] = []
    compiled: list[CompiledPattern] = []
    for number, line in enumerate(text.removeprefix(BYTE_ORDER_MARK).split("\n"), 1):
        pattern = _read_line(line, number)
        if pattern is None:
            continue
        patterns.append(pattern)
        try:
            made = compile_pattern(pattern.text)
        except InvalidIgnorePattern as error:
            problems.append(IgnoreProblem(pattern, str(error), error.hint))
        else:
            assert made is not None
            compiled.append(made)
    return IgnoreFile(name, tuple(patterns), tuple(problems), tuple(compiled))


def _read_line(line: str, number: int) -> IgnorePattern | None:
    """The pattern of a line; None for a comment (`#` in the first column only) or a blank line."""
    written = line.strip(UNICODE_BLANKS)
    if line.startswith("#") or not written:
        return None
    sign = "!" if written.startswith("!") else ""
    text = written[len(sign) :].strip(UNICODE_BLANKS)
    if text:
        text = clean_path(text)
        if len(text) > 1:
            text = text.removeprefix("/")
    return IgnorePattern(sign + text, number, written)
