from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerlang.errors import UsageError
from dockerlang.runtime.changes import changes
from dockerlang.runtime.mounting import in_order
from dockerlang.runtime.process import Access, Bind, File, LayersBind, Tmpfs
from dockerlang.runtime.running import ProcessNotStarted
from dockerlang.runtime.scratch import scratch_of
from tests.runtime.conftest import Box


@pytest.fixture
def source(tmp_path: Path) -> Path:
    directory = tmp_path / "source"
    (directory / "sub").mkdir(parents=True)
    (directory / "f").write_text("host\n")
    return directory


def test_the_outer_mount_comes_first_and_the_later_one_counts() -> None:
    first, second = Tmpfs("/a/b/c"), Tmpfs("/a/")
    assert in_order([first, second, Tmpfs("/a", 5)]) == (Tmpfs("/a", 5), first)


@pytest.mark.parametrize("target", ["/", "//", "/a/..", "relative", ""])
def test_some_targets_are_refused(target: str) -> None:
    with pytest.raises(UsageError):
        in_order([Tmpfs(target)])


def test_layers_cannot_be_written_to(source: Path) -> None:
    with pytest.raises(UsageError):
        in_order([LayersBind("/m", (source,), access=Access.WRITE)])


@pytest.mark.root
@pytest.mark.parametrize("kind", ["own_box", "copying_box", "oci_box"])
class TestMounts:
    @pytest.fixture
    def any_box(self, kind: str, request: pytest.FixtureRequest) -> Box:
        box: Box = request.getfixturevalue(kind)
        return box

    def test_read_only(self, any_box: Box, source: Path) -> None:
        mounts = Bind("/m", source), Bind("/file", source / "f")
        outcome = any_box.run("cat /m/f /file; touch /m/x; echo x > /file", mounts=mounts)
        assert outcome.stdout == "host\nhost\n"
        assert outcome.stderr.count("Read-only file system") == 2
        assert list(changes(outcome.root)) == []

    def test_writes_are_discarded(self, any_box: Box, source: Path) -> None:
        mounts = Bind("/m", source, Access.DISCARD), Bind("/file", source / "f", Access.DISCARD)
        script = "echo mine | tee /m/f /m/sub/new > /file; rm -r /m/sub/new; cat /m/f /file; ls /m"
        outcome = any_box.run(script, mounts=mounts)
        assert outcome.stdout.split() == ["mine", "mine", "f", "sub"]
        assert (source / "f").read_text() == "host\n"
        assert list(changes(outcome.root)) == []
        assert not scratch_of(outcome.root).exists()

    def test_writes_arrive(self, any_box: Box, source: Path) -> None:
        outcome = any_box.run("echo kept > /var/cache/x", mounts=(Bind("/var/cache", source, Access.WRITE),))
        assert (source / "x").read_text() == "kept\n"
        assert list(changes(outcome.root)) == []

    def test_layers_of_another_image(self, any_box: Box, source: Path, tmp_path: Path) -> None:
        higher = tmp_path / "higher"
        (higher / "sub").mkdir(parents=True)
        (higher / "sub" / "g").write_text("higher\n")
        os.symlink("/sub", higher / "link")
        os.symlink("../../../../sub", higher / "sub" / "around")
        mounts = (
            LayersBind("/all", (source, higher)),
            LayersBind("/part", (source, higher), "link/around"),
            LayersBind("/free", (source, higher), "/sub", Access.DISCARD),
            LayersBind("/one", (source,), "f"),
        )
        outcome = any_box.run("ls /all /part; touch /free/new && ls /free; cat /one; touch /all/x", mounts=mounts)
        assert outcome.stdout.split() == [
            "/all:",
            "f",
            "link",
            "sub",
            "/part:",
            "around",
            "g",
            "around",
            "g",
            "new",
            "host",
        ]
        assert "Read-only" in outcome.stderr
        assert os.listdir(source / "sub") == []
        assert not scratch_of(outcome.root).exists()

    def test_memory(self, any_box: Box) -> None:
        script = "df -k /t | tail -1 | awk '{print $2}'; stat -c %a /t /u; echo x > /t/x"
        outcome = any_box.run(script, mounts=(Tmpfs("/t", 1 << 20), Tmpfs("/u", mode=0o700)))
        assert outcome.stdout.split() == ["1024", "1777", "700"]
        assert list(changes(outcome.root)) == []

    def test_secrets(self, any_box: Box) -> None:
        mounts = File("/run/secrets/s", b"s3cr3t", 0o400, 3, 4), File("/etc/passwd", b"me:x:5:6::/me:/bin/sh\n")
        outcome = any_box.run(
            "cat /run/secrets/s; stat -c ' %a %u %g' /run/secrets/s; cut -d: -f1 /etc/passwd", mounts=mounts
        )
        assert outcome.stdout.split() == ["s3cr3t", "400", "3", "4", "me"]
        assert list(changes(outcome.root)) == []

    def test_nested_mounts(self, any_box: Box, source: Path) -> None:
        mounts = File("/m/sub/deep/secret", b"s"), Bind("/m/sub", source, Access.DISCARD), Tmpfs("/m")
        outcome = any_box.run("cat /m/sub/f /m/sub/deep/secret; ls /m", mounts=mounts)
        assert outcome.stdout == "host\nssub\n"
        assert os.listdir(source / "sub") == []
        assert list(changes(outcome.root)) == []

    def test_what_is_left_in_a_mount_point_is_a_change(self, any_box: Box) -> None:
        outcome = any_box.run("mkdir -p /a/b; touch /a/b/f", mounts=(Tmpfs("/a/m"),))
        assert [entry.path for entry, _ in changes(outcome.root)] == [b"a", b"a/b", b"a/b/f"]

    def test_a_link_in_the_image_does_not_lead_a_mount_out(self, any_box: Box, source: Path, tmp_path: Path) -> None:
        trap = tmp_path / "trap"
        trap.mkdir()
        os.symlink(str(source), trap / "link")
        os.symlink("/proc/self/root/../../..", trap / "magic")
        any_box.lowers = (*any_box.lowers, trap)
        outcome = any_box.run("ls -d /magic /link; cat /link/own", mounts=(File("/link/own", b"x"),))
        assert outcome.stdout.endswith("x")
        assert sorted(os.listdir(source)) == ["f", "sub"]
        assert list(changes(outcome.root)) == []

    def test_a_missing_source_is_named(self, any_box: Box, source: Path) -> None:
        with pytest.raises(ProcessNotStarted, match=r"No such file or directory: .*/nothing"):
            any_box.run("true", mounts=(Bind("/m", source / "nothing"),))

    def test_a_file_cannot_be_mounted_over_a_directory(self, any_box: Box, source: Path) -> None:
        with pytest.raises(ProcessNotStarted, match="cannot mount: Not a directory"):
            any_box.run("true", mounts=(Bind("/etc", source / "f"),))
