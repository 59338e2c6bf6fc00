"""Runs the rules over a file: one walk feeds them all, then suppressions, severities and order are applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.linter.catalog import Catalog
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Family, Finding, Rule
from dockerlang.linter.settings import Settings
from dockerlang.linter.shell_task import Checker, ShellTask, tasks_of
from dockerlang.linter.suppress import ALL, Suppressions
from dockerlang.linter.surroundings import Surroundings
from dockerlang.records import replace
from dockerlang.semantics.scripts import Invocation
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes, problems
from dockerlang.text import Span

DEFAULT = Settings()
NOTHING = Surroundings()


def lint(
    document: nodes.Document,
    settings: Settings = DEFAULT,
    surroundings: Surroundings = NOTHING,
    checker: Checker | None = None,
) -> tuple[Diagnostic, ...]:
    """All that is wrong with a file, in the order of places: syntax problems, rules, and ShellCheck with a checker.

    Without a checker nothing but the arguments is read and nothing is run.
    """
    return lint_many([(document, surroundings)], settings, checker)[0]


def lint_many(
    files: Iterable[tuple[nodes.Document, Surroundings]],
    settings: Settings = DEFAULT,
    checker: Checker | None = None,
) -> tuple[tuple[Diagnostic, ...], ...]:
    """The findings of several files; the checker gets the scripts of all of them at once."""
    passes = [Pass(document, settings, surroundings) for document, surroundings in files]
    for one in passes:
        one.find()
    if checker is not None:
        _check_scripts(passes, checker)
    for one in passes:
        one.find_unused(has_checked_scripts=checker is not None)
    return tuple(one.result() for one in passes)


def shell_findings(
    document: nodes.Document, checker: Checker, settings: Settings = DEFAULT, surroundings: Surroundings = NOTHING
) -> tuple[Diagnostic, ...]:
    """What the checker says about a file's scripts, alone: for an editor, where it runs behind the other findings."""
    one = Pass(document, settings, surroundings)
    _check_scripts([one], checker)
    return one.result()


def _check_scripts(passes: Sequence[Pass], checker: Checker) -> None:
    tasks: list[ShellTask] = []
    owners: list[Pass] = []
    for one in passes:
        for task in tasks_of(one.file):
            tasks.append(task)
            owners.append(one)
    for one, diagnostics in zip(owners, checker(tasks), strict=True):
        one.add_shell_findings(diagnostics)


