"""`dockerlang build` and `dockerlang run` from the command line, and what bad input makes of them."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from tests.cli.command import Command

pytestmark = pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps")


def write(dockerlang: Command, text: str | bytes, name: str = "Dockerfile") -> None:
    (dockerlang.directory / name).write_bytes(text.encode() if isinstance(text, str) else text)


def store_content(dockerlang: Command) -> set[str]:
    """What lasts in the store: blobs and layers; whatever an interrupted or refused command left would be here."""
    kept = [path for name in ("blobs", "layers", "ingest", "work") for path in (dockerlang.root / name).rglob("*")]
    return {str(path.relative_to(dockerlang.root)) for path in kept if path.is_file()}


def test_build_tags_and_runs(dockerlang: Command) -> None:
    write(dockerlang, 'FROM busybox\nRUN echo built > /f\nCMD ["cat", "/f"]\n')
    built = dockerlang("build", "-t", "app:1", ".")
    assert built.returncode == 0, built.stderr
    assert "named app:1" in built.stderr
    assert dockerlang("run", "--rm", "app:1").stdout == "built\n"


def test_quiet_prints_the_id_alone_and_writes_it_to_the_file(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\nRUN true\n")
    built = dockerlang("build", "-q", "--iidfile", "id", ".")
    assert built.stderr == ""
    assert built.stdout.startswith("sha256:")
    assert (dockerlang.directory / "id").read_text() == built.stdout.strip()


def test_a_failed_run_shows_source_output_and_the_way_in(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\nRUN echo kept > /kept\nRUN echo broken && exit 7\n")
    failed = dockerlang("build", ".")
    assert failed.returncode == 1
    assert "exit code 7" in failed.stderr
    assert "RUN echo broken && exit 7" in failed.stderr
    assert "^" in failed.stderr
    assert "Dockerfile:3:5" in failed.stderr
    failure, before = [line.split("run -it ")[1].split()[0] for line in failed.stderr.splitlines() if "run -it" in line]
    assert dockerlang("run", "--rm", before, "cat", "/kept").stdout == "kept\n"
    assert dockerlang("run", "--rm", failure, "cat", "/kept").stdout == "kept\n"


def test_steps_are_listed_and_run(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\nENV A=1\nRUN echo $A > /a\n")
    dockerlang("build", "-t", "app", ".")
    assert len(dockerlang("images", "-q").stdout.split()) == 2
    steps = dockerlang("images", "-a", "-q").stdout.split()
    assert len(steps) == 3
    assert all(dockerlang("run", "--rm", step, "true").returncode == 0 for step in steps)


BAD_DOCKERFILES = {
    "empty": b"",
    "binary": bytes(range(256)) * 50,
    "one long line": b"FROM busybox\nRUN " + b"x" * 10_000_000,
    "unknown instruction": b"FROM busybox\nFETCH it\n",
    "own stage": b"FROM busybox AS a\nCOPY --from=a / /\n",
    "later stage": b"FROM busybox AS a\nCOPY --from=b / /x\nFROM a AS b\n",
    "no stage": b"ARG A\n",
    "open heredoc": b"FROM busybox\nRUN <<EOF\n",
    "missing image": b"FROM localhost:1/nowhere\n",
}


@pytest.mark.parametrize("name", BAD_DOCKERFILES)
def test_a_bad_dockerfile_is_a_diagnostic(dockerlang: Command, name: str) -> None:
    before = store_content(dockerlang)
    write(dockerlang, BAD_DOCKERFILES[name])
    target = ["--target", "a"] if name == "later stage" else []
    failed = dockerlang("build", *target, ".")
    assert failed.returncode == 1, failed.stderr
    assert "Traceback" not in failed.stderr
    assert "error" in failed.stderr
    assert len(failed.stderr) < 5_000
    assert store_content(dockerlang) == before


def test_what_is_no_dockerfile_is_said_in_a_line(dockerlang: Command) -> None:
    (dockerlang.directory / "folder").mkdir()
    for arguments in (["."], ["-f", "folder", "."], ["-f", "missing", "."], ["missing"], [], [".", "--unknown"]):
        failed = dockerlang("build", *arguments)
        assert failed.returncode in (1, 125), arguments
        assert "Traceback" not in failed.stderr
        assert failed.stderr.strip()


def test_a_hostile_archive_stays_below_its_destination(dockerlang: Command) -> None:
    with tarfile.open(dockerlang.directory / "evil.tar", "w") as tar:
        link = tarfile.TarInfo("out")
        link.type, link.linkname = tarfile.SYMTYPE, "../../../../../../tmp"
        tar.addfile(link)
        for name in ("../../../outside", "/absolute", "out/through"):
            tar.addfile(tarfile.TarInfo(name))
    write(dockerlang, "FROM scratch\nADD evil.tar /in/side/\n")
    built = dockerlang("build", "-t", "evil", ".")
    assert built.returncode == 0, built.stderr
    assert not Path("/tmp/through").exists()
    assert not (dockerlang.root.parent / "outside").exists()


def test_the_same_secret_is_in_no_argument_list_or_history(dockerlang: Command) -> None:
    (dockerlang.directory / "token").write_text("correct horse")
    write(dockerlang, "FROM busybox\nRUN --mount=type=secret,id=t cat /run/secrets/t | wc -c; ps\n")
    built = dockerlang("build", "--secret", "id=t,src=token", "-t", "app", ".")
    assert built.returncode == 0, built.stderr
    shown = built.stderr + dockerlang("history", "--no-trunc", "app").stdout + dockerlang("inspect", "app").stdout
    assert "correct horse" not in shown


def test_a_context_on_standard_input_and_a_named_one(dockerlang: Command, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "f").write_text("named\n")
    write(dockerlang, "FROM busybox\nCOPY --from=lib f /f\n")
    archive = tmp_path / "context.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(dockerlang.directory / "Dockerfile", "Dockerfile")
    built = dockerlang("build", "-t", "app", "--build-context", f"lib={tmp_path / 'lib'}", str(archive))
    assert built.returncode == 0, built.stderr
    assert dockerlang("run", "--rm", "app", "cat", "/f").stdout == "named\n"


def test_contexts_that_are_none_say_what_to_do(dockerlang: Command) -> None:
    write(dockerlang, "FROM busybox\n")
    for arguments in (["nowhere"], ["--build-context", "lib=nowhere", "."], ["-f", "Other", "."]):
        failed = dockerlang("build", *arguments)
        assert failed.returncode != 0
        assert "hint: " in failed.stderr
        assert "Traceback" not in failed.stderr
