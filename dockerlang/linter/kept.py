"""Findings kept from one version of a document to the next: what an edit cannot have changed is not looked for again.

A document's findings come in blocks: one for each stage, and some for what concerns the whole file. A block names the
items that its findings depend on (`linter.rule.Rule` says what a rule may look at); while those are the same, wherever
they have moved to, so are the findings. Equal, order aside, to what `lint` finds in the same document.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from dockerlang.diagnostics import Diagnostic
from dockerlang.linter.engine import Pass
from dockerlang.linter.linted_file import case_of
from dockerlang.linter.moved import moved, places
from dockerlang.linter.rule import Rule, Sight
from dockerlang.linter.settings import Settings
from dockerlang.linter.suppress import read_pragma
from dockerlang.linter.surroundings import Surroundings
from dockerlang.linter.twins import without_twins
from dockerlang.semantics.excerpts import Division, ancestry
from dockerlang.semantics.scripts import ParsedScript
from dockerlang.semantics.scripts.run_commands import run_commands
from dockerlang.syntax import nodes
from dockerlang.syntax.check import file_level_problems
from dockerlang.syntax.checks.file import long_lines
from dockerlang.syntax.checks.instructions import instruction_problems
from dockerlang.text import Span


@dataclass(frozen=True, eq=False)
class Block:
    """Findings that belong together, one of each pair of twins, in the order of places.

    `mark` is the same object while nothing but places changes; then, in a block that `is_local`, all places move by as
    much as `start` does.
    """

    found: tuple[Diagnostic, ...]
    mark: object
    start: int = 0
    is_local: bool = False
    _starts: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())

    @staticmethod
    def of(findings: tuple[Diagnostic, ...], start: int = 0) -> Block:
        """A local block of findings of another origin, in something that begins at `start`."""
        return Block(findings, object(), start, is_local=True, _starts=((start,), (start,)))

    def at(self, start: int) -> Block:
        """This block, when it was made by `of`, with its beginning at `start`."""
        if start == self.start:
            return self
        return Block(self.found, self.mark, start, is_local=True, _starts=(self._starts[0], (start,)))

    @cached_property
    def findings(self) -> tuple[Diagnostic, ...]:
        """The findings at their places of now; `found` has them where they were when they were found."""
        before, now = self._starts
        if before == now:
            return self.found

        def where(span: Span) -> Span:
            at = max(bisect_right(before, span.start) - 1, 0)
            return span.shift(now[at] - before[at])

        return tuple(moved(finding, where) for finding in self.found)


@dataclass(frozen=True, eq=False)
class _Kept:
    block: Block
    # Kept alive, so that none of their ids is given to another.
    originals: tuple[nodes.Item, ...]
    starts: tuple[int, ...]
    # Where the items began when the findings were found.
    found_at: tuple[int, ...]


@dataclass
class _Summary:
    """What the rest of the file needs to know of a part: codes silenced for the file, and the case of its keywords."""

    originals: tuple[nodes.Item, ...]
    silenced: frozenset[str] = frozenset()
    case: int = 0
    seen: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def seen_by(self, rule: Rule, sees: Sight) -> tuple[int, ...]:
        """Which of the items a rule about the document looks at, counted from the first."""
        if rule.code not in self.seen:
            self.seen[rule.code] = tuple(number for number, item in enumerate(self.originals) if sees(item))
        return self.seen[rule.code]


@dataclass(frozen=True, eq=False)
class _Script:
    """The commands of a RUN (or of the one below ONBUILD), when the item stood at `start`."""

    original: nodes.Item
    start: int
    parsed: ParsedScript


@dataclass
class KeptFindings:
    """The findings of the last version, for one file with these settings and surroundings."""

    settings: Settings
    surroundings: Surroundings
    _kept: dict[Hashable, _Kept] = field(default_factory=dict)
    _summaries: dict[tuple[int, ...], _Summary] = field(default_factory=dict)
    _scripts: dict[tuple[int, str], _Script] = field(default_factory=dict)
    _bases: tuple[tuple[int, ...], tuple[int | None, ...]] | None = None

    def find(self, document: nodes.Document) -> tuple[Block, ...]:
        """The findings of a document: anew where they may have changed since the last call, else those kept."""
        return _Search(self, document).blocks()


class _Search:
    """One version of the document on its way through the blocks."""

    def __init__(self, keeper: KeptFindings, document: nodes.Document) -> None:
        self.keeper = keeper
        self.document = document
        self.division = Division(document)
        self.items = self.division.items
        self.outline = self.division.outline()
        self.kept: dict[Hashable, _Kept] = {}

    def blocks(self) -> tuple[Block, ...]:
        self.part_ids = [self._ids(part) for part in self.division.parts]
        self._summarize()
        self.bases = self._find_bases()
        last = len(self.bases) - 1
        self.kept_stages = frozenset([last, *(base for base in self.bases if base is not None)])
        found = [self._of_whole(), self._of_head()]
        found.extend(self._of_stage(index) for index in range(len(self.bases)))
        self.keeper._kept = self.kept
        self._forget_scripts()
        return tuple(found)

    # ------------------------------------------------------------ what holds for the whole file

    def _summarize(self) -> None:
        """What each part says about the whole, read again only where a part is new."""
        known = self.keeper._summaries
        now: dict[tuple[int, ...], _Summary] = {}
        self.summaries: list[tuple[range, _Summary]] = []
        for part, ids in zip([self.division.head, *self.division.parts], [(), *self.part_ids], strict=True):
            key = ids or self._ids(part)
            summary = known.get(key) or _summary(self.items.originals[part.start : part.stop])
            now[key] = summary
            self.summaries.append((part, summary))
        self.keeper._summaries = now
        self.silenced = (
            frozenset().union(*(summary.silenced for summary in now.values()))
            if self.keeper.settings.honours_pragmas
            else frozenset()
        )
        stages = [now[ids] for ids in self.part_ids]
        self.is_in_lower_case = sum(summary.case for summary in stages) < 0
        # Fixes write line endings as the file has them.
        self.has_crlf = "\r\n" in self.document.source.text
        self.names = tuple(
            "" if opening.stage is None else opening.stage.text.lower()
            for opening in (self.items.originals[number] for number in self.division.openings)
            if isinstance(opening, nodes.From)
        )

    def _find_bases(self) -> tuple[int | None, ...]:
        ids = self._ids(self.outline)
        known = self.keeper._bases
        if known is None or known[0] != ids:
            known = self.keeper._bases = (ids, self.division.bases(self.keeper.surroundings.target_platform))
        return known[1]

    def _pass(self, document: nodes.Document) -> Pass:
        one = Pass(document, self.keeper.settings, self.keeper.surroundings, self.silenced)
        one.file.is_in_lower_case = self.is_in_lower_case
        one.file.read_commands = self._read_commands
        return one

    def _read_commands(self, run: nodes.Run, dialect: str) -> ParsedScript:
        """The commands of a RUN; a script that was taken apart before is only moved."""
        number = bisect_right(self.items.starts, run.span.start) - 1
        original, start = self.items.originals[number], self.items.starts[number]
        key = (id(original), dialect)
        known = self.keeper._scripts.get(key)
        if known is None or known.start != start:
            parsed = run_commands(run, dialect) if known is None else known.parsed.shift(start - known.start)
            known = self.keeper._scripts[key] = _Script(original, start, parsed)
        return known.parsed

    def _forget_scripts(self) -> None:
        """Let go of scripts that have left the file, when there are as many of them as there are in it."""
        scripts = self.keeper._scripts
        if len(scripts) > 2 * len(self.items):
            present = set(map(id, self.items.originals))
            self.keeper._scripts = {key: script for key, script in scripts.items() if key[0] in present}

    # ------------------------------------------------------------ blocks

    def _of_whole(self) -> Block:
        """What is wrong beyond single lines and stages."""
        blocks = [self._of_file(), *self._of_rules()]
        findings = [*long_lines(self.document), *(finding for block in blocks for finding in block.findings)]
        return Block(without_twins(findings), object())

    def _of_file(self) -> Block:
        """What is wrong with the file as a whole, and lines that are no instruction."""
        originals = self.items.originals
        strange = [number for number, item in enumerate(originals) if isinstance(item, nodes.Invalid)]
        around = {at for number in strange for at in (number - 1, number, number + 1) if 0 <= at < len(originals)}
        first = next((number for number, item in enumerate(originals) if isinstance(item, nodes.Instruction)), None)
        numbers = sorted({*self.outline, *around, *(() if first is None else (first,))})

        def find() -> Iterable[Diagnostic]:
            return file_level_problems(self.division.excerpt(also=numbers))

        if first is None:
            return Block(tuple(find()), object())
        return self._block("file", numbers, self.document.source.text[:1000] if strange else "", find)

    def _of_rules(self) -> Iterable[Block]:
        """What the rules about the document find."""
        if not any(isinstance(item, nodes.Instruction) for item in self.items.originals):
            return
        empty = self._pass(self.division.excerpt())
        for rule in empty.document_rules():
            sees = rule.sees
            if sees is None:
                whole = Pass(self.document, self.keeper.settings, self.keeper.surroundings)
                whole.ask(rule, self.document)
                yield Block(whole.result(), object())
                continue
            seen = (part.start + number for part, summary in self.summaries for number in summary.seen_by(rule, sees))
            numbers = sorted({*self.outline, *seen})

            yield self._block(rule.code, numbers, self._context(), partial(self._ask, rule, numbers))

    def _ask(self, rule: Rule, numbers: Sequence[int]) -> tuple[Diagnostic, ...]:
        one = self._pass(self.division.excerpt(also=numbers))
        one.ask(rule, one.document)
        return one.result()

    def _of_head(self) -> Block:
        """What is wrong with the lines above the first FROM."""
        head = self.division.head

        def find() -> Iterable[Diagnostic]:
            one = self._pass(self.division.excerpt())
            return self._in(one, [self.items[number] for number in head])

        return self._block("head", head, self._context(), find)

    def _of_stage(self, index: int) -> Block:
        """What is wrong with the lines of a stage, by themselves and all together."""
        lineage = ancestry(self.bases, index)
        part = self.division.parts[index]
        numbers = [*self.division.head]
        for each in sorted(lineage):
            numbers.extend(self.division.parts[each])

        def find() -> Iterable[Diagnostic]:
            one = self._pass(self.division.excerpt(lineage))
            one.look_at_stage(one.file.stages.stages[index])
            return self._in(one, [self.items[number] for number in part])

        context = (self._context(), index, lineage, index in self.kept_stages)
        return self._block("stage", numbers, context, find, own=part)

    def _in(self, one: Pass, items: Sequence[nodes.Item]) -> tuple[Diagnostic, ...]:
        instructions = [item for item in items if isinstance(item, nodes.Instruction)]
        for instruction in instructions:
            one.found.extend(instruction_problems(instruction, self.document.source))
        one.look_at(instructions)
        return one.result()

    def _context(self) -> Hashable:
        return self.names, self.silenced, self.is_in_lower_case, self.has_crlf

    # ------------------------------------------------------------ keeping

    def _block(
        self,
        kind: str,
        numbers: Sequence[int],
        context: Hashable,
        find: Callable[[], Iterable[Diagnostic]],
        own: range | None = None,
    ) -> Block:
        """The block that depends on the items of these numbers; its findings all lie in `own`, if it `is_local`."""
        key = (kind, self._ids(numbers), context)
        starts = tuple(map(self.items.starts.__getitem__, numbers))
        kept = self.keeper._kept.get(key)
        if kept is None:
            found = without_twins(find())
            start = stop = self.items.starts[own.start] if own else 0
            if own:
                stop = self._stop_of(own)
            is_local = own is not None and all(
                start <= span.start and span.end <= stop for finding in found for span in places(finding)
            )
            block = Block(found, object(), start, is_local)
        elif kept.starts != starts:
            old = kept.block
            start = self.items.starts[own.start] if own else 0
            block = Block(old.found, old.mark, start, old.is_local, (kept.found_at, starts))
        else:
            block = kept.block
        originals = tuple(map(self.items.originals.__getitem__, numbers))
        self.kept[key] = _Kept(block, originals, starts, starts if kept is None else kept.found_at)
        return block

    def _stop_of(self, part: range) -> int:
        starts = self.items.starts
        return starts[part.stop] if part.stop < len(starts) else len(self.document.source.text)

    def _ids(self, numbers: Iterable[int]) -> tuple[int, ...]:
        return tuple(map(id, map(self.items.originals.__getitem__, numbers)))


def _summary(originals: tuple[nodes.Item, ...]) -> _Summary:
    silenced: frozenset[str] = frozenset()
    case = 0
    for item in originals:
        if isinstance(item, nodes.Instruction):
            case += case_of(item)
        for comment in item.comments if isinstance(item, nodes.Instruction) else (item,):
            pragma = read_pragma(comment) if isinstance(comment, nodes.Comment) else None
            if pragma is not None and pragma.is_global:
                silenced |= pragma.codes
    return _Summary(originals, silenced, case)
