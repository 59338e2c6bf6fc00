"""Single values: ports, signals, modes, git references, devices, wildcards, shells, frontends."""

from __future__ import annotations

import signal
import time

import pytest

from dockerlang.errors import InputError
from dockerlang.oci.platform import Platform
from dockerlang.semantics.chmod import InvalidMode, parse_mode
from dockerlang.semantics.devices import InvalidDevice, parse_device
from dockerlang.semantics.doc_comments import comments_above, documentation
from dockerlang.semantics.expose import InvalidPort, parse_ports, read_port
from dockerlang.semantics.frontend import detect_checks, detect_frontend
from dockerlang.semantics.gitref import InvalidGitReference, parse_git_reference
from dockerlang.semantics.gomatch import InvalidGoPattern, clean_path, match_path
from dockerlang.semantics.ignore import Matcher, read_ignore
from dockerlang.semantics.predefined import AUTOMATIC_ARGUMENTS, automatic_values, is_proxy_argument
from dockerlang.semantics.scopes import first_scope, global_scope, stage_argument
from dockerlang.semantics.shell import DEFAULT_SHELL, argv
from dockerlang.semantics.signals import SIGNALS, is_signal, signal_number
from dockerlang.semantics.stages import UnknownStage, split_stages
from dockerlang.syntax import nodes, parse


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("80", ("80/tcp",)),
        ("80/UDP", ("80/udp",)),
        ("8000-8002/sctp", ("8000/sctp", "8001/sctp", "8002/sctp")),
        ("0", ("0/tcp",)),
        ("8080:80", ("80/tcp",)),
        ("8080-8090:80", ("80/tcp",)),
        ("127.0.0.1::80", ("80/tcp",)),
        ("[::1]:81:80", ("80/tcp",)),
    ],
)
def test_ports(text: str, ports: tuple[str, ...]) -> None:
    assert parse_ports(text) == ports


@pytest.mark.parametrize(
    "text",
    ["", "/tcp", "x", "70000", "80/foo", "90-80", "1-2:80-82", "localhost:1:80", "-1", "+80", "8_0", "fe80::1%e:1:80"],
)
def test_no_ports(text: str) -> None:
    with pytest.raises(InvalidPort):
        parse_ports(text)


def test_a_port_keeps_what_was_written() -> None:
    port = read_port("10.0.0.1:90:80/TCP")
    assert (port.address, port.host, port.written_protocol) == ("10.0.0.1", "90", "TCP")


def test_signals_have_the_numbers_of_this_machine() -> None:
    known = {name: getattr(signal, f"SIG{name}") for name in SIGNALS if hasattr(signal, f"SIG{name}")}
    assert {name: SIGNALS[name] for name in known} == known


@pytest.mark.parametrize("text", ["TERM", "sigterm", "SIGRTMIN+3", "rtmax-1", "9", "-1", "12345"])
def test_signal_names(text: str) -> None:
    assert is_signal(text)


@pytest.mark.parametrize("text", ["", "0", "SIG", "FOO", "RTMIN+16", "[a, b]", "1.5"])
def test_no_signals(text: str) -> None:
    assert signal_number(text) is None


@pytest.mark.parametrize(
    ("text", "mode", "file", "directory"),
    [
        ("755", 0o600, 0o755, 0o755),
        ("0", 0o600, 0, 0),
        ("7777", 0o600, 0o7777, 0o7777),
        ("u=rwX,go=rX", 0o600, 0o644, 0o755),
        ("u=rwX,go=rX", 0o700, 0o755, 0o755),
        ("+x", 0o644, 0o755, 0o755),
        ("-X", 0o755, 0o644, 0o644),
        ("-X", 0o644, 0o644, 0o644),
        ("a-w", 0o666, 0o444, 0o444),
        ("u+s", 0o755, 0o4755, 0o4755),
        ("g+s,+t", 0o755, 0o3755, 0o3755),
        ("o+s", 0o755, 0o755, 0o755),
        ("g=u", 0o4750, 0o4770, 0o4770),
        ("go=", 0o777, 0o700, 0o700),
        ("u=rwx,go=u-w", 0, 0o755, 0o755),
        ("=", 0o7777, 0o1000, 0o1000),
    ],
)
def test_modes(text: str, mode: int, file: int, directory: int) -> None:
    change = parse_mode(text)
    assert (change.apply(mode, is_directory=False), change.apply(mode, is_directory=True)) == (file, directory)


@pytest.mark.parametrize("text", ["", "888", "10000", "64a", "u", "u+", "u+z", "+x,", "x+r"])
def test_no_modes(text: str) -> None:
    if text == "u+":  # chmod(1) takes an operator without rights: it changes nothing
        assert parse_mode(text).apply(0o640, is_directory=False) == 0o640
        return
    with pytest.raises(InvalidMode):
        parse_mode(text)


def test_git_references() -> None:
    reference = parse_git_reference("https://example.com/team/app.git?branch=main&subdir=web&submodules&keep-git-dir=0")
    assert reference is not None
    assert (reference.remote, reference.ref) == ("https://example.com/team/app.git", "refs/heads/main")
    assert (reference.short_name, reference.subdirectory) == ("app", "web")
    assert (reference.has_submodules, reference.keeps_git_directory) == (True, False)
    assert reference.with_fragment == "https://example.com/team/app.git#refs/heads/main"


@pytest.mark.parametrize("text", ["app.git", "./app.git", "https://x.org/app", "file:///app.git", "/app.git", ""])
def test_no_git_references(text: str) -> None:
    assert parse_git_reference(text) is None


