"""The instructions that change the config and nothing else: one function each, from state to state.

What they write into the history is what the reference writes, letter by letter: tools read it.
"""

from __future__ import annotations

from dockerlang.builder.lower.expansion import Expander
from dockerlang.builder.lower.state import StageState
from dockerlang.oci.config import Healthcheck
from dockerlang.records import replace
from dockerlang.semantics.expose import InvalidPort, parse_ports
from dockerlang.semantics.growing import Settings
from dockerlang.semantics.shell import argv
from dockerlang.semantics.signals import is_signal
from dockerlang.syntax import go_literals, nodes
from dockerlang.syntax.durations import format_duration, parse_duration


def change(state: StageState, instruction: nodes.Instruction, expander: Expander) -> StageState | None:
    """The state after an instruction of this module; None for any other. Raises `BuildFailure`."""
    match instruction:
        case nodes.Env():
            return env(state, instruction, expander)
        case nodes.Label():
            return label(state, instruction, expander)
        case nodes.Maintainer():
            return maintainer(state, instruction)
        case nodes.Expose():
            return expose(state, instruction, expander)
        case nodes.Volume():
            return volume(state, instruction, expander)
        case nodes.User():
            return user(state, instruction, expander)
        case nodes.StopSignal():
            return stop_signal(state, instruction, expander)
        case nodes.Shell():
            return shell(state, instruction)
        case nodes.Cmd():
            return cmd(state, instruction)
        case nodes.Entrypoint():
            return entrypoint(state, instruction)
        case nodes.Healthcheck():
            return healthcheck(state, instruction)
        case nodes.OnBuild():
            return onbuild(state, instruction)
    return None


def env(state: StageState, instruction: nodes.Env, expander: Expander) -> StageState:
    """ENV: all values see the variables from before the line."""
    written: list[str] = []
    pairs = [_expand_pair(pair, expander, state) for pair in instruction.pairs]
    for name, value in pairs:
        made = f"{name}={value}"
        state = replace(state.with_variable(name, value), variables=state.variables.plus(name, made))
        written.append(made)
    return state.with_history("ENV " + " ".join(written), makes_layer=False)


def label(state: StageState, instruction: nodes.Label, expander: Expander) -> StageState:
    """LABEL adds to the labels or replaces them."""
    pairs = [_expand_pair(pair, expander, state) for pair in instruction.pairs]
    labels = state.labels
    for name, value in pairs:
        labels = labels.plus(name, value)
    written = " ".join(f"{name}={value}" for name, value in pairs)
    return replace(state, labels=labels).with_history("LABEL " + written, makes_layer=False)


def _expand_pair(pair: nodes.Pair, expander: Expander, state: StageState) -> tuple[str, str]:
    assert pair.value is not None
    return expander.word(pair.name, state.environment), expander.word(pair.value, state.environment)


def maintainer(state: StageState, instruction: nodes.Maintainer) -> StageState:
    """MAINTAINER sets the author of the image."""
    assert instruction.name is not None
    frame = replace(state.frame, author=instruction.name.text)
    return replace(state, frame=frame).with_history(f"MAINTAINER {instruction.name.text}", makes_layer=False)


def expose(state: StageState, instruction: nodes.Expose, expander: Expander) -> StageState:
    """EXPOSE: the arguments are sorted as they are written, then expanded into words."""
    ports: list[str] = []
    for word in sorted(instruction.ports, key=lambda port: port.text):
        for text in expander.words(word, state.environment):
            try:
                ports.extend(parse_ports(text))
            except InvalidPort as error:
                raise expander.failure("bad-port", word.span, str(error), error.help) from None
    written = f"EXPOSE [{' '.join(ports)}]"
    return replace(state, ports=_with_names(state.ports, ports)).with_history(written, makes_layer=False)


def volume(state: StageState, instruction: nodes.Volume, expander: Expander) -> StageState:
    """VOLUME adds mount points; what the image has there stays."""
    paths = []
    for word in instruction.paths:
        path = expander.word(word, state.environment)
        if not path.strip():
            raise expander.failure("empty-volume", word.span, "the path of a VOLUME is empty")
        paths.append(path)
    written = f"VOLUME [{' '.join(paths)}]"
    return replace(state, volumes=_with_names(state.volumes, paths)).with_history(written, makes_layer=False)


