"""No secret is found anywhere after a build: not in the store, not in what the build prints, writes or exports."""

from __future__ import annotations

import base64
import gzip
import io
import os
import signal
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlang.errors import InputError
from dockerlang.oci.compression import open_decompressed
from tests.builder.disturbance import Workshop

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps"),
]

_OF_FILE = "of-the-file-77b1e0c3"
_OF_VARIABLE = "of-the-variable-5f4a19d2"
_MOUNTS = (
    "--mount=type=secret,id=file,target=/run/one --mount=type=secret,id=variable,env=TWO --mount=type=secret,id=named"
    " --mount=type=ssh"
)
# Each step uses all of them, and says them in every way that a careless script does.
_SAYS = 'cat /run/one /run/secrets/named; echo "$TWO" >&2; printf %s "$TWO"; env; echo "socket $SSH_AUTH_SOCK"'
_DOCKERFILE = f"""\
FROM busybox AS first
RUN {_MOUNTS} {_SAYS}
FROM busybox
COPY --from=first /etc/passwd /copied
RUN {_MOUNTS} set -x; {_SAYS}; test -n "$TWO" && echo used > /used
"""


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    workshop = Workshop.make(tmp_path)
    (tmp_path / "one").write_text(f"{_OF_FILE}\n")
    monkeypatch.setenv("OTHER_NAME", _OF_VARIABLE)
    monkeypatch.setenv("named", f"named-{_OF_VARIABLE}")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    workshop.write(_DOCKERFILE)
    return workshop


def _options(workshop: Workshop) -> list[str]:
    place = workshop.directory.parent
    secrets = [f"id=file,src={place / 'one'}", "id=variable,env=OTHER_NAME", "id=named"]
    return [word for text in secrets for word in ("--secret", text)] + ["--ssh", f"default={place / 'key'}"]


def _values(workshop: Workshop) -> list[bytes]:
    """What must not be found: the secrets, and a line of the key."""
    key = (workshop.directory.parent / "key").read_text().splitlines()[2]
    return [_OF_FILE.encode(), _OF_VARIABLE.encode(), key.encode()]


def _forms(data: bytes) -> Iterator[bytes]:
    """What is in a file: its bytes, what they are compressed from, and the files of an archive."""
    yield data
    try:
        plain = open_decompressed(io.BytesIO(data)).read()
    except InputError:
        plain = data
    if plain != data:
        yield plain
    if data[:1] == b"\x78":
        yield zlib.decompressobj().decompress(data)
    try:
        with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
            for member in archive:
                if member.isfile() and (file := archive.extractfile(member)) is not None:
                    yield from _forms(file.read())
    except tarfile.TarError:
        return


def _betrayals(place: Path, values: list[bytes]) -> list[str]:
    """The files below a directory in which a value is found, be it plain or as base64."""
    found = []
    for directory, _, names in os.walk(place):
        for path in (Path(directory, name) for name in names):
            name = os.fsencode(path)
            data = os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
            forms = [name, *_forms(data)]
            needles = [needle for value in values for needle in (value, *_in_base64(value))]
            found += [f"{path}: {needle!r}" for needle in needles if any(needle in form for form in forms)]
    return found


def _in_base64(value: bytes) -> Iterator[bytes]:
    """What base64 makes of the value wherever it begins; its ends depend on the neighbours."""
    for shift in range(3):
        yield base64.b64encode(b"\0" * shift + value)[4:-4]


def _assert_kept(workshop: Workshop, *printed: str) -> None:
    values = _values(workshop)
    for directory in (workshop.root, workshop.directory):
        assert _betrayals(directory, values) == []
    for text in printed:
        assert not [value for value in values if value in text.encode()], text


def test_the_search_finds_what_there_is(tmp_path: Path) -> None:
    """A search that finds nothing proves something only if it can find."""
    value = _OF_FILE.encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("layer")
        inner = gzip.compress(b"before " + value)
        member.size = len(inner)
        archive.addfile(member, io.BytesIO(inner))
    for name, data in {
        "plain": value,
        "gzip": gzip.compress(value),
        "zlib": zlib.compress(value),
        "archive": packed.getvalue(),
        "base64": base64.b64encode(b"x" + value),
    }.items():
        place = tmp_path / name
        place.mkdir()
        (place / "file").write_bytes(data)
        assert _betrayals(place, [value]) != [], name


@pytest.mark.parametrize("progress", ["plain", "rawjson", "quiet"])
def test_nothing_of_a_build_holds_a_secret(workshop: Workshop, progress: str) -> None:
    outputs = [
        *("--metadata-file", "metadata.json", "--iidfile", "id"),
        *("--cache-to", "type=local,dest=cache,mode=max", "--cache-to", "type=inline"),
        *("--output", "type=oci,dest=image.tar", "--load", "-t", "app"),
    ]
    code, output, errors = workshop("build", "--progress", progress, *_options(workshop), *outputs, ".")
    assert code == 0, errors
    identifier = workshop("builds", "-q")[1].split()[0]
    texts = [workshop(*words)[1] for words in (["logs", identifier], ["history", "--no-trunc", "app"], ["why", "1"])]
    assert "socket /" in texts[0], "the step has run"
    _assert_kept(workshop, output, errors, *texts)


def test_a_failed_build_keeps_no_secret(workshop: Workshop) -> None:
    workshop.write(_DOCKERFILE + f"RUN {_MOUNTS} {_SAYS}; exit 9\n")
    code, output, errors = workshop("build", "--explain", *_options(workshop), ".")
    assert code == 1
    assert "exit code 9" in errors
    _assert_kept(workshop, output, errors)


def test_a_killed_build_keeps_no_secret_and_its_processes_show_none(workshop: Workshop) -> None:
    workshop.write(f"FROM busybox\nRUN {_MOUNTS} {_SAYS}; echo begun; sleep 500\n")
    with workshop.start("build", *_options(workshop), ".") as process:
        assert process.stderr is not None
        seen = b""
        while b" begun\n" not in seen:
            line = process.stderr.readline()
            assert line, seen
            seen += line
        shown = "\n".join(workshop.processes())
        process.send_signal(signal.SIGKILL)
        output, errors = process.communicate(timeout=30)
    assert "sleep 500" in shown
    workshop.assert_nothing_is_left()  # the agent with the key least of all
    _assert_kept(workshop, shown, seen.decode(), output.decode(), errors.decode())
