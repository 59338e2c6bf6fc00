"""Lowering: from the tree to the graph of what the target needs, with the config that each step leaves behind.

Stages are lowered when something needs them; those that nothing needs are never looked at beyond their FROM line, as in
the reference. Nothing is run or read here but what `BaseImages` says of an image.
"""

from __future__ import annotations

from collections.abc import Collection

from dockerlang.builder.failure import BuildFailure
from dockerlang.builder.graph import Vertex
from dockerlang.builder.lower import metadata
from dockerlang.builder.lower.bases import Base, Bases
from dockerlang.builder.lower.command import run
from dockerlang.builder.lower.directives import refuse_bad_checks
from dockerlang.builder.lower.expansion import Expander
from dockerlang.builder.lower.names import counts_as_step, step_name, step_text
from dockerlang.builder.lower.options import BaseImages, BuildOptions
from dockerlang.builder.lower.state import SCRATCH, StageState, Step, image_state, scratch_state
from dockerlang.builder.lower.transfer import Scene, transfer, workdir
from dockerlang.diagnostics import Diagnostic, Label, Severity
from dockerlang.oci.platform import host_platform
from dockerlang.records import record, replace
from dockerlang.semantics.expand import ExpansionError
from dockerlang.semantics.growing import Trail
from dockerlang.semantics.scopes import GlobalScope, global_scope, stage_argument
from dockerlang.semantics.stage_graph import find_cycle, reachable
from dockerlang.semantics.stages import Stage, StageOrder, Stages, UnknownStage, split_stages
from dockerlang.syntax import nodes, parse, problems
from dockerlang.text import Span

_EPOCH = "SOURCE_DATE_EPOCH"


@record
class Plan:
    """What is to be built: the state of the target, and of every stage that it needs, each after what it needs.

    `epoch` is the time of everything that is made (SOURCE_DATE_EPOCH, in seconds), if the build or the file gives one.
    """

    target: StageState
    stages: tuple[StageState, ...]
    epoch: int | None = None

    @property
    def vertex(self) -> Vertex:
        """What the target's file system is made of."""
        return self.target.vertex


def lower(document: nodes.Document, options: BuildOptions, images: BaseImages) -> Plan:
    """The plan for one Dockerfile. Raises `BuildFailure` for whatever is wrong with it."""
    found = problems(document)
    if found:
        raise BuildFailure(document.source, found)
    return _Lowering(document, options, images).plan()


def lower_all(document: nodes.Document, options: BuildOptions, images: BaseImages) -> tuple[StageState, ...]:
    """The states of all stages, also of those that the target does not need. Raises `BuildFailure`."""
    found = problems(document)
    if found:
        raise BuildFailure(document.source, found)
    return _Lowering(document, options, images).all_states()