def _with_names(names: Settings, more: list[str]) -> Settings:
    for name in more:
        names = names if name in names else names.plus(name, "")
    return names


def user(state: StageState, instruction: nodes.User, expander: Expander) -> StageState:
    """USER: stored as it is; whether it exists is asked when something runs."""
    assert instruction.user is not None
    name = expander.word(instruction.user, state.environment)
    return state.with_settings(user=name).with_history(f"USER {name}", makes_layer=False)


def stop_signal(state: StageState, instruction: nodes.StopSignal, expander: Expander) -> StageState:
    """STOPSIGNAL: a name or a number."""
    assert instruction.signal is not None
    signal = expander.word(instruction.signal, state.environment)
    if not is_signal(signal):
        message = f"`{signal}` is no signal"
        raise expander.failure("bad-signal", instruction.signal.span, message, "write a name such as SIGTERM")
    written = f"STOPSIGNAL {signal}"
    return state.with_settings(stop_signal=signal).with_history(written, makes_layer=False)


def shell(state: StageState, instruction: nodes.Shell) -> StageState:
    """SHELL: what runs the shell form from here on."""
    assert isinstance(instruction.command, nodes.ExecForm)
    arguments = instruction.command.arguments
    written = f"SHELL [{' '.join(arguments)}]"
    return state.with_settings(shell=arguments).with_history(written, makes_layer=False)


def cmd(state: StageState, instruction: nodes.Cmd) -> StageState:
    """CMD: the default command."""
    arguments = argv(instruction.command, state.shell)
    written = f"CMD {quoted_list(arguments)}"
    changed = state.with_settings(cmd=arguments or None, args_escaped=True)
    return replace(changed, has_command=True).with_history(written, makes_layer=False)


def entrypoint(state: StageState, instruction: nodes.Entrypoint) -> StageState:
    """ENTRYPOINT: it drops a CMD that was inherited, but not one of this stage."""
    arguments = argv(instruction.command, state.shell)
    state = state.with_settings(entrypoint=arguments or None)
    if not state.has_command:
        state = state.with_settings(cmd=None)
    return state.with_history(f"ENTRYPOINT {quoted_list(arguments)}", makes_layer=False)


def healthcheck(state: StageState, instruction: nodes.Healthcheck) -> StageState:
    """HEALTHCHECK replaces what was there as a whole."""
    check = _healthcheck(instruction)
    written = (
        f"HEALTHCHECK {{Test:[{' '.join(check.test)}] Interval:{format_duration(check.interval)}"
        f" Timeout:{format_duration(check.timeout)} StartPeriod:{format_duration(check.start_period)}"
        f" StartInterval:{format_duration(check.start_interval)} Retries:{check.retries}}}"
    )
    return state.with_settings(healthcheck=check).with_history(written, makes_layer=False)


def _healthcheck(instruction: nodes.Healthcheck) -> Healthcheck:
    assert instruction.kind is not None
    if instruction.kind.text.upper() == "NONE":
        return Healthcheck(test=("NONE",))
    match instruction.command:
        case nodes.ExecForm() as command:
            test: tuple[str, ...] = ("CMD", *command.arguments)
        case nodes.ShellForm(text=text):
            test = ("CMD-SHELL", text)
        case _:
            raise AssertionError("checked by the syntax")

    def value(name: str) -> str:
        flag = instruction.flag(name)
        return flag.value.text if flag is not None and flag.value is not None else ""

    def duration(name: str) -> int:
        return parse_duration(value(name)) if value(name) else 0

    return Healthcheck(
        test=test,
        interval=duration("interval"),
        timeout=duration("timeout"),
        start_period=duration("start-period"),
        start_interval=duration("start-interval"),
        retries=int(value("retries") or 0),
    )


def onbuild(state: StageState, instruction: nodes.OnBuild) -> StageState:
    """ONBUILD: stored as it is written, heredocs included; no history."""
    text = instruction.trigger_text
    if instruction.heredocs:
        bodies = "\n".join(heredoc.content + heredoc.delimiter for heredoc in instruction.heredocs)
        text = f"{text}\n{bodies}"
    return replace(state, triggers=state.triggers.plus(text))


def quoted_list(arguments: tuple[str, ...]) -> str:
    """A list as Go's `%q` prints it."""
    return f"[{' '.join(go_literals.quote(argument) for argument in arguments)}]"
