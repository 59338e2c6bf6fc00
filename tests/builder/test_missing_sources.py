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
    [("src/mian.py", "src/main.py"), ("scr/main.py", "src"), ("SRC/main.py", "src")],
)
def test_the_first_part_that_is_missing_has_a_likeness(builder: Builder, source: str, expected: str) -> None:
    builder.write("src/main.py")
    assert f"there is `{expected}`" in failing(builder, f"FROM scratch\nCOPY {source} /\n").help


def test_a_stage_has_likenesses_too(builder: Builder) -> None:
    dockerfile = "FROM busybox AS made\nRUN mkdir /out; touch /out/server\nFROM scratch\n"
    assert "there is `/out/server`" in failing(builder, dockerfile + "COPY --from=made /out/sever /\n").help
    assert "there is `/out`" in failing(builder, dockerfile + "COPY --from=made /ot/server /\n").help


def test_a_file_below_a_hidden_directory_names_the_line(builder: Builder) -> None:
    builder.write("dist/app.js")
    builder.write(".dockerignore", "node_modules\ndist\n")
    diagnostic = failing(builder, "FROM scratch\nCOPY dist/app.js /\n")
    assert "line 2" in diagnostic.note
    assert "!dist/app.js" in diagnostic.help


def test_the_source_of_a_bind_mount_is_looked_for_like_that_of_a_copy(builder: Builder) -> None:
    builder.write("requirements.txt")
    dockerfile = "FROM busybox\nRUN --mount=type=bind,source=requirement.txt,target=/r cat /r\n"
    assert "there is `requirements.txt`" in failing(builder, dockerfile).help