class Pass:
    """The findings of one file while they are collected.

    `everywhere` are the codes that lines which the document leaves out silence for the whole file.
    """

    def __init__(
        self,
        document: nodes.Document,
        settings: Settings,
        surroundings: Surroundings,
        everywhere: frozenset[str] = frozenset(),
    ) -> None:
        self.document = document
        self.settings = settings
        self.catalog = Catalog.load()
        self.file = LintedFile(document, settings, surroundings)
        self.suppressions = Suppressions(document, honours_pragmas=settings.honours_pragmas, everywhere=everywhere)
        self.found: list[Diagnostic] = []
        self._by_kind: dict[type, tuple[Rule, ...]] = {}
        self._chosen: dict[tuple[type, str, bool], tuple[Rule, ...]] = {}

    def find(self) -> None:
        """Look at the whole file."""
        self.found.extend(problems(self.document))
        if not self.document.instructions:
            return
        for rule in self.document_rules():
            self.ask(rule, self.document)
        if self._wanted(Stage):
            for stage in self.file.stages:
                self.look_at_stage(stage)
        self.look_at(self.document.instructions)

    def look_at_stage(self, stage: Stage) -> None:
        """Ask the rules about stages."""
        for rule in self._wanted(Stage):
            self.ask(rule, stage)

    def look_at(self, instructions: Iterable[nodes.Instruction]) -> None:
        """Ask the rules about instructions and the commands in them, those below ONBUILD too."""
        for instruction in instructions:
            self._look_at(instruction, is_trigger=False)
            if isinstance(instruction, nodes.OnBuild) and instruction.trigger is not None:
                self._look_at(instruction.trigger, is_trigger=True)

    def document_rules(self) -> tuple[Rule, ...]:
        """The rules about the whole document."""
        return self._wanted(nodes.Document)

    def ask(self, rule: Rule, thing: object) -> None:
        """Ask one rule about one thing."""
        for finding in rule.check(thing, self.file):
            self._add(rule, finding)

    def _look_at(self, instruction: nodes.Instruction, *, is_trigger: bool) -> None:
        for kind, thing in self._parts(instruction):
            for rule in self._rules(kind, thing, is_trigger):
                self.ask(rule, thing)

    def _parts(self, instruction: nodes.Instruction) -> Iterator[tuple[type, object]]:
        yield type(instruction), instruction
        if isinstance(instruction, nodes.Run) and self._wanted(Invocation):
            for invocation in self.file.invocations(instruction):
                yield Invocation, invocation

    def _wanted(self, kind: type) -> tuple[Rule, ...]:
        """The rules that look at things of this kind and are on."""
        if kind not in self._by_kind:
            self._by_kind[kind] = tuple(rule for rule in self.catalog.by_kind.get(kind, ()) if self._is_on(rule))
        return self._by_kind[kind]

    def _rules(self, kind: type, thing: object, is_trigger: bool) -> tuple[Rule, ...]:
        """The rules to ask about one thing; for a command of RUN those that want to see one of its name."""
        name = thing.name if isinstance(thing, Invocation) else ""
        key = (kind, name, is_trigger)
        if key not in self._chosen:
            self._chosen[key] = tuple(
                rule
                for rule in self._wanted(kind)
                if (rule.on_triggers or not is_trigger) and (not rule.of or name in rule.of)
            )
        return self._chosen[key]

    def _is_on(self, rule: Rule) -> bool:
        is_experiment = not rule.is_default and rule.family is Family.BUILDKIT
        by_default = rule.is_default or (
            is_experiment and bool({rule.code.lower(), ALL} & self.suppressions.check.experimental)
        )
        if rule.twin and rule.twin in self.settings.ignore:
            return False
        return self.settings.is_on(rule.code, by_default=by_default)

    def _add(self, rule: Rule, finding: Finding) -> None:
        places: list[Span] = [finding.span]
        if finding.raised_by is not None:
            places.append(finding.raised_by)
        if self.suppressions.hides(rule, rule.code, *places):
            return
        default = rule.severity
        if rule.family is Family.BUILDKIT and self.suppressions.check.is_error:
            default = Severity.ERROR
        self.found.append(rule.diagnostic(finding, self.settings.severity_of(rule.code, default)))

    def add_shell_findings(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            code = diagnostic.code
            if self.settings.is_on(code) and not self.suppressions.hides(None, code, diagnostic.span):
                severity = self.settings.severity_of(code, diagnostic.severity)
                self.found.append(replace(diagnostic, severity=severity))

    def find_unused(self, *, has_checked_scripts: bool) -> None:
        """Ask about the comments that silence, when everything else was asked."""
        wanted = self._wanted(Suppressions)
        if not wanted or not self.suppressions.pragmas:
            return
        rules = [rule for rule in self.catalog.rules if self._is_on(rule)]
        asked = {name for rule in rules for name in (rule.code.lower(), rule.name, rule.twin.lower()) if name}
        self.suppressions.is_asked = lambda code: (
            code in asked
            or (
                has_checked_scripts
                and code.startswith("sc")
                and code[2:].isdigit()
                and self.settings.is_on(code.upper())
            )
        )
        for rule in wanted:
            self.ask(rule, self.suppressions)

    def result(self) -> tuple[Diagnostic, ...]:
        """What was found, in the order of places, each finding once."""
        ordered = sorted(self.found, key=lambda found: (found.span.start, found.span.end, found.code, found.message))
        # A rule may come to one finding in two ways (a variable that is used twice in a word); it is shown once.
        unique = {(found.code, found.span, found.message): found for found in ordered}
        return tuple(unique.values())
