"""Whole builds: what ends up in layers, config and history, and what is said when a build cannot go on."""

from __future__ import annotations

import gzip
import io
import os
import tarfile

import pytest

from dockerlang.builder.events import Event, StepFinished, StepOutput, StepStarted
from dockerlang.builder.failure import BuildFailure
from dockerlang.oci.tar import Kind
from tests.builder.conftest import Builder

pytestmark = [
    pytest.mark.namespaces,
    pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps"),
]


def test_run_sees_arguments_and_environment(builder: Builder) -> None:
    result = builder("FROM busybox\nARG A=1\nENV B=two\nRUN echo $A $B > /out\n")
    assert builder.layer(result)["out"][1] == b"1 two\n"
    assert result.image.config.history[-1].created_by == "RUN |1 A=1 /bin/sh -c echo $A $B > /out # buildkit"
    assert "B=two" in result.image.config.config.env
    assert not any(variable.startswith("A=") for variable in result.image.config.config.env)


def test_a_run_that_changes_nothing_leaves_an_empty_layer(builder: Builder) -> None:
    result = builder("FROM busybox\nRUN true\n")
    assert builder.layer(result) == {}
    assert len(result.image.diff_ids) == 2


def test_a_step_that_another_build_does_in_the_same_moment_is_not_done_again(builder: Builder) -> None:
    """The other build begins after this one has looked into the cache, and ends before it begins with the step."""
    builder.write("f", "content")
    dockerfile = "FROM scratch\nCOPY f /\n"
    finished: list[bool] = []
    others: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, StepStarted) and not others:
            others.append(str(builder(dockerfile).image.id))
        if isinstance(event, StepFinished):
            finished.append(event.is_cached)

    result = builder(dockerfile, listener=listen)
    assert others == [str(result.image.id)]
    assert finished == [True]


def test_the_second_build_is_cached_and_gives_the_same_image(builder: Builder) -> None:
    dockerfile = "FROM busybox\nRUN date > /now\nCOPY f /f\nLABEL a=b\n"
    builder.write("f", "x")
    first = builder(dockerfile)
    assert builder.cached == [False, False]
    second = builder(dockerfile)
    assert builder.cached == [True, True]
    assert second.image.id == first.image.id


def test_a_changed_file_runs_again_what_uses_it(builder: Builder) -> None:
    dockerfile = "FROM busybox\nRUN echo first\nCOPY f /f\nRUN cat /f\n"
    builder.write("f", "one")
    builder(dockerfile)
    builder.write("f", "two")
    builder(dockerfile)
    assert builder.cached == [True, False, False]


def test_a_file_of_the_same_size_and_time_is_still_seen_to_differ(builder: Builder) -> None:
    dockerfile = "FROM scratch\nCOPY f /f\n"
    file = builder.write("f", "one")
    os.utime(file, (1_500_000_000, 1_500_000_000))
    builder(dockerfile)
    builder.write("f", "two")
    os.utime(file, (1_500_000_000, 1_500_000_000))
    result = builder(dockerfile)
    assert builder.layer(result)["f"][1] == b"two"


def test_no_cache_runs_everything(builder: Builder) -> None:
    dockerfile = "FROM busybox\nRUN true\n"
    builder(dockerfile)
    builder(dockerfile, no_cache=True)
    assert builder.cached == [False]


def test_no_cache_of_one_stage_leaves_the_other(builder: Builder) -> None:
    dockerfile = "FROM busybox AS a\nRUN echo a > /a\nFROM busybox AS b\nRUN echo b > /b\nCOPY --from=a /a /a\n"
    builder(dockerfile)
    builder(dockerfile, no_cache_stages=frozenset({"a"}))
    outcomes = {event.vertex.name: event.is_cached for event in builder.events if hasattr(event, "is_cached")}
    assert outcomes == {
        "[a 2/2] RUN echo a > /a": False,
        "[b 2/3] RUN echo b > /b": True,
        "[b 3/3] COPY --from=a /a /a": True,
    }


def test_a_stage_that_nothing_needs_is_not_built(builder: Builder) -> None:
    result = builder("FROM busybox AS unused\nRUN false\nFROM busybox\nRUN true\n")
    assert len(result.image.diff_ids) == 2


def test_every_step_is_an_image_with_its_parent(builder: Builder) -> None:
    result = builder('FROM busybox\nENV A=1\nRUN echo $A > /a\nCMD ["x"]\n', tag="app")
    chain = []
    image = builder.store.find("app")
    while image is not None:
        chain.append(image.config.history[-1].created_by)
        image = builder.store.find(image.parent) if image.parent is not None else None
    assert chain == ['CMD ["x"]', "RUN /bin/sh -c echo $A > /a # buildkit", "ENV A=1", "COPY / / # buildkit"]
    assert [builder.store.find(step) is not None for step in result.steps] == [True] * 3