class _Lowering:
    def __init__(self, document: nodes.Document, options: BuildOptions, images: BaseImages) -> None:
        self._options = options
        self._escape = document.escape
        self._expander = Expander(document.source)
        written = split_stages(document)
        self._finder = Bases(options, images, written, self._expander)
        self._stages: Stages = _without_instructions(written, self._finder.replaced.keys())
        refuse_bad_checks(document, self._expander)
        self._scope = self._global_scope()
        self.epoch = options.epoch
        if _EPOCH in options.build_args or _EPOCH in self._scope.bindings:
            from dockerlang.builder.lower.epoch import find_epoch

            epoch = find_epoch(options, self._scope, self._stages, self._expander)
            self.epoch, self._options, self._scope = epoch.seconds, epoch.options, epoch.scope
        self._states: dict[int, StageState] = {}
        self._bases: dict[int, Base] = {}

    def _global_scope(self) -> GlobalScope:
        options = self._options
        stage = self._target().name or "default"
        try:
            return global_scope(self._stages, options.build_args, options.platform, host_platform(), stage)
        except ExpansionError as error:
            raise self._expander.failure("bad-expansion", error.span, error.message, error.help) from None

    def _target(self) -> Stage:
        if not self._stages.stages:
            span = self._stages.document.span
            raise self._expander.failure(
                "no-stages",
                Span(span.start, span.start),
                "the Dockerfile has no FROM, so there is nothing to build",
                "add a line `FROM image`, or `FROM scratch`",
            )
        try:
            return self._stages.target(self._options.target)
        except UnknownStage as error:
            span = self._stages.stages[-1].instruction.statement
            names = ", ".join(stage.name for stage in self._stages if stage.name)
            known = f"there are {names}" if names else "no stage has a name: give one with AS"
            help_text = f"did you mean {error.near[0]}?" if error.near else known
            raise self._expander.failure("unknown-stage", span, str(error), help_text) from None

    def plan(self) -> Plan:
        target = self._target()
        # Every FROM is expanded, also those of stages that nothing needs.
        self._bases = {stage.index: self._finder.of(stage, self._scope.environment) for stage in self._stages.stages}
        self._refuse_cycles()
        needed = reachable(self._stages, target, lambda stage: self._bases[stage.index].stage)
        # Images are looked for before anything else, the target's first; which one is missing is said of it first.
        for stage in reversed(needed):
            base = self._bases[stage.index]
            if base.image:
                self._finder.image(base, self._place_of(stage))
        # In the order of the file, each finds what it needs done: a long chain of stages is no deep recursion.
        for stage in needed:
            self._state_of(stage)
        state = self._state_of(target)
        for name, value in self._options.labels.items():
            state = replace(state, labels=state.labels.plus(name, value))
        return Plan(state, tuple(self._states.values()), self.epoch)

    def all_states(self) -> tuple[StageState, ...]:
        self.plan()
        return tuple(self._state_of(stage) for stage in self._stages.stages)

    def _refuse_cycles(self) -> None:
        """Stages that need themselves are an error even where nothing needs them."""
        cycle = find_cycle(self._stages, lambda stage: self._bases[stage.index].stage)
        if not cycle:
            return
        places = [
            (need.use.span if need.use is not None else stage.instruction.statement, need.stage)
            for stage, need in cycle
        ]
        labels = tuple(Label(span, f"needs {stage.label}") for span, stage in places[1:])
        if len(cycle) == 1:
            message = f"the stage `{cycle[0][0].label}` needs itself"
            help_text = "take the files from an earlier stage, or from an image"
        else:
            names = " -> ".join(stage.label for stage, _ in (*cycle, cycle[0]))
            message = f"the stages need each other in a circle: {names}"
            help_text = "move what they share to a stage above them"
        diagnostic = Diagnostic(
            "stage-cycle",
            Severity.ERROR,
            places[0][0],
            message,
            help=help_text,
            labels=labels,
        )
        raise BuildFailure(self._expander.source, (diagnostic,))

    # ------------------------------------------------------------ stages

    def _state_of(self, stage: Stage) -> StageState:
        """The state at the end of a stage, lowered when it is first asked for."""
        if stage.index not in self._states:
            self._states[stage.index] = self._lower_stage(stage)
        return self._states[stage.index]

    def _lower_stage(self, stage: Stage) -> StageState:
        base = self._bases[stage.index]
        label = stage.label
        triggers: tuple[str, ...] = ()
        if base.stage is not None:
            below = self._state_of(base.stage)
            triggers = tuple(below.triggers)
            state = replace(below, name=label, has_command=False, triggers=Trail())
        elif base.image:
            image = self._finder.image(base, self._place_of(stage))
            triggers = image.config.config.on_build
            source = self._finder.source(base, self._place_of(stage))
            state = image_state(label, source, image.config, image.id, base.platform)
        elif base.context is not None:
            from dockerlang.builder.lower.contexts import context_state

            state = context_state(label, *base.context, self._options.platform, self._place_of(stage))
        else:
            state = scratch_state(label, self._options.platform)
        if stage.index in self._finder.replaced:
            # The triggers of what stands for the stage are for those who build on it.
            return replace(state, triggers=Trail(triggers))
        instructions = [
            *self._triggers(triggers, stage.instruction),
            *((each, self._expander) for each in stage.instructions),
        ]
        numbered = sum(counts_as_step(instruction) for instruction, _ in instructions)
        total = numbered + (base.name != "scratch")
        # A context counts, but has no number.
        number = total - numbered if base.context is None else 0
        for instruction, expander in instructions:
            number += counts_as_step(instruction)
            state = self._apply(state, instruction, expander, stage, number, total)
        return state

    def _triggers(self, texts: tuple[str, ...], from_: nodes.From) -> list[tuple[nodes.Instruction, Expander]]:
        """The triggers of the base as instructions; whatever is wrong with them is said at the child's FROM."""
        span: Span = from_.statement
        expander = Expander(self._expander.source, span)
        instructions: list[tuple[nodes.Instruction, Expander]] = []
        for text in texts:
            document = parse(text, "ONBUILD")
            first_stage = nodes.From
            found = [problem for problem in problems(document) if problem.code != "before-first-stage"]
            if found or len(document.instructions) != 1 or isinstance(document.instructions[0], first_stage):
                reason = found[0].message if found else "it is not a single instruction"
                message = f"the trigger `ONBUILD {text.strip()}` of the base image cannot run: {reason}"
                raise expander.failure("bad-trigger", span, message)
            instructions.append((document.instructions[0], expander))
        return instructions

    # ------------------------------------------------------------ instructions

    def _apply(
        self,
        state: StageState,
        instruction: nodes.Instruction,
        expander: Expander,
        stage: Stage,
        number: int,
        total: int,
    ) -> StageState:
        text = step_text(instruction, state.environment, self._escape)
        if expander is not self._expander:
            text = f"ONBUILD {text}"
        shown_stage = state.name if len(self._stages.stages) > 1 else ""
        if self._options.names_platform:
            shown_stage = f"{self._options.platform} {shown_stage}".rstrip()
        name = step_name(shown_stage, number, total, text) if counts_as_step(instruction) else text
        scene = Scene(
            expander=expander,
            epoch=self.epoch,
            build_args=self._options.build_args,
            stage_files=lambda reference, word: self._source(reference, word, stage, expander),
            name=name,
            ignores_cache=self._ignores_cache(stage),
            extra_hosts=self._options.extra_hosts,
            limits=self._options.limits,
        )
        after = self._dispatch(state, instruction, scene, stage)
        makes_layer = len(after.history) > len(state.history) and not after.history[-1].empty_layer
        return replace(after, steps=after.steps.plus(Step(instruction, stage.name, text, after, makes_layer)))

    def _dispatch(self, state: StageState, instruction: nodes.Instruction, scene: Scene, stage: Stage) -> StageState:
        match instruction:
            case nodes.Run():
                return run(state, instruction, scene)
            case nodes.Transfer():
                return transfer(state, instruction, scene)
            case nodes.Workdir():
                return workdir(state, instruction, scene)
            case nodes.Arg():
                return self._argument(state, instruction, scene.expander)
        changed = metadata.change(state, instruction, scene.expander)
        assert changed is not None, f"{instruction.keyword.text} in stage {stage.index} passed the syntax"
        return changed

    def _argument(self, state: StageState, instruction: nodes.Arg, expander: Expander) -> StageState:
        """ARG: the command line's value, else the default, else the global one; else it is declared, but unset."""
        written = []
        for declaration in instruction.declarations:
            name = declaration.name.text
            try:
                value = stage_argument(declaration, state.environment, self._scope)
            except ExpansionError as error:
                raise expander.failure("bad-expansion", error.span, error.message, error.help) from None
            state = state.with_argument(name, value)
            written.append(name if value is None else f"{name}={value}")
        return state.with_history("ARG " + " ".join(written), makes_layer=False)

    def _source(self, reference: str, word: nodes.Word, stage: Stage, expander: Expander) -> Vertex:
        """What `--from` names: an earlier stage by name or number, scratch, a named context, or an image."""
        try:
            found = self._stages.source_of(reference, stage)
        except UnknownStage as error:
            count = len(self._stages)
            numbers = "the only stage is number 0" if count == 1 else f"the stages are numbered 0 to {count - 1}"
            raise expander.failure(
                "unknown-stage", word.span, str(error), f"{numbers}; better name it with AS and use the name"
            ) from None
        except StageOrder as error:
            raise expander.failure("stage-order", word.span, str(error), "move that stage up") from None
        if found is not None:
            base = self._bases[found.index]
            if found.index not in self._finder.replaced or base.image:
                return self._state_of(found).vertex
        elif reference == "scratch":
            return SCRATCH
        else:
            base = self._finder.named(reference)
        if base.context is not None and not base.image:
            from dockerlang.builder.lower.contexts import context_files

            return context_files(*base.context, expander.place(word.span))
        return self._finder.source(base, expander.place(word.span))

    def _place_of(self, stage: Stage) -> Span:
        """Where FROM names the base, or the stage itself where a context stands for that."""
        from_ = stage.instruction
        word = from_.stage if stage.index in self._finder.replaced else from_.image
        return from_.span if word is None else word.span

    def _ignores_cache(self, stage: Stage) -> bool:
        if self._options.no_cache:
            return True
        return stage.name.lower() in {name.lower() for name in self._options.no_cache_stages} if stage.name else False


def _without_instructions(stages: Stages, numbers: Collection[int]) -> Stages:
    """The stages, of which those with these numbers are only names: nothing in them is looked at."""
    if not numbers:
        return stages
    kept = tuple(replace(stage, instructions=()) if stage.index in numbers else stage for stage in stages)
    return replace(stages, stages=kept)
