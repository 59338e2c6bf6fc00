"""The engines: how each is started, put back, told to build and told to export."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

from bench.build.measuring import quiet, read, tree


class Dockerd:
    """One daemon, shared by the two docker engines."""

    def __init__(self, work: Path, base: Path):
        self.root = work / "dockerd"
        self.root.mkdir()
        self.docker = matching_client()
        (self.root / "config").mkdir()
        self.env = {"DOCKER_HOST": f"unix://{self.root}/docker.sock", "DOCKER_CONFIG": str(self.root / "config")}
        log = (self.root / "log").open("wb")
        self.process = subprocess.Popen(
            [
                "dockerd",
                "--data-root",
                str(self.root / "data"),
                "--exec-root",
                str(self.root / "exec"),
                "-H",
                self.env["DOCKER_HOST"],
                "-p",
                str(self.root / "docker.pid"),
                "--iptables=false",
                "--ip6tables=false",
                "--bridge=none",
                "--storage-driver",
                "overlay2",
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        for _ in range(300):
            asked = subprocess.run(
                [self.docker, "version"], env={**os.environ, **self.env}, capture_output=True, check=False
            )
            if asked.returncode == 0:
                break
            if self.process.poll() is not None:
                raise RuntimeError("dockerd ended: " + read(str(self.root / "log"))[-2000:])
            time.sleep(0.1)
        quiet([self.docker, "load", "-i", str(base)], self.env)

    def pids(self) -> list[int]:
        return [pid for pid in tree(self.process.pid) if read(f"/proc/{pid}/comm").strip() in ("dockerd", "containerd")]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        mounts = [line.split()[1] for line in read("/proc/mounts").splitlines()]
        for point in sorted((m for m in mounts if m.startswith(f"{self.root}/")), reverse=True):
            subprocess.run(["umount", "-l", point], check=False)


def matching_client() -> str:
    """The docker client of dockerd's version: a newer one on PATH may need plug-ins to build."""
    want = re.search(r"version (\d+\.\d+)", quiet(["dockerd", "--version"], {}))[1]
    clients = [c for c in (os.path.join(d, "docker") for d in os.get_exec_path()) if os.access(c, os.X_OK)]
    same = [c for c in clients if f"version {want}" in quiet([c, "--version"], {})]
    if not clients:
        raise RuntimeError("no docker client on PATH")
    return (same or clients)[0]


class Docker:
    def __init__(self, name: str, daemon: Dockerd, extra: list[str]):
        self.name, self.daemon, self.extra = name, daemon, extra
        self.buildkit = name == "buildkit"
        self.env = {**daemon.env, "DOCKER_BUILDKIT": "1" if self.buildkit else "0"}
        self.version = quiet(["dockerd", "--version"], {})

    def pids(self) -> list[int]:
        return self.daemon.pids()

    def reset(self, tag: str) -> None:
        quiet([self.daemon.docker, "rmi", "-f", tag], self.env, check=False)
        quiet([self.daemon.docker, "image", "prune", "-f"], self.env)
        if self.buildkit:
            quiet([self.daemon.docker, "builder", "prune", "-a", "-f"], self.env)

    def build(self, tag: str, context: Path, cached: bool) -> list[str]:
        return [
            self.daemon.docker,
            "build",
            *(["--progress", "plain"] if self.buildkit else []),
            "--network",
            "none",
            *self.extra,
            "-t",
            tag,
            *([] if cached else ["--no-cache"]),
            "-f",
            str(context / "Dockerfile"),
            str(context),
        ]

    def save(self, tag: str, file: Path) -> list[str]:
        return [self.daemon.docker, "save", "-o", str(file), tag]


class Buildah:
    def __init__(self, name: str, work: Path, base: Path, extra: list[str]):
        self.name, self.base, self.extra, self.env = name, base, extra, {}
        self.command = [
            "buildah",
            "--root",
            str(work / name / "root"),
            "--runroot",
            str(work / name / "run"),
            "--storage-driver",
            "overlay",
        ]
        self.version = quiet(["buildah", "--version"], {})

    def pids(self) -> list[int]:
        return []

    def reset(self, tag: str) -> None:
        quiet([*self.command, "rmi", "-a", "-f"], self.env)
        quiet([*self.command, "pull", f"docker-archive:{self.base}"], self.env)

    def build(self, tag: str, context: Path, cached: bool) -> list[str]:
        return [
            *self.command,
            "bud",
            "--layers",
            "--isolation",
            "chroot",
            "--pull-never",
            *self.extra,
            "-t",
            tag,
            *([] if cached else ["--no-cache"]),
            "-f",
            str(context / "Dockerfile"),
            str(context),
        ]

    def save(self, tag: str, file: Path) -> list[str]:
        return [*self.command, "push", tag, f"docker-archive:{file}:{tag}"]


class Other:
    """A command line that follows docker's, with a store of its own below --root."""

    def __init__(self, name: str, command: str, work: Path, base: Path, extra: list[str]):
        self.name, self.base, self.extra, self.env = name, base, extra, {}
        self.root = work / name
        self.command = [*shlex.split(command), "--root", str(self.root)]
        self.version = (quiet([*shlex.split(command), "--version"], {}, check=False).splitlines() or [""])[0]

    def pids(self) -> list[int]:
        return []

    def reset(self, tag: str) -> None:
        if self.root.exists():
            shutil.rmtree(self.root)
        self.root.mkdir()
        quiet([*self.command, "load", "-i", str(self.base)], self.env)

    def build(self, tag: str, context: Path, cached: bool) -> list[str]:
        return [
            *self.command,
            "build",
            # As docker is run; a network of its own costs a build some milliseconds and memory.
            "--network",
            "none",
            *self.extra,
            "-t",
            tag,
            *([] if cached else ["--no-cache"]),
            "-f",
            str(context / "Dockerfile"),
            str(context),
        ]

    def save(self, tag: str, file: Path) -> list[str]:
        return [*self.command, "save", "-o", str(file), tag]


def docker_archive(layout: Path, out: Path, tag: str) -> None:
    """Turn an OCI layout of one image into an archive that every engine loads."""

    def blob(digest: str) -> bytes:
        return (layout / "blobs" / digest.replace(":", "/")).read_bytes()

    with tarfile.open(out, "w") as tar:

        def add(name: str, data: bytes) -> str:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
            return name

        manifest = json.loads(blob(json.loads((layout / "index.json").read_text())["manifests"][0]["digest"]))
        digest = manifest["config"]["digest"]
        config = add(digest.split(":")[1] + ".json", blob(digest))
        layers = []
        for layer in manifest["layers"]:
            data = gzip.decompress(blob(layer["digest"]))
            layers.append(add(hashlib.sha256(data).hexdigest() + "/layer.tar", data))
        add("manifest.json", json.dumps([{"Config": config, "RepoTags": [tag], "Layers": layers}]).encode())


def count_files(archive: Path) -> int:
    """Regular files below /w in the one image of a saved archive."""
    found: set[str] = set()
    with tarfile.open(archive) as tar:
        (image,) = json.load(tar.extractfile("manifest.json"))
        for name in image["Layers"]:
            with tarfile.open(fileobj=tar.extractfile(name)) as layer:
                for info in layer:
                    path = info.name.removeprefix("./").lstrip("/")
                    if (info.isreg() or info.islnk()) and path.startswith("w/"):
                        found.add(path)
    return len(found)
