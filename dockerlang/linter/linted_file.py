"""What a rule can ask about the file that is linted: stages, shells, commands, names in scope; each worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from dockerlang.linter.settings import Settings
from dockerlang.linter.suppress import read_shell_pragma
from dockerlang.linter.surroundings import Surroundings
from dockerlang.semantics.scopes import StageScope
from dockerlang.semantics.scripts import Invocation, ParsedScript, Script, script_of
from dockerlang.semantics.scripts.run_commands import dialect_of, run_commands
from dockerlang.semantics.shell import DEFAULT_SHELL
from dockerlang.semantics.stages import Stage, Stages
from dockerlang.semantics.state import States, states
from dockerlang.semantics.static_scopes import StaticScopes, static_scopes, unknown_image
from dockerlang.syntax import nodes
from dockerlang.text import Span


class LintedFile:
    """One Dockerfile with its settings and surroundings; rules read from it and never change it."""

    read_commands: Callable[[nodes.Run, str], ParsedScript] = staticmethod(run_commands)
    """Takes a script apart; whoever has done so before puts what remembers it here."""

    def __init__(self, document: nodes.Document, settings: Settings, surroundings: Surroundings) -> None:
        self.document = document
        self.settings = settings
        self.surroundings = surroundings
        self._scripts: dict[int, Script | None] = {}
        self._parsed: dict[int, ParsedScript] = {}

    def text(self, span: Span) -> str:
        """The source under a span."""
        return self.document.source.slice(span)

    # ------------------------------------------------------------ stages and names

    @cached_property
    def scopes(self) -> StaticScopes:
        """The names and values that hold at each instruction, as far as the file alone tells."""
        around = self.surroundings
        return static_scopes(self.document, around.environment_of or unknown_image, target=around.target_platform)

    @cached_property
    def states(self) -> States:
        """User, working directory and shell at each instruction, as far as the file alone tells."""
        return states(self.scopes)

    @property
    def stages(self) -> Stages:
        """The stages of the file."""
        return self.scopes.stages

    def scope_at(self, instruction: nodes.Instruction) -> StageScope:
        """What is in scope right before an instruction."""
        return self.scopes.at(instruction)

    def base_of(self, stage: Stage) -> Stage | None:
        """The stage of this file that a stage is built on."""
        return self.scopes.base_of(stage)

    def ancestry(self, stage: Stage) -> tuple[Stage, ...]:
        """The stage, the stage that it is built on, and so on."""
        found = [stage]
        while (base := self.base_of(found[-1])) is not None:
            found.append(base)
        return tuple(found)

    @cached_property
    def kept_stages(self) -> frozenset[int]:
        """The indexes of the stages whose layers are part of an image: the last one, and those others are built on."""
        bases = (self.base_of(stage) for stage in self.stages)
        return frozenset([len(self.stages) - 1, *(base.index for base in bases if base is not None)])

    @cached_property
    def is_in_lower_case(self) -> bool:
        """Whether most instructions of the stages are written in lower case."""
        counts = sum(
            case_of(instruction) for stage in self.stages for instruction in (stage.instruction, *stage.instructions)
        )
        return counts < 0

    # ------------------------------------------------------------ shells

    def shell_of(self, run: nodes.Instruction) -> tuple[str, ...]:
        """The shell that reads the shell form of an instruction: SHELL's, of this stage or the one it is built on."""
        state = self.states.before(run)
        return DEFAULT_SHELL if state is None or state.shell.value is None else state.shell.value

    def has_shell(self, instruction: nodes.Instruction) -> bool:
        """Whether a SHELL of this file is in force at an instruction."""
        state = self.states.before(instruction)
        return state is not None and state.shell.instruction is not None

    def pragma_shell_of(self, run: nodes.Instruction) -> str | None:
        """The shell that a `# hadolint shell=` comment names for an instruction."""
        return self._pragma_shells.get(run.span.start)

    def dialect_of(self, run: nodes.Instruction) -> str:
        """The name of the shell's program, without its folder: what the script of an instruction is written for."""
        pragma = self.pragma_shell_of(run)
        return dialect_of(pragma.split() if pragma else self.shell_of(run))

    @cached_property
    def _pragma_shells(self) -> dict[int, str]:
        found: dict[int, str] = {}
        shell: str | None = None
        has_stage = False
        for item in self.document.items:
            if isinstance(item, nodes.Comment):
                shell = read_shell_pragma(item) or shell
            elif isinstance(item, nodes.From):
                # What stands above the first FROM holds for the first stage.
                shell = shell if not has_stage else None
                has_stage = True
            elif isinstance(item, nodes.Instruction) and shell is not None:
                found.update((holder.span.start, shell) for holder in _with_trigger(item))
        return found

    # ------------------------------------------------------------ commands

    def runs(self) -> Iterator[tuple[nodes.Run, nodes.Instruction]]:
        """All RUN instructions, those below ONBUILD too, each with the instruction of the file that holds it."""
        for instruction in self.document.instructions:
            if isinstance(instruction, nodes.Run):
                yield instruction, instruction
            elif isinstance(instruction, nodes.OnBuild) and isinstance(instruction.trigger, nodes.Run):
                yield instruction.trigger, instruction

    def script(self, run: nodes.Run) -> Script | None:
        """The script of a RUN, None in exec form."""
        key = run.statement.start
        if key not in self._scripts:
            self._scripts[key] = script_of(run)
        return self._scripts[key]

    def parsed(self, run: nodes.Run) -> ParsedScript:
        """The commands of a RUN; the exec form is one command."""
        key = run.statement.start
        if key not in self._parsed:
            self._parsed[key] = self.read_commands(run, self.dialect_of(run))
        return self._parsed[key]

    def invocations(self, run: nodes.Run) -> tuple[Invocation, ...]:
        """The simple commands of a RUN in the order in which they stand."""
        return self.parsed(run).invocations


def case_of(instruction: nodes.Instruction) -> int:
    """1 for an instruction in upper case, -1 for one in lower case, 0 for any other and for what is none."""
    word = instruction.keyword.text
    if isinstance(instruction, nodes.Invalid):
        return 0
    return word.isupper() - word.islower()


def _with_trigger(instruction: nodes.Instruction) -> Iterator[nodes.Instruction]:
    """The instruction, and the one below it where it is ONBUILD."""
    yield instruction
    if isinstance(instruction, nodes.OnBuild) and instruction.trigger is not None:
        yield instruction.trigger