def test_equal_steps_of_two_stages_run_once(builder: Builder) -> None:
    dockerfile = (
        "FROM busybox AS a\nRUN echo same > /same\nFROM busybox AS b\nRUN echo same > /same\n"
        "FROM scratch\nCOPY --from=a /same /a\nCOPY --from=b /same /b\n"
    )
    builder(dockerfile)
    assert builder.cached == [False, False, False]


def test_onbuild_runs_in_the_child_and_not_in_the_grandchild(builder: Builder) -> None:
    builder.write("f", "content")
    builder("FROM busybox\nONBUILD COPY f /f\nONBUILD RUN cat /f > /g\n", tag="base")
    child = builder("FROM base\nRUN cat /g\n", tag="child")
    assert builder.layer(child, 2)["g"][1] == b"content"
    assert child.image.config.config.on_build == ()
    grandchild = builder("FROM child\nRUN true\n")
    assert len(grandchild.image.diff_ids) == len(child.image.diff_ids) + 1


def test_add_unpacks_an_archive_and_keeps_to_its_root(builder: Builder) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, data in {"d/a": b"inside", "../escape": b"clamped"}.items():
            info = tarfile.TarInfo(name)
            info.size, info.uid, info.mtime = len(data), 7, 1_400_000_000
            tar.addfile(info, io.BytesIO(data))
    (builder.context / "files.bin").write_bytes(gzip.compress(archive.getvalue()))
    result = builder("FROM scratch\nADD files.bin /into\n")
    layer = builder.layer(result)
    assert {path for path, (entry, _) in layer.items() if entry.kind is Kind.FILE} == {"into/d/a", "into/escape"}
    entry, data = layer["into/d/a"]
    assert (data, entry.uid, entry.mtime_ns) == (b"inside", 7, 1_400_000_000 * 10**9)


def test_a_secret_reaches_the_process_and_nothing_else(builder: Builder) -> None:
    result = builder(
        "FROM busybox\nRUN --mount=type=secret,id=token wc -c < /run/secrets/token > /length\n",
        secrets={"token": b"hunter22"},
    )
    layer = builder.layer(result)
    assert layer["length"][1] == b"8\n"
    assert set(layer) == {"length"}
    stored = b"".join(file.read_bytes() for file in builder.store.root.rglob("*") if file.is_file())
    assert b"hunter22" not in stored


def test_a_cache_mount_outlives_steps_and_builds_and_is_in_no_layer(builder: Builder) -> None:
    add = "RUN --mount=type=cache,target=/c echo {0} >> /c/log; cat /c/log > /seen{0}\n"
    first = builder("FROM busybox\n" + add.format(1) + add.format(2))
    assert builder.layer(first)["seen2"][1] == b"1\n2\n"
    assert not any(path.startswith("c/") for path in builder.layer(first))
    second = builder("FROM busybox\n" + add.format(3))
    assert builder.layer(second)["seen3"][1] == b"1\n2\n3\n"
    afresh = builder("FROM busybox\n" + add.format(4) + add.format(5), no_cache=True)
    assert builder.layer(afresh)["seen5"][1] == b"4\n5\n"


def test_a_bind_mount_shows_files_without_copying_them(builder: Builder) -> None:
    builder.write("src/a", "from context")
    builder.write("src/hidden", "x")
    builder.write(".dockerignore", "src/hidden\n")
    result = builder(
        "FROM busybox AS made\nRUN echo from stage > /b\nFROM busybox\n"
        "RUN --mount=target=/s,source=src --mount=from=made,source=/b,target=/b cat /s/a /b > /o; ls /s >> /o\n"
    )
    layer = builder.layer(result)
    assert set(layer) == {"o"}
    assert layer["o"][1] == b"from contextfrom stage\na\n"


def test_output_of_a_step_is_told_while_it_runs(builder: Builder) -> None:
    builder("FROM busybox\nRUN echo hello; echo problem >&2\n")
    output = b"".join(event.data for event in builder.events if isinstance(event, StepOutput))
    assert sorted(output.split()) == [b"hello", b"problem"]


def test_a_heredoc_script_runs_as_a_whole(builder: Builder) -> None:
    result = builder("FROM busybox\nRUN <<EOF\nfalse\necho $HOME > /home\nEOF\n")
    assert builder.layer(result)["home"][1] == b"/root\n"


def test_a_script_with_an_interpreter_is_a_file(builder: Builder) -> None:
    result = builder("FROM busybox\nRUN <<EOF\n#!/bin/busybox sh\necho $0 > /name\nEOF\n")
    assert builder.layer(result)["name"][1] == b"/dev/pipes/EOF\n"


