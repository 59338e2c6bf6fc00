"""Runs all benchmarks on this project beside whatever peers are installed, and writes RESULTS.md.

    python -m bench.run [--only syntax,lint,format,server,images,build] [--quick] [--node-modules DIR] [--out FILE]

Peers are taken as they are found: `hadolint` and `shellcheck` on PATH or beside this Python, `dockerd` and `buildah` on
PATH, and what a node_modules below --node-modules holds (see README.md). The part `build` needs root. A part or peer
that cannot run is named in the result, so that a table never looks more complete than it is.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = str(Path(sys.executable).with_name("dockerlang"))
OUR_SERVER = str(Path(sys.executable).with_name("dockerlang-lsp"))
PEER_SERVER = Path("dockerfile-language-server-nodejs", "bin", "docker-langserver")


@dataclass(frozen=True)
class Section:
    """A heading of the result and the module that prints what stands below it."""

    title: str
    module: str
    arguments: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="syntax,lint,format,server,images,build", help="comma-separated parts")
    parser.add_argument("--quick", action="store_true", help="fewer files and runs: a look, not a measurement")
    parser.add_argument("--node-modules", type=Path, metavar="DIR", help="the folder that holds node_modules")
    parser.add_argument("--loop", action="store_true", help="build on a fresh ext4 in a loop device of 20 GiB")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "RESULTS.md")
    options = parser.parse_args()
    parts = {"syntax": syntax, "lint": lint, "format": formatting, "server": server, "images": images, "build": build}
    kind = "a quick look, few runs and files, " if options.quick else ""
    lines = [f"# Results\n\nMeasured on {datetime.date.today()} by `python -m bench.run`: {kind}{machine()}.\n"]
    for name in options.only.split(","):
        for found in parts[name](options):
            lines.append(found if isinstance(found, str) else run(found))
            options.out.write_text("\n".join(lines))
    print(f"written to {options.out}")


def syntax(options: argparse.Namespace) -> Iterator[Section | str]:
    size = ("--count=50", "--runs=2") if options.quick else ()
    yield Section("Parsing alone", "bench.syntax.run", size)


def lint(options: argparse.Namespace) -> Iterator[Section | str]:
    hadolint, shellcheck = tool("hadolint"), tool("shellcheck")
    peers = [f"--hadolint={hadolint}"] if hadolint else []
    checker = [f"--shellcheck={shellcheck}"] if shellcheck else []
    ours = [f"--dockerlang={OURS}", "--dockerlang-no-shell=--no-shellcheck"]
    size = ["--count=200", "--small-runs=5", "--corpus-runs=1"] if options.quick else []
    yield Section("Linters", "bench.lint.run", (*peers, *ours, *checker, *size))
    accuracy = (*peers, f"--dockerlang={OURS} lint --format json", "--top=0")
    yield Section("Linters against the reference's errors", "bench.lint.accuracy", accuracy)
    yield Section("What imports cost", "bench.lint.imports", ("--runs=5",) if options.quick else ())


def formatting(options: argparse.Namespace) -> Iterator[Section | str]:
    if importlib.util.find_spec("dockerfile") is None:
        yield "## Formatters\n\nNot run: the pip package `dockerfile`, which judges the meaning, is not installed.\n"
        return
    node = [f"--node-modules={options.node_modules}"] if options.node_modules else []
    size = ["--count=20"] if options.quick else []
    yield Section("Formatters", "bench.lint.formatters", (*node, f"--command=dockerlang={OURS} format -", *size))


def server(options: argparse.Namespace) -> Iterator[Section | str]:
    commands = {"dockerlang-lsp": OUR_SERVER}
    if options.node_modules:
        commands["dockerfile-language-server"] = f"node {options.node_modules / 'node_modules' / PEER_SERVER} --stdio"
    size = ("--starts=3", "--opens=2", "--edits=50", "--requests=50") if options.quick else ()
    for name, command in commands.items():
        yield Section(f"Language server: {name}, time", "bench.lsp.run", ("time", command, *size))
        yield Section(
            f"Language server: {name}, errors against the reference", "bench.lsp.run", ("accuracy", command, "--top=0")
        )


def images(options: argparse.Namespace) -> Iterator[Section | str]:
    missing = [name for name in ("skopeo", "docker-registry") if shutil.which(name) is None]
    if missing:
        yield f"## Images\n\nNot run: {' and '.join(missing)} not installed.\n"
        return
    size = ("--runs=2", "--scale=0.2") if options.quick else ()
    yield Section("Images", "bench.images.run", (f"--dockerlang={OURS}", *size))


def build(options: argparse.Namespace) -> Iterator[Section | str]:
    if os.geteuid() != 0:
        yield "## Builders\n\nNot run: the peers need root.\n"
        return
    engines = ["docker-legacy", "buildkit"] if shutil.which("dockerd") and shutil.which("docker") else []
    engines += ["buildah"] if shutil.which("buildah") else []
    size = ["--runs=1"] if options.quick else []
    size += ["--loop=20"] if options.loop else []
    chosen = f"--engines={','.join([*engines, 'dockerlang'])}"
    yield Section("Builders", "bench.build.run", (chosen, f"--dockerlang={OURS}", *size))


def run(section: Section) -> str:
    """The section's text; a benchmark that fails says so in it."""
    print(f"{section.title} ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", section.module, *section.arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    failure = f"\n`{section.module}` ended with {done.returncode}.\n" if done.returncode else ""
    return f"## {section.title}\n\n{done.stdout.strip()}\n{failure}"


def tool(name: str) -> str | None:
    """A program beside this Python (as pip installs it), or on PATH."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.is_file() else shutil.which(name)


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "unknown processor",
    )
    return (
        f"{len(os.sched_getaffinity(0))} cores ({model}), Linux {os.uname().release}, Python {sys.version.split()[0]}"
    )


if __name__ == "__main__":
    main()
