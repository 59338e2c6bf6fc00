"""Why a step was not taken from the cache, told step by step; and what builds leave on record."""

from __future__ import annotations

import os

import pytest

from dockerlang.builder.events import StepMissed
from dockerlang.builder.failure import BuildFailure
from dockerlang.builder.reasons import Cause, Reason, step_text
from dockerlang.oci.tar import read_entries
from dockerlang.store.builds import BuildRecord, Builds
from tests.builder.conftest import Builder

pytestmark = [
    pytest.mark.namespaces,
    pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps"),
]


def reasons(builder: Builder) -> dict[str, Reason]:
    """The reasons of the last build by the text of the step."""
    return {step_text(event.vertex.name): event.reason for event in builder.events if isinstance(event, StepMissed)}


def message(builder: Builder, text: str) -> str:
    return reasons(builder)[text].message


def latest(builder: Builder) -> BuildRecord:
    record = Builds(builder.store.layout).latest()
    assert record is not None
    return record


def test_a_first_build_has_nothing_to_compare_with(builder: Builder) -> None:
    builder("FROM busybox\nRUN true\n")
    assert reasons(builder)["RUN true"].cause is Cause.NEW


def test_another_command_is_shown_beside_the_old_one(builder: Builder) -> None:
    builder("FROM busybox\nRUN echo a\n")
    builder("FROM busybox\nRUN echo b\n")
    assert message(builder, "RUN echo b") == "the command: was `echo a`, is now `echo b`"


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("ENV E=1", "ENV E=2", "ENV E: was `1`, is now `2`"),
        ("ENV E=1", "ENV E=1 F=2", "ENV F is new: `2`"),
        ("ARG A=1", "ARG A=2", "ARG A: was `1`, is now `2`"),
        ("USER www", "USER root", "the user: was `www`, is now `root`"),
        ('SHELL ["/bin/sh", "-c"]', 'SHELL ["/bin/sh", "-ec"]', "the shell: was `/bin/sh -c`, is now `/bin/sh -ec`"),
    ],
)
def test_one_ingredient_is_named(builder: Builder, before: str, now: str, expected: str) -> None:
    builder(f"FROM busybox\n{before}\nRUN true\n")
    builder(f"FROM busybox\n{now}\nRUN true\n")
    assert message(builder, "RUN true") == expected


def test_a_build_argument_is_named(builder: Builder) -> None:
    dockerfile = "FROM busybox\nARG VERSION\nRUN true\n"
    builder(dockerfile, build_args={"VERSION": "1"})
    builder(dockerfile, build_args={"VERSION": "2"})
    assert message(builder, "RUN true") == "ARG VERSION: was `1`, is now `2`"


def test_files_of_a_copy_are_named(builder: Builder) -> None:
    builder.write("src/kept")
    builder.write("src/changed", "1")
    builder.write("src/removed")
    builder("FROM scratch\nCOPY src /src\n")
    builder.write("src/changed", "2")
    builder.write("src/added")
    (builder.context / "src/removed").unlink()
    builder("FROM scratch\nCOPY src /src\n")
    expected = "the files to copy changed: added src/added, removed src/removed, changed src/changed"
    assert message(builder, "COPY src /src") == expected


def test_another_mode_of_a_file_is_told_from_another_content(builder: Builder) -> None:
    file = builder.write("f", "x")
    builder("FROM scratch\nCOPY f /\n")
    file.chmod(0o755)
    builder("FROM scratch\nCOPY f /\n")
    assert message(builder, "COPY f /") == "the files to copy changed: mode or owner of f"


def test_many_files_are_counted_and_some_are_listed(builder: Builder) -> None:
    for number in range(30):
        builder.write(f"d/{number:02}")
    builder("FROM scratch\nCOPY d /d\n")
    for number in range(30):
        builder.write(f"d/{number:02}", "x")
    builder("FROM scratch\nCOPY d /d\n")
    reason = reasons(builder)["COPY d /d"]
    assert reason.message == "the files to copy changed: 30 changed"
    assert reason.details[0] == "changed d/00"
    assert reason.details[-1] == "and 20 more"


