"""Lowering: from the tree to the graph of what the target needs, with the config that each step leaves behind.

Stages are lowered when something needs them; those that nothing needs are never looked at beyond their FROM line, as in
the reference. Nothing is run or read here but what `BaseImages` says of an image.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from dockerlang.builder.failure import BuildFailure
from dockerlang.builder.graph import ImageSource, Vertex
from dockerlang.builder.lower import metadata
from dockerlang.builder.lower.command import run
from dockerlang.builder.lower.directives import epoch_of, refuse_bad_checks
from dockerlang.builder.lower.expansion import Expander
from dockerlang.builder.lower.names import counts_as_step, step_name, step_text
from dockerlang.builder.lower.options import BaseImage, BaseImages, BuildOptions
from dockerlang.builder.lower.state import SCRATCH, StageState, Step, image_state, scratch_state
from dockerlang.builder.lower.transfer import Scene, transfer, workdir
from dockerlang.diagnostics import Diagnostic, Label, Severity
from dockerlang.errors import InputError, NotFoundError
from dockerlang.oci.platform import Platform, host_platform, parse_platform
from dockerlang.records import record
from dockerlang.semantics.expand import ExpansionError
from dockerlang.semantics.scopes import GlobalScope, global_scope, stage_argument
from dockerlang.semantics.stage_graph import find_cycle, reachable
from dockerlang.semantics.stages import Stage, StageOrder, Stages, UnknownStage, split_stages
from dockerlang.syntax import nodes, parse, problems
from dockerlang.text import Span, nearest

# Most builds name no context.
if TYPE_CHECKING:
    from dockerlang.builder.contexts.named import NamedContext


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


@record
class _Base:
    """What a FROM names once it is expanded: a stage, a named context, scratch, or an image for a platform."""

    name: str
    stage: Stage | None
    platform: Platform
    context: tuple[str, NamedContext] | None = None

    @property
    def image(self) -> str:
        """The name of the image, which may be that of a context; empty where the base is none."""
        if self.stage is not None:
            return ""
        if self.context is None:
            return "" if self.name == "scratch" else self.name
        from dockerlang.builder.contexts.named import ImageContext

        context = self.context[1]
        return context.reference if isinstance(context, ImageContext) and not context.is_empty else ""


class _Lowering:
    def __init__(self, document: nodes.Document, options: BuildOptions, images: BaseImages) -> None:
        self._options = options
        self._escape = document.escape
        self._images = images
        self._expander = Expander(document.source)
        written = split_stages(document)
        self._replaced = self._replaced_stages(written)
        self._stages: Stages = _without_instructions(written, self._replaced.keys())
        self._scope = self._global_scope()
        refuse_bad_checks(document, self._expander)
        self.epoch = epoch_of(options, self._scope, self._stages, self._expander)
        self._states: dict[int, StageState] = {}
        self._bases: dict[int, _Base] = {}
        self._found: dict[tuple[str, Platform], BaseImage] = {}

    def _replaced_stages(self, stages: Stages) -> dict[int, tuple[str, NamedContext]]:
        """The stages, by number, for which a named context stands with all that is in them."""
        platform = self._options.platform
        found = ((stage.index, self._context(stage.name, platform)) for stage in stages if stage.name)
        return {index: context for index, context in found if context is not None}

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
            near = f"did you mean {error.near[0]}?" if error.near else ""
            raise self._expander.failure("unknown-stage", span, str(error), near) from None

    def plan(self) -> Plan:
        target = self._target()
        # Every FROM is expanded, also those of stages that nothing needs.
        self._bases = {stage.index: self._base_of(stage) for stage in self._stages.stages}
        self._refuse_cycles()
        needed = reachable(self._stages, target, lambda stage: self._bases[stage.index].stage)
        # Images are looked for before anything else, the target's first; which one is missing is said of it first.
        for stage in reversed(needed):
            base = self._bases[stage.index]
            if base.stage is None and base.image:
                self._image(base.image, base.platform, stage.instruction)
        # In the order of the file, each finds what it needs done: a long chain of stages is no deep recursion.
        for stage in needed:
            self._state_of(stage)
        state = self._state_of(target)
        config = state.config
        if self._options.labels:
            config = replace(config, labels={**config.labels, **self._options.labels})
        return Plan(state.with_config(config), tuple(self._states.values()), self.epoch)

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

    # ------------------------------------------------------------ FROM

    def _base_of(self, stage: Stage) -> _Base:
        from_ = stage.instruction
        assert from_.image is not None
        name = self._expander.word(from_.image, self._scope.environment)
        if stage.index in self._replaced:
            return _Base(name, None, self._platform_of(from_), self._replaced[stage.index])
        if not name:
            message = f"the base image `{from_.image.text}` is blank once it is expanded"
            raise self._expander.failure("blank-base", from_.image.span, message, "give the ARG a default before FROM")
        platform = self._platform_of(from_)
        below = self._stages.base_of(stage, name)
        context = self._context(name, platform) if below is None and name != "scratch" else None
        return _Base(name, below, platform, context)

    def _context(self, name: str, platform: Platform) -> tuple[str, NamedContext] | None:
        if not self._options.contexts:
            return None
        from dockerlang.builder.contexts.named import find_named_context

        return find_named_context(self._options.contexts, name, platform)

    def _platform_of(self, from_: nodes.From) -> Platform:
        flag = from_.flag("platform")
        if flag is None or flag.value is None:
            return self._options.platform
        text = self._expander.word(flag.value, self._scope.environment)
        if not flag.value.text:
            return self._options.platform
        if not text:
            message = f"the platform `{flag.value.text}` is empty once it is expanded"
            raise self._expander.failure("empty-platform", flag.span, message)
        try:
            return parse_platform(text)
        except InputError as error:
            raise self._expander.failure("bad-platform", flag.span, str(error)) from None

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
            triggers = below.config.on_build
            state = replace(below, name=label, has_command=False)
            state = state.with_config(replace(state.config, on_build=()))
        elif base.image:
            image = self._image(base.image, base.platform, stage.instruction)
            triggers = image.config.config.on_build
            source = Vertex(ImageSource(base.image, image.id, image.config.diff_ids), (), f"FROM {base.name}")
            state = image_state(label, source, image.config, image.id, base.platform)
        elif base.context is not None:
            from dockerlang.builder.lower.contexts import context_state

            state = context_state(label, *base.context, self._options.platform)
        else:
            state = scratch_state(label, self._options.platform)
        if stage.index in self._replaced:
            # The triggers of what stands for the stage are for those who build on it.
            return state.with_config(replace(state.config, on_build=triggers))
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

    def _image(self, name: str, platform: Platform, place: nodes.From | nodes.Word) -> BaseImage:
        span = place.image.span if isinstance(place, nodes.From) and place.image is not None else place.span
        known_image = self._found.get((name, platform))
        if known_image is not None:
            return known_image
        try:
            image = self._found[name, platform] = self._images.find(name, platform)
            return image
        except (NotFoundError, InputError) as error:
            known = [*(stage.name for stage in self._stages if stage.name), *self._options.contexts]
            near = nearest(name, known)
            hint = f"did you mean `{near}`? Else {error.hint}" if near and near != name else error.hint
            raise self._expander.failure("no-image", span, str(error), hint) from None

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
        before = len(state.image.history)
        after = self._dispatch(state, instruction, scene, stage)
        grown = after.image.history[before:]
        makes_layer = bool(grown) and not grown[-1].empty_layer
        step = Step(instruction, stage.name, text, after.vertex, after.image, makes_layer)
        return replace(after, steps=(*after.steps, step))

    def _dispatch(self, state: StageState, instruction: nodes.Instruction, scene: Scene, stage: Stage) -> StageState:
        expander = scene.expander
        match instruction:
            case nodes.Run():
                return run(state, instruction, scene)
            case nodes.Transfer():
                return transfer(state, instruction, scene)
            case nodes.Workdir():
                return workdir(state, instruction, scene)
            case nodes.Arg():
                return self._argument(state, instruction, expander)
            case nodes.Env():
                return metadata.env(state, instruction, expander)
            case nodes.Label():
                return metadata.label(state, instruction, expander)
            case nodes.Maintainer():
                return metadata.maintainer(state, instruction, expander)
            case nodes.Expose():
                return metadata.expose(state, instruction, expander)
            case nodes.Volume():
                return metadata.volume(state, instruction, expander)
            case nodes.User():
                return metadata.user(state, instruction, expander)
            case nodes.StopSignal():
                return metadata.stop_signal(state, instruction, expander)
            case nodes.Shell():
                return metadata.shell(state, instruction, expander)
            case nodes.Cmd():
                return metadata.cmd(state, instruction, expander)
            case nodes.Entrypoint():
                return metadata.entrypoint(state, instruction, expander)
            case nodes.Healthcheck():
                return metadata.healthcheck(state, instruction, expander)
            case nodes.OnBuild():
                return metadata.onbuild(state, instruction, expander)
        raise AssertionError(f"{instruction.keyword.text} in stage {stage.index} passed the syntax")

    def _argument(self, state: StageState, instruction: nodes.Arg, expander: Expander) -> StageState:
        """ARG: the command line's value, else the default, else the global one; else it is declared, but unset."""
        written = []
        for declaration in instruction.declarations:
            name = declaration.name.text
            try:
                value = stage_argument(declaration, state.environment, self._scope)
            except ExpansionError as error:
                raise expander.failure("bad-expansion", error.span, error.message, error.help) from None
            if name not in state.arguments:
                state = replace(state, arguments=(*state.arguments, name))
            if value is not None:
                state = state.with_variable(name, value)
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
            if found.index in self._replaced and base.context is not None and not base.image:
                from dockerlang.builder.lower.contexts import context_files

                return context_files(*base.context)
            return self._state_of(found).vertex
        if reference == "scratch":
            return SCRATCH
        platform = self._options.platform
        base = _Base(reference, None, platform, self._context(reference, platform))
        if base.context is not None and not base.image:
            from dockerlang.builder.lower.contexts import context_files

            return context_files(*base.context)
        image = self._image(base.image, platform, word)
        return Vertex(ImageSource(base.image, image.id, image.config.diff_ids), (), f"FROM {reference}")

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
