"""Our tree in the terms of the reference's typed instructions: stages with commands, and the arguments before them."""

from __future__ import annotations

from typing import Any

from dockerlang.semantics.devices import parse_device
from dockerlang.semantics.doc_comments import comments_above, documentation
from dockerlang.semantics.stages import Stages, split_stages
from dockerlang.syntax import nodes
from dockerlang.syntax.durations import parse_duration
from dockerlang.syntax.flags import FLAGS, FlagKind
from tests.conformance.reference_tree import Json


def stages_of(document: nodes.Document) -> tuple[list[Json], list[list[Json]] | None]:
    """The stages, and the arguments of each ARG before the first FROM (None where there is none)."""
    reader = _Reader(document)
    stages: Stages = split_stages(document)
    meta = [reader.arguments(instruction) for instruction in stages.global_args]
    return [
        {
            "base": "" if stage.instruction.image is None else stage.instruction.image.text,
            "commands": [reader.command(instruction) for instruction in stage.instructions] or None,
            "doc": reader.documentation(stage.instruction, stage.name),
            "name": stage.name,
            "platform": _text(stage.instruction, "platform"),
        }
        for stage in stages
    ], meta or None


class _Reader:
    def __init__(self, document: nodes.Document) -> None:
        self._document = document
        self._above = comments_above(document)

    def documentation(self, instruction: nodes.Instruction, name: str) -> str:
        return documentation(self._document, self._above.get(id(instruction), ()), name)

    def arguments(self, instruction: nodes.Arg) -> list[Json]:
        return [
            {
                "Key": declaration.name.text,
                "Value": None if declaration.value is None else declaration.value.text,
                "DocComment": self.documentation(instruction, declaration.name.text),
            }
            for declaration in instruction.declarations
        ]

    def command(self, instruction: nodes.Instruction) -> Json:
        kind, command = self._typed(instruction)
        more: Json = {}
        if isinstance(instruction, nodes.Run):
            more = {
                "devices": [
                    device_of(flag.value.text) for flag in instruction.flags if flag.name == "device" and flag.value
                ],
                "network": _text(instruction, "network") or "default",
                "security": _text(instruction, "security") or "sandbox",
            }
        return {"cmd": command, **more, "type": f"{kind}Command"}

    def _typed(self, instruction: nodes.Instruction) -> tuple[str, Json]:
        match instruction:
            case nodes.Run():
                used = sorted({flag.name for flag in instruction.flags})
                return "Run", {**self._shell_or_array(instruction), "FlagsUsed": used}
            case nodes.Cmd():
                return "Cmd", self._shell_or_array(instruction)
            case nodes.Entrypoint():
                return "Entrypoint", self._shell_or_array(instruction)
            case nodes.Shell(command=nodes.ExecForm() as command):
                return "Shell", {"Shell": list(command.arguments)}
            case nodes.Env():
                return "Env", {"Env": _pairs(instruction)}
            case nodes.Label():
                return "Label", {"Labels": _pairs(instruction)}
            case nodes.Arg():
                return "Arg", {"Args": self.arguments(instruction)}
            case nodes.Copy():
                parents = _is_set(instruction, "parents")
                return "Copy", {**self._transfer(instruction), "From": _text(instruction, "from"), "Parents": parents}
            case nodes.Add():
                return "Add", {
                    **self._transfer(instruction),
                    "KeepGitDir": _switch(instruction, "keep-git-dir"),
                    "Checksum": _text(instruction, "checksum"),
                    "Unpack": _switch(instruction, "unpack"),
                }
            case nodes.Expose():
                return "Expose", {"Ports": sorted(port.text for port in instruction.ports)}
            case nodes.Volume():
                return "Volume", {"Volumes": [path.text for path in instruction.paths]}
            case nodes.User(user=nodes.Word(text=text)):
                return "User", {"User": text}
            case nodes.Workdir(path=nodes.Word(text=text)):
                return "Workdir", {"Path": text}
            case nodes.StopSignal(signal=nodes.Word(text=text)):
                return "StopSignal", {"Signal": text}
            case nodes.Maintainer(name=nodes.Name(text=text)):
                return "Maintainer", {"Maintainer": text}
            case nodes.Healthcheck():
                return "HealthCheck", {"Health": _health(instruction)}
            case nodes.OnBuild():
                bodies = (f"\n{heredoc.content}{heredoc.delimiter}" for heredoc in instruction.heredocs)
                return "Onbuild", {"Expression": instruction.trigger_text + "".join(bodies)}
        raise AssertionError(f"{instruction.keyword.text} is no complete instruction")

    def _shell_or_array(self, instruction: nodes.Run | nodes.Cmd | nodes.Entrypoint) -> Json:
        files = [
            {"Name": heredoc.delimiter, "Data": heredoc.content, "Chomp": heredoc.does_chomp}
            for heredoc in instruction.heredocs
        ]
        match instruction.command:
            case nodes.ExecForm() as command:
                return {"CmdLine": list(command.arguments), "Files": files or None, "PrependShell": False}
            case nodes.ShellForm(text=text):
                return {"CmdLine": [text], "Files": files or None, "PrependShell": True}
            case None:
                empty: list[str] | None = None if isinstance(instruction, nodes.Entrypoint) else []
                return {"CmdLine": empty, "Files": None, "PrependShell": True}

    def _transfer(self, instruction: nodes.Transfer) -> Json:
        assert isinstance(instruction.destination, nodes.Word)
        contents = [
            {"Path": source.delimiter, "Data": source.chomped, "Expand": source.does_expand}
            for source in instruction.sources
            if isinstance(source, nodes.Heredoc)
        ]
        paths = [source.text for source in instruction.sources if isinstance(source, nodes.Word)]
        excludes = [flag.value.text for flag in instruction.flags if flag.name == "exclude" and flag.value is not None]
        return {
            "DestPath": instruction.destination.text,
            "SourcePaths": paths or None,
            "SourceContents": contents or None,
            "Chown": _text(instruction, "chown"),
            "Chmod": _text(instruction, "chmod"),
            "Link": _is_set(instruction, "link"),
            "ExcludePatterns": excludes or None,
        }


