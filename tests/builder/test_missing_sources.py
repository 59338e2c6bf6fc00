"""A COPY whose source is not there: what is said depends on where one looks."""

from __future__ import annotations

import os

import pytest

from dockerlang.builder.failure import BuildFailure
from dockerlang.diagnostics import Diagnostic
from tests.builder.conftest import Builder

pytestmark = [
    pytest.mark.namespaces,
    pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps"),
]


def failing(builder: Builder, dockerfile: str) -> Diagnostic:
    with pytest.raises(BuildFailure) as caught:
        builder(dockerfile)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "copy-source-missing"
    return diagnostic


def test_the_root_of_the_context_is_named(builder: Builder) -> None:
    assert str(builder.context) in failing(builder, "FROM scratch\nCOPY nothing /\n").help


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("src/mian.py", "src/main.py"),
        ("scr/main.py", "src/main.py"),
        ("SRC/Main.py", "src/main.py"),
        ("SRC/other", "src"),
    ],
)
def test_each_part_that_is_missing_has_a_likeness(builder: Builder, source: str, expected: str) -> None:
    builder.write("src/main.py")
    assert f"there is `{expected}`" in failing(builder, f"FROM scratch\nCOPY {source} /\n").help


def test_a_stage_has_likenesses_too(builder: Builder) -> None:
    dockerfile = "FROM busybox AS made\nRUN mkdir /out; touch /out/server\nFROM scratch\n"
    assert "there is `/out/server`" in failing(builder, dockerfile + "COPY --from=made /out/sever /\n").help
    assert "there is `/out/server`" in failing(builder, dockerfile + "COPY --from=made /ot/server /\n").help


def test_a_file_below_a_hidden_directory_names_the_line(builder: Builder) -> None:
    builder.write("dist/app.js")
    builder.write(".dockerignore", "node_modules\ndist\n")
    diagnostic = failing(builder, "FROM scratch\nCOPY dist/app.js /\n")
    assert "line 2" in diagnostic.note
    assert "!dist/app.js" in diagnostic.help


def test_the_source_of_a_bind_mount_is_looked_for_like_that_of_a_copy(builder: Builder) -> None:
    builder.write("requirements.txt")
    dockerfile = "FROM busybox\nRUN --mount=type=bind,source=requirement.txt,target=/r cat /r\n"
    diagnostic = failing(builder, dockerfile)
    assert "there is `requirements.txt`" in diagnostic.help
    assert dockerfile[diagnostic.span.start : diagnostic.span.end] == "requirement.txt"


@pytest.mark.parametrize(
    ("source", "note", "step"),
    [
        ("../f", "leads out of the context", "-f"),
        ("a/../../f", "leads out of the context", "--build-context"),
        ("src\\main.py", "backslash", "write `src/main.py`"),
        ("C:\\src\\main.py", "backslash", "write `src/main.py`"),
        ("src\\none", "backslash", "separate directories by `/`"),
        ("src/main.py/x", "`src/main.py` is a file", ""),
        ("/etc/passwd", "not of this machine", "copy it there first"),
    ],
)
def test_the_likeliest_cause_stands_under_the_source(builder: Builder, source: str, note: str, step: str) -> None:
    builder.write("src/main.py")
    dockerfile = f"FROM scratch\nCOPY {source} /x/\n"
    diagnostic = failing(builder, dockerfile)
    assert dockerfile[diagnostic.span.start : diagnostic.span.end] == source
    assert note in diagnostic.note
    assert step in diagnostic.help


def test_a_path_of_this_machine_inside_the_context_is_written_as_it_should_be(builder: Builder) -> None:
    path = builder.write("src/main.py")
    assert "write `src/main.py`" in failing(builder, f"FROM scratch\nCOPY {path} /\n").help


# ---------------------------------------------------------------- no error, but nothing copied


def warned(builder: Builder, instruction: str) -> Diagnostic | None:
    warnings = builder(f"FROM scratch\n{instruction}\n").warnings
    assert len(warnings) <= 1
    return warnings[0] if warnings else None


@pytest.mark.parametrize(
    ("instruction", "named"),
    [
        ("COPY --exclude=* src /x/", "`--exclude=*`"),
        ("COPY --exclude=*.py --exclude=*.md --exclude=*.rs src/ /x/", "`--exclude=*.py` and `--exclude=*.md` leave"),
        ("COPY --parents --exclude=src src/main.py /x/", "`--exclude=src`"),
        ("COPY *.rs /x/", "no file matches `*.rs`"),
        ("COPY --parents src/*.rs **/*.go /x/", "`src/*.rs` and `**/*.go`"),
    ],
)
def test_a_copy_of_nothing_names_what_left_nothing(builder: Builder, instruction: str, named: str) -> None:
    builder.write("src/main.py")
    builder.write("src/README.md")
    for _ in range(2):  # from the cache, too
        warning = warned(builder, instruction)
        assert warning is not None
        assert named in warning.message


def test_a_pattern_whose_files_are_hidden_names_the_line(builder: Builder) -> None:
    builder.write("a.key")
    builder.write(".dockerignore", "*.key\n")
    warning = warned(builder, "COPY *.key /x/")
    assert warning is not None
    assert "line 1" in warning.note


@pytest.mark.parametrize(
    "instruction",
    [
        "COPY --exclude=*.md src /x/",
        "COPY src/main.py nothing* /x/",
        "COPY --exclude=*.py src/main.py /x/",
        "COPY --exclude=* --exclude=!main.py src /x/",
        "COPY *.rs <<file /x/\ntext\nfile",
    ],
)
def test_a_copy_of_something_says_nothing(builder: Builder, instruction: str) -> None:
    builder.write("src/main.py")
    builder.write("src/README.md")
    assert warned(builder, instruction) is None
