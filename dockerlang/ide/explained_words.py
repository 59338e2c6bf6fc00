"""How the words of an instruction expand: each variable in them with its value, and with what gave it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerlang.records import record
from dockerlang.semantics.expand import ExpansionError, expand, expand_body, expand_pieces
from dockerlang.semantics.scopes import Binding, BindingKind, StageScope
from dockerlang.semantics.state import State
from dockerlang.semantics.static_scopes import StaticScopes
from dockerlang.syntax import nodes
from dockerlang.syntax.walk import walk

# In these nothing is expanded while the image is built; a shell may do it later.
_UNEXPANDED = (nodes.Run, nodes.Cmd, nodes.Entrypoint, nodes.Shell, nodes.Healthcheck, nodes.OnBuild)


@record
class Origin:
    """What gave a name its value: in words, and the line (from 1) where there is one."""

    text: str
    line: int | None = None


@record
class Step:
    """A variable in a word: as written, and what it becomes (None: an error); `value` is that of its name (None: not
    set), which `origin` gave it.

    Without `is_certain` an unknown base image may have set another value.
    """

    written: str
    result: str | None
    name: str
    value: str | None
    origin: Origin
    is_certain: bool


@record
class ExplainedWord:
    """A word, what it becomes (None where it cannot be expanded, `problem` says why), and the steps to it."""

    written: str
    value: str | None
    steps: tuple[Step, ...] = ()
    problem: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether no unknown base image can change what it becomes."""
        return all(step.is_certain for step in self.steps)


def explained_words(
    instruction: nodes.Instruction, scopes: StaticScopes, scope: StageScope, state: State | None
) -> Iterator[ExplainedWord]:
    """The words that expansion changes, and after them the bodies of files written in place.

    `state` is None where only global names are seen.
    """
    for word in _words(instruction):
        if word.is_plain or isinstance(word, nodes.JsonString):
            continue
        variables = [node for node in walk(word) if isinstance(node, nodes.Variable) and node.name]
        steps = tuple(_steps(variables, scopes, scope, state))
        try:
            yield ExplainedWord(word.text, expand(word, scope.environment).text, steps)
        except ExpansionError as error:
            yield ExplainedWord(word.text, None, steps, error.message)
    if isinstance(instruction, nodes.Transfer):
        yield from _bodies(instruction, scopes, scope, state)


def origin_of(binding: Binding | None, scopes: StaticScopes) -> Origin:
    """What gave a name its value; of a name that nothing declares, that."""
    if binding is None:
        return Origin("nothing sets it")
    line = None
    if binding.span is not None:
        line = scopes.stages.document.source.lines.line_of(binding.span.start) + 1
    match binding.kind:
        case BindingKind.AUTOMATIC:
            return Origin(_given(binding.name, scopes) or "set by the build")
        case BindingKind.BASE_IMAGE:
            return Origin("of the base image")
        case BindingKind.ENV:
            return Origin(f"ENV in line {line}", line)
        case BindingKind.GLOBAL_ARG | BindingKind.ARG:
            return Origin(f"ARG in line {line} ({_way(binding, scopes)})", line)


def _bodies(
    instruction: nodes.Transfer, scopes: StaticScopes, scope: StageScope, state: State | None
) -> Iterator[ExplainedWord]:
    """The bodies of heredocs in which variables stand."""
    for heredoc in instruction.heredocs:
        variables = [node for node in walk(heredoc) if isinstance(node, nodes.Variable) and node.name]
        if not heredoc.does_expand or not variables:
            continue
        written = scopes.stages.document.source.slice(heredoc.span)
        steps = tuple(_steps(variables, scopes, scope, state))
        try:
            yield ExplainedWord(written, expand_body(heredoc, scope.environment).text, steps)
        except ExpansionError as error:
            yield ExplainedWord(written, None, steps, error.message)


def _words(instruction: nodes.Instruction) -> Iterable[nodes.Word]:
    if isinstance(instruction, _UNEXPANDED):
        return [
            option.value
            for flag in instruction.flags
            if isinstance(flag, nodes.MountFlag)
            for option in flag.options
            if option.value is not None and option.key != "from"
        ]
    return [node for node in walk(instruction) if isinstance(node, nodes.Word)]


def _steps(
    variables: Iterable[nodes.Variable], scopes: StaticScopes, scope: StageScope, state: State | None
) -> Iterator[Step]:
    source = scopes.stages.document.source
    for variable in variables:
        name = variable.name
        try:
            result: str | None = expand_pieces((variable,), scope.environment).text
        except ExpansionError:
            result = None
        yield Step(
            source.slice(variable.span),
            result,
            name,
            scope.environment.get(name),
            origin_of(scope.bindings.get(name), scopes),
            is_certain=state is None or state.knows(name),
        )


def _way(binding: Binding, scopes: StaticScopes) -> str:
    """How an ARG came by its value."""
    given = _given(binding.name, scopes)
    if given:
        return given
    instruction = binding.instruction
    declarations = instruction.declarations if isinstance(instruction, nodes.Arg) else ()
    own = next((each for each in declarations if each.name.span == binding.span), None)
    if own is not None and own.value is not None:
        return "its default"
    above = scopes.globals.bindings.get(binding.name)
    if binding.kind is BindingKind.ARG and above is not None and above.value is not None:
        return f"from {origin_of(above, scopes).text}".replace(" (", ", ").removesuffix(")")
    return "without a value"


def _given(name: str, scopes: StaticScopes) -> str:
    return "given with --build-arg" if name in scopes.globals.build_args else ""
