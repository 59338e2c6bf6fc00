"""Cases about single values and typed instructions: ports, git references, devices, intervals, sources, commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dockerlang.semantics.devices import InvalidDevice
from dockerlang.semantics.expose import InvalidPort, parse_ports
from dockerlang.semantics.gitref import GitReference, InvalidGitReference, parse_git_reference
from dockerlang.syntax import parse
from tests.conformance.reference_stages import device_of, stages_of
from tests.conformance.reference_tree import Json
from tests.conformance.suites.parse_syntax import codes_of, meaning

Case = Mapping[str, Any]
Compared = tuple[object, object]


def _typed(text: str) -> Json:
    """The only command of a stage, as the reference types it."""
    stages, _ = stages_of(parse(f"FROM scratch\n{text}"))
    command: Json = stages[0]["commands"][0]["cmd"]
    return command


def _ports(words: list[str]) -> Json:
    try:
        return {"ports": [port for word in words for port in parse_ports(word)]}
    except InvalidPort:
        return {"error": True}


def _expose(case: Case) -> Compared:
    words = case["input"] if isinstance(case["input"], list) else [case["input"]]
    return {"error": True} if "error" in case["expect"] else case["expect"], _ports(words)


def _git_reference(case: Case) -> Compared:
    expected = {"error": True} if "error" in case["expect"] else case["expect"]
    try:
        reference = parse_git_reference(case["input"])
    except InvalidGitReference:
        return expected, {"error": True}
    return expected, {"value": None if reference is None else _git_fields(reference)}


def _git_fields(reference: GitReference) -> Json:
    fields = {
        "Remote": reference.remote,
        "ShortName": reference.short_name,
        "Ref": reference.ref,
        "SubDir": reference.subdirectory,
        "Checksum": reference.checksum,
        "MTime": reference.mtime,
        "KeepGitDir": reference.keeps_git_directory,
        "Submodules": reference.has_submodules,
        "FetchByCommit": reference.fetches_by_commit or "",
        "IndistinguishableFromLocal": reference.is_like_local_path,
        "UnencryptedTCP": reference.is_unencrypted,
    }
    return {name: value for name, value in fields.items() if value not in ("", None, False)}


def _git_fragment(case: Case) -> Compared:
    given = case["input"]
    try:
        reference = parse_git_reference(given["ref"])
    except InvalidGitReference:
        reference = None
    written = given["ref"] if reference is None else reference.with_fragment
    return (given["ok"], given["expected"]), (reference is not None, written)


def _device(case: Case) -> Compared:
    is_error = case["expect"]["error"] is not None
    try:
        return {**case["expect"], "error": is_error}, {"value": device_of(case["input"]), "error": False}
    except InvalidDevice:
        return {**case["expect"], "error": is_error}, {"value": None, "error": True}


def _interval(case: Case) -> Compared:
    codes = codes_of(f"FROM scratch\nHEALTHCHECK --interval={case['input']} CMD x")
    if case["expect"]["ok"]:
        return [], codes
    return [meaning(case["expect"]["error_contains"])], codes


def _healthcheck(case: Case) -> Compared:
    return case["expect"], _typed(case["input"])["Health"]["Test"]


def _flags_used(case: Case) -> Compared:
    return case["expect"], _typed(case["input"])["FlagsUsed"]


def _transfer(case: Case) -> Compared:
    names = ("DestPath", "SourcePaths", "SourceContents")
    typed = _typed(case["input"])
    return case["expect"], {name: typed[name] for name in names if typed[name] is not None}


def _run(case: Case) -> Compared:
    typed = _typed(case["input"])
    files = typed["Files"] and [{name: value for name, value in file.items() if value} for file in typed["Files"]]
    return case["expect"], {"command": typed["CmdLine"], "shell": typed["PrependShell"], "files": files}


KINDS: Mapping[str, Callable[[Case], Compared]] = {
    "copy_sources_dest": _transfer,
    "device": _device,
    "expose_port": _expose,
    "expose_ports": _expose,
    "flags_used": _flags_used,
    "git_fragment": _git_fragment,
    "git_ref": _git_reference,
    "healthcheck_test": _healthcheck,
    "opt_interval": _interval,
    "run_cmdline": _run,
}