def test_files_of_a_bind_mount_are_named_where_the_process_sees_them(builder: Builder) -> None:
    builder.write("in/f", "1")
    dockerfile = "FROM busybox\nRUN --mount=target=/m,source=in cat /m/f\n"
    builder(dockerfile)
    builder.write("in/f", "2")
    builder(dockerfile)
    (reason,) = reasons(builder).values()
    assert reason.message == "the files of a bind mount changed: changed /m/f"


def test_what_follows_a_step_that_was_done_again_says_so(builder: Builder) -> None:
    builder.write("f", "1")
    dockerfile = "FROM busybox\nCOPY f /f\nRUN true\n"
    builder(dockerfile)
    builder.write("f", "2")
    builder(dockerfile)
    reason = reasons(builder)["RUN true"]
    assert reason.cause is Cause.INPUT
    assert "COPY f /f" in reason.message


def test_another_base_image_is_named(builder: Builder) -> None:
    builder("FROM busybox\nRUN echo 1 > /1\n", tag="base")
    builder("FROM base\nRUN true\n")
    builder("FROM busybox\nRUN echo 2 > /2\n", tag="base")
    builder("FROM base\nRUN true\n")
    assert message(builder, "RUN true").startswith("the base image is another: now base (")


def test_a_step_put_between_two_others_is_new(builder: Builder) -> None:
    builder("FROM busybox\nRUN echo a\nRUN echo c\n")
    builder("FROM busybox\nRUN echo a\nRUN echo b\nRUN echo c\n")
    assert reasons(builder)["RUN echo b"].cause is Cause.NEW
    assert reasons(builder)["RUN echo c"].cause is Cause.INPUT


def test_no_cache_is_a_reason(builder: Builder) -> None:
    builder("FROM busybox\nRUN true\n")
    builder("FROM busybox\nRUN true\n", no_cache=True)
    assert reasons(builder)["RUN true"].cause is Cause.NO_CACHE


def test_values_of_secrets_are_on_no_record(builder: Builder) -> None:
    dockerfile = "FROM busybox\nRUN --mount=type=secret,id=t cat /run/secrets/t; echo; cat /run/secrets/t >&2; exit 1\n"
    with pytest.raises(BuildFailure) as caught:
        builder(dockerfile, secrets={"t": b"hunter22"})
    assert caught.value.output
    assert "hunter22" not in "".join(caught.value.output)
    log = b"\n".join(Builds(builder.store.layout).log(latest(builder)))
    assert b"***" in log
    assert b"hunter22" not in log


def test_a_failed_step_is_kept_and_never_used_as_cache(builder: Builder) -> None:
    dockerfile = "FROM busybox\nRUN echo partial > /half; exit 3\n"
    for _ in range(2):
        with pytest.raises(BuildFailure) as caught:
            builder(dockerfile)
    image = builder.store.find(caught.value.failed_image)
    assert image is not None
    assert image.config.history[-1].comment.startswith("failed:")
    with builder.store.open_layer(image.diff_ids[-1]) as stream:
        assert [entry.path for entry, _, _ in read_entries(stream)] == [b"half"]


def test_a_build_is_recorded_with_its_steps(builder: Builder) -> None:
    builder("FROM busybox\nRUN echo said\nENV A=1\n", tag="app")
    record = latest(builder)
    assert (record.status, [step.outcome for step in record.steps]) == ("done", ["done"])
    assert len(record.steps[0].images) == 2
    lines = [line.partition(b" ")[2] for line in Builds(builder.store.layout).log(record)]
    assert lines[0] == b"#1 [2/2] RUN echo said"
    assert lines[1].endswith(b" said")
    builder("FROM busybox\nRUN echo said\nENV A=1\n")
    assert [step.outcome for step in latest(builder).steps] == ["cached"]


def test_a_long_output_is_kept_in_part(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockerlang.builder.recording.MAX_STEP_LOG", 1000)
    monkeypatch.setattr("dockerlang.builder.recording._TAIL", 500)
    builder("FROM busybox\nRUN i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done\n")
    lines = list(Builds(builder.store.layout).log(latest(builder)))
    assert any(line.endswith(b"line 1999") for line in lines)
    assert any(b"left out here" in line for line in lines)
    assert sum(map(len, lines)) < 8000
