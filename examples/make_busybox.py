#!/usr/bin/env python3
"""Make a small base image, `busybox:latest`, out of the busybox on this machine.

Usage: make_busybox.py DIRECTORY [BUSYBOX]

Writes an OCI image layout with one layer: a static busybox (`/bin/busybox`; Debian has it in `busybox-static`), a link
for each of its applets, and a few users. The same busybox gives the same bytes. Needs neither root nor a network.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

LAYOUT_TYPE = "application/vnd.oci.image"
DEFAULT_BUSYBOX = Path("/bin/busybox")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

DIRECTORIES = {
    "bin": 0o755,
    "dev": 0o755,
    "etc": 0o755,
    "home": 0o755,
    "proc": 0o755,
    "root": 0o755,
    "sys": 0o755,
    "tmp": 0o1777,
    "usr": 0o755,
    "usr/bin": 0o755,
    "var": 0o755,
}
PASSWD = b"""\
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www:x:1000:1001:www:/home/www:/bin/sh
"""
GROUP = b"""\
root:x:0:
daemon:x:1:
www:x:1001:
extra:x:2000:www
"""

Json = dict[str, object]


def busybox_layer(busybox: Path = DEFAULT_BUSYBOX, mtime: int = 0) -> bytes:
    """The image's only layer as an uncompressed tar archive; `mtime` (seconds since 1970) is that of every file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:

        def add(name: str, kind: bytes, mode: int, data: bytes = b"", target: str = "") -> None:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.mtime = kind, mode, mtime
            entry.size, entry.linkname = len(data), target
            archive.addfile(entry, io.BytesIO(data))

        for directory, mode in DIRECTORIES.items():
            add(directory, tarfile.DIRTYPE, mode)
        add("bin/busybox", tarfile.REGTYPE, 0o755, busybox.read_bytes())
        for applet in applets(busybox):
            add(f"bin/{applet}", tarfile.SYMTYPE, 0o777, target="/bin/busybox")
        add("etc/passwd", tarfile.REGTYPE, 0o644, PASSWD)
        add("etc/group", tarfile.REGTYPE, 0o644, GROUP)
    return stream.getvalue()


def applets(busybox: Path) -> list[str]:
    """The names that this busybox answers to, but for its own."""
    listed = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    return sorted(set(listed.stdout.split()) - {"busybox"})


def image_config(layer: bytes) -> Json:
    """The image's config."""
    machine = os.uname().machine
    comment = "buildkit.dockerfile.v0"
    return {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine),
        "os": "linux",
        "config": {"Env": [f"PATH={PATH}"], "Cmd": ["sh"], "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        "history": [
            {"created_by": "COPY / / # buildkit", "comment": comment},
            {"created_by": 'CMD ["sh"]', "comment": comment, "empty_layer": True},
        ],
    }


def write_layout(directory: Path, layer: bytes) -> None:
    """Write an OCI image layout that holds the image."""
    blobs = directory / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)

    def put(data: bytes, kind: str) -> Json:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": f"{LAYOUT_TYPE}.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    def put_json(value: Json, kind: str) -> Json:
        return put(json.dumps(value).encode(), kind)

    manifest: Json = {
        "schemaVersion": 2,
        "mediaType": f"{LAYOUT_TYPE}.manifest.v1+json",
        "config": put_json(image_config(layer), "config.v1+json"),
        "layers": [put(gzip.compress(layer, 6, mtime=0), "layer.v1.tar+gzip")],
    }
    names = {
        "org.opencontainers.image.ref.name": "latest",
        "io.containerd.image.name": "docker.io/library/busybox:latest",
    }
    descriptor = {**put_json(manifest, "manifest.v1+json"), "annotations": names}
    index = {"schemaVersion": 2, "mediaType": f"{LAYOUT_TYPE}.index.v1+json", "manifests": [descriptor]}
    (directory / "index.json").write_text(json.dumps(index))
    (directory / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))


def main(arguments: list[str]) -> int:
    """Exit status 0 when the layout was written, 2 for wrong arguments."""
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    busybox = Path(arguments[1]) if len(arguments) == 2 else DEFAULT_BUSYBOX
    write_layout(Path(arguments[0]), busybox_layer(busybox))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
