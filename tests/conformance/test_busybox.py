"""The base image of the recorded builds can be made anywhere, and is always the same."""

from __future__ import annotations

import io
import runpy
import tarfile
from pathlib import Path

import pytest

from examples.make_busybox import DEFAULT_BUSYBOX, DIRECTORIES, busybox_layer, main
from tests.conformance.folder import cases_file

pytestmark = pytest.mark.skipif(not DEFAULT_BUSYBOX.exists(), reason=f"{DEFAULT_BUSYBOX} is not on this machine")


def test_the_layer_is_the_recorded_one() -> None:
    script = cases_file("make_busybox.py")
    if script is None:
        pytest.skip("the recorded builds' own script is not on this machine")
    assert busybox_layer() == runpy.run_path(str(script))["layer"](str(DEFAULT_BUSYBOX))


def test_the_layer_holds_busybox_its_applets_and_users() -> None:
    with tarfile.open(fileobj=io.BytesIO(busybox_layer(mtime=7))) as archive:
        members = {member.name: member for member in archive}
        assert members.keys() > {*DIRECTORIES, "bin/busybox", "bin/sh", "etc/passwd", "etc/group"}
        assert members["bin/sh"].linkname == "/bin/busybox"
        assert {member.mtime for member in members.values()} == {7}


def test_wrong_arguments_are_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Usage" in capsys.readouterr().err
    assert main([str(tmp_path / "image")]) == 0
    assert (tmp_path / "image" / "oci-layout").is_file()