class TestFailures:
    def test_a_failed_run_is_underlined_and_leaves_the_state_before_it(self, builder: Builder) -> None:
        dockerfile = "FROM busybox\nRUN echo kept > /kept\nRUN echo last words; \\\n    exit 3\n"
        with pytest.raises(BuildFailure) as caught:
            builder(dockerfile)
        failure = caught.value
        (diagnostic,) = failure.diagnostics
        assert failure.source.slice(diagnostic.span) == "echo last words; \\\n    exit 3"
        assert "3" in diagnostic.message
        assert failure.output == ("last words",)
        before = builder.store.find(failure.image)
        assert before is not None
        assert before.config.history[-1].created_by == "RUN /bin/sh -c echo kept > /kept # buildkit"

    def test_what_was_done_before_a_failure_is_cached(self, builder: Builder) -> None:
        with pytest.raises(BuildFailure):
            builder("FROM busybox\nRUN echo a > /a\nRUN false\n")
        builder("FROM busybox\nRUN echo a > /a\nRUN true\n")
        assert builder.cached == [True, False]

    def test_a_hidden_source_names_the_line_that_hides_it(self, builder: Builder) -> None:
        builder.write("dist/app.js", "x")
        builder.write(".dockerignore", "# built\nnode_modules\ndist\n")
        with pytest.raises(BuildFailure) as caught:
            builder("FROM scratch\nCOPY dist /app\n")
        (diagnostic,) = caught.value.diagnostics
        assert ".dockerignore" in diagnostic.note
        assert "line 3" in diagnostic.note
        assert "!dist" in diagnostic.help
        assert caught.value.source.slice(diagnostic.span) == "dist"

    def test_a_missing_source_names_its_likeness(self, builder: Builder) -> None:
        builder.write("requirements.txt")
        with pytest.raises(BuildFailure) as caught:
            builder("FROM scratch\nCOPY requirement.txt /\n")
        assert "`requirements.txt`" in caught.value.diagnostics[0].help

    def test_a_missing_image_says_how_to_get_it(self, builder: Builder) -> None:
        with pytest.raises(BuildFailure) as caught:
            builder("FROM nowhere/nothing:1\n")
        (diagnostic,) = caught.value.diagnostics
        assert caught.value.source.slice(diagnostic.span) == "nowhere/nothing:1"
        assert "load" in diagnostic.help

    def test_findings_are_errors_where_the_file_says_so(self, builder: Builder) -> None:
        dockerfile = "FROM busybox\nCMD echo shell form\n"
        builder(dockerfile)
        with pytest.raises(BuildFailure) as caught:
            builder("# check=error=true\n" + dockerfile)
        assert caught.value.diagnostics[0].code == "JSONArgsRecommended"
        builder("# check=skip=JSONArgsRecommended;error=true\n" + dockerfile)
        with pytest.raises(BuildFailure):
            builder(dockerfile, build_args={"BUILDKIT_DOCKERFILE_CHECK": "error=true"})

    def test_syntax_errors_stop_the_build_before_it_begins(self, builder: Builder) -> None:
        with pytest.raises(BuildFailure) as caught:
            builder("FROM busybox\nRUNN x\nCOPY a\n")
        assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [
            "unknown-instruction",
            "missing-argument",
        ]

    @pytest.mark.parametrize(
        ("dockerfile", "code"),
        [
            ("FROM busybox AS a\nCOPY --from=7 /x /x\n", "unknown-stage"),
            ("FROM busybox AS a\nCOPY --from=a /x /x\n", "stage-cycle"),
            ("FROM busybox\nCOPY --chmod=9z f /f\n", "bad-mode"),
            ("FROM busybox\nEXPOSE nope\n", "bad-port"),
            ("FROM busybox\nSTOPSIGNAL nope\n", "bad-signal"),
            ("FROM busybox\nENV A=${B:?must be set}x\n", "pair-without-equals"),
            ('FROM busybox\nENV A="${B:?must be set}"\n', "bad-expansion"),
            ("FROM busybox\nRUN --mount=type=nope true\n", "bad-mount"),
            ("FROM busybox\nRUN --network=host true\n", "not-allowed"),
            ("ARG X\nFROM $X\n", "blank-base"),
            ("# check=nonsense=1\nFROM busybox\n", "bad-check"),
            ("ARG SOURCE_DATE_EPOCH=soon\nFROM busybox\n", "bad-epoch"),
        ],
    )
    def test_a_mistake_is_a_diagnostic(self, builder: Builder, dockerfile: str, code: str) -> None:
        with pytest.raises(BuildFailure) as caught:
            builder(dockerfile)
        assert caught.value.diagnostics[0].code == code


def test_the_name_of_an_extra_host_counts_and_its_address_does_not(builder: Builder) -> None:
    text = "FROM busybox\nRUN cat /etc/hosts > /hosts\n"
    result = builder(text, extra_hosts=(("one", "10.0.0.1"),))
    assert builder.layer(result)["hosts"][1].endswith(b"\n10.0.0.1\tone\n")
    builder(text, extra_hosts=(("one", "10.0.0.2"),))
    assert builder.cached == [True]
    builder(text, extra_hosts=(("two", "10.0.0.1"),))
    assert builder.cached == [False]