@pytest.mark.parametrize("query", ["tag=", "what=1", "ref=a&ref=b", "ref=a&tag=b", "mtime=now", "submodules=maybe"])
def test_git_references_that_contradict_themselves(query: str) -> None:
    with pytest.raises(InvalidGitReference):
        parse_git_reference(f"https://example.com/app.git?{query}")


def test_devices() -> None:
    assert parse_device("vendor.com/gpu=0,required").is_required
    for text in ("", "a,name=b", "a,size=1", "a,required=perhaps"):
        with pytest.raises(InvalidDevice):
            parse_device(text)


def test_wildcards_stay_in_their_component() -> None:
    assert match_path("a/*.txt", "a/b.txt")
    assert match_path("**/c", "b/c")
    assert not match_path("**/d", "b/c/d")
    with pytest.raises(InvalidGoPattern):
        match_path("[", "x")


@pytest.mark.parametrize(("path", "clean"), [("", "."), ("//a//b/", "/a/b"), ("a/../../b", "../b"), ("/..", "/")])
def test_clean_paths(path: str, clean: str) -> None:
    assert clean_path(path) == clean


def test_an_ignored_directory_of_50000_files_is_never_entered() -> None:
    ignore_file = read_ignore("node_modules\n**/*.log\n!src/keep.log\n")
    assert ignore_file.can_prune("node_modules")
    started = time.perf_counter()
    for number in range(50_000):
        ignore_file.is_ignored(f"src/{number % 100}/{number}.ts")
    assert time.perf_counter() - started < 2


def test_an_ignore_file_with_a_mistake_names_file_and_line() -> None:
    with pytest.raises(InputError, match=r"`x\.dockerignore`, line 2"):
        read_ignore("a\n[b\n", "x.dockerignore").is_ignored("a")


def test_exclusions_of_a_copy_may_have_exceptions() -> None:
    matcher = Matcher.of(["*.md", "!README.md"])
    assert matcher.has_exceptions
    assert matcher.matches("a.md")
    assert not matcher.matches("README.md")


def test_a_command_is_an_array_or_a_text_for_the_shell() -> None:
    shell_form, exec_form = parse('FROM a\nRUN 2\nRUN ["a", "b"]\n').all_of(nodes.Run)
    assert argv(shell_form.command, ("x", "-c")) == ("x", "-c", "2")
    assert argv(exec_form.command, ("x", "-c")) == ("a", "b")
    assert argv(None, DEFAULT_SHELL) == ("/bin/sh", "-c", "")


def test_the_target_is_found_in_any_case_and_near_names_are_told() -> None:
    stages = split_stages(parse("FROM a AS Builder\nFROM b\n"))
    assert stages.target("BUILDER").index == 0
    assert stages.target().index == 1
    with pytest.raises(UnknownStage) as caught:
        stages.target("biulder")
    assert caught.value.near == ("builder",)


def test_automatic_arguments_come_from_the_platforms() -> None:
    values = automatic_values(Platform("linux", "arm", "v7"), Platform("linux", "amd64"), "web")
    assert values.keys() == AUTOMATIC_ARGUMENTS.keys()
    assert (values["TARGETPLATFORM"], values["TARGETVARIANT"], values["BUILDARCH"]) == ("linux/arm/v7", "v7", "amd64")
    assert values["TARGETSTAGE"] == "web"


def test_build_arguments_beat_defaults_but_only_where_they_are_declared() -> None:
    stages = split_stages(parse("ARG A=1\nARG B=$A\nFROM x\nARG A=2\nARG C\n"))
    scope = global_scope(stages, {"A": "given", "C": "c", "TARGETARCH": "odd"}, Platform("linux", "amd64"))
    assert (scope.environment["A"], scope.environment["B"]) == ("given", "given")
    assert scope.environment["TARGETARCH"] == "odd"
    assert "C" not in scope.environment
    arguments = [
        each for arg in stages.stages[0].instructions if isinstance(arg, nodes.Arg) for each in arg.declarations
    ]
    assert [stage_argument(each, {}, scope) for each in arguments] == ["given", "c"]


def test_path_is_set_even_where_the_base_image_sets_none() -> None:
    assert "PATH" in first_scope({}).environment
    assert not first_scope(None).is_complete


def test_proxies_are_known_in_any_case() -> None:
    assert is_proxy_argument("HTTPS_proxy")
    assert not is_proxy_argument("HTTPS")


@pytest.mark.parametrize(
    ("text", "reference", "line"),
    [
        ("# syntax=docker/dockerfile:1 x\nFROM a", "docker/dockerfile:1", 1),
        ("#!/bin/x\n# syntax=a\n", "a", 2),
        ("\ufeff// syntax = b\n", "b", 1),
        ('{"syntax": "c d"}', "c", None),
        ("# escape=`\n# syntax=d\n", "d", 2),
    ],
)
def test_frontends(text: str, reference: str, line: int | None) -> None:
    found = detect_frontend(text)
    assert found is not None
    assert (found.reference, found.line) == (reference, line)
    assert found.is_own_frontend == (reference == "docker/dockerfile:1")


def test_no_frontend() -> None:
    assert detect_frontend("\n# syntax=a\n") is None
    assert detect_frontend('{"syntax": 1}') is None
    assert detect_checks("// check=skip=all\n") is None


def test_comments_document_the_stage_or_argument_that_they_begin_with() -> None:
    document = parse("# old\n#\n# web serves\n\n# port where\nFROM a AS web\n  # port no\nARG port\n")
    above = comments_above(document)
    from_, arg = document.instructions
    assert documentation(document, above[id(from_)], "web") == "serves"
    assert documentation(document, above[id(arg)], "port") == ""