def _pairs(instruction: nodes.Env | nodes.Label) -> list[Json]:
    return [
        {
            "Key": pair.name.text,
            "Value": "" if pair.value is None else pair.value.text,
            "NoDelim": instruction.is_legacy,
        }
        for pair in instruction.pairs
    ]


def _text(instruction: nodes.Instruction, name: str) -> str:
    flag = instruction.flag(name)
    return "" if flag is None or flag.value is None else flag.value.text


def _switch(instruction: nodes.Instruction, name: str) -> bool | None:
    flag = instruction.flag(name)
    if flag is None:
        return None
    assert FLAGS[instruction.KEYWORD][name] is FlagKind.BOOLEAN
    return flag.value is None or flag.value.text.lower() == "true"


def _is_set(instruction: nodes.Instruction, name: str) -> bool:
    return bool(_switch(instruction, name))


def device_of(text: str) -> Json:
    """A device as the reference records it. Raises `InvalidDevice`."""
    device = parse_device(text)
    return {"Name": device.name, "Required": device.is_required}


def _health(instruction: nodes.Healthcheck) -> Json:
    if instruction.kind is not None and instruction.kind.text.upper() == "NONE":
        return {"Test": ["NONE"]}
    test: list[Any] = []
    match instruction.command:
        case nodes.ExecForm() as command:
            test = ["CMD", *command.arguments]
        case nodes.ShellForm(text=text):
            test = ["CMD-SHELL", text]
    durations = {
        "Interval": "interval",
        "Timeout": "timeout",
        "StartPeriod": "start-period",
        "StartInterval": "start-interval",
    }
    values = {key: parse_duration(_text(instruction, name) or "0") for key, name in durations.items()}
    values["Retries"] = int(_text(instruction, "retries") or 0)
    return {"Test": test, **{key: value for key, value in values.items() if value}}
