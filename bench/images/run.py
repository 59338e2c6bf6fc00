"""Time pull, push, load, save and images beside what can hardly be beaten: skopeo, cat and sha256sum.

    python -m bench.images.run --dockerlang dockerlang [--runs 7] [--scale 1.0] [--json FILE]

The registry is Debian's docker-registry on loopback. Ours and the other take turns, each with an empty target and after
a sync; targets are removed outside the timed part. The ratio is that of the minima of one run of this program. CPU is
that of the commands, without the registry's: on a machine that others use, too, it says more than the time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.images.making import MIB, make_layout, make_many
from tests.registry.real_registry import docker_registry


@dataclass
class Row:
    """One comparison: commands for the shell, and what is done, untimed, before each of them."""

    name: str
    other: str
    ours: str
    reset: Callable[[], None]
    others_name: str
    limit: float | None = None
    samples: dict[str, list[float]] = field(default_factory=lambda: {"other": [], "ours": []})
    cpu: dict[str, list[float]] = field(default_factory=lambda: {"other": [], "ours": []})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dockerlang", default="dockerlang", metavar="CMD")
    parser.add_argument("-n", "--runs", type=int, default=7)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the image; 1.0 is 641 MiB of plain layers")
    parser.add_argument("--images", type=int, default=1000, help="images in the store that is listed")
    parser.add_argument("--work", type=Path, help="parent of the temporary directory")
    parser.add_argument("--json", type=Path, help="write all samples here")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="bench-images-", dir=options.work))
    try:
        with docker_registry(work / "registry") as source, docker_registry(work / "target") as target:
            compressed = make_layout(work / "layout", options.scale)
            rows = comparisons(shlex.split(options.dockerlang), work, source, target)
            for number in range(options.runs):
                for row in rows:
                    measure(row, number)
        listing = listing_time(shlex.split(options.dockerlang), work, options.images, options.runs)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(report(rows, compressed, options.images, listing))
    if options.json:
        samples = {row.name: row.samples for row in rows} | {"images": {"ours": listing}}
        options.json.write_text(json.dumps(samples, indent=1) + "\n")


def comparisons(command: list[str], work: Path, source: str, target: str) -> list[Row]:
    """All rows, with the archives, stores and repositories that they need."""
    ours = shlex.join(command)
    run(f"skopeo copy -q --dest-tls-verify=false oci:{work}/layout:big docker://{source}/big:1")
    run(f"skopeo copy -q oci:{work}/layout:big docker-archive:{work}/plain.tar:big:1")
    run(f"{ours} --root {work}/plain load -q -i {work}/plain.tar")
    run(f"{ours} --root {work}/pulled pull -q {source}/big:1")
    run(f"{ours} --root {work}/pulled save -o {work}/packed.tar {source}/big:1")
    run(f"{ours} --root {work}/pulled images")
    # A store that does not know which registry has the layers already sends them all.
    run(f"{ours} --root {work}/sending load -q -i {work}/packed.tar")
    run(f"{ours} --root {work}/sending tag {source}/big:1 {target}/big:1")

    def removed(*names: str) -> Callable[[], None]:
        def remove() -> None:
            for name in names:
                path = work / name
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

        return remove

    def forgotten() -> None:
        """Nothing is in the registry, which looks into its directory at each request, and nothing is known of it."""
        shutil.rmtree(work / "target" / "data" / "docker", ignore_errors=True)
        removed("sending-now")()
        shutil.copytree(work / "sending", work / "sending-now", copy_function=copy_or_link)

    pull_from = f"--src-tls-verify=false docker://{source}/big:1"
    hashed = f"cat {work}/plain.tar | sha256sum"
    first = f"{ours} --root {work}/store pull -q {source}/big:1"
    return [
        Row("pull", f"skopeo copy -q {pull_from} oci:{work}/out:x", first, removed("out", "store"), "skopeo", 1.3),
        Row(
            "push",
            f"skopeo copy -q --dest-tls-verify=false oci:{work}/layout:big docker://{target}/big:1",
            f"{ours} --root {work}/sending-now push -q {target}/big:1",
            forgotten,
            "skopeo",
        ),
        Row(
            "load, plain",
            hashed,
            f"{ours} --root {work}/store load -q -i {work}/plain.tar",
            removed("store"),
            "cat, sha256sum",
            1.3,
        ),
        Row(
            "load, compressed",
            f"skopeo copy -q oci-archive:{work}/packed.tar oci:{work}/out:x",
            f"{ours} --root {work}/store load -q -i {work}/packed.tar",
            removed("store", "out"),
            "skopeo",
        ),
        Row("save, plain", hashed, f"{ours} --root {work}/plain save big:1 | cat", removed(), "cat, sha256sum", 1.3),
        Row(
            "save, plain, to a file",
            f"cat {work}/plain.tar > {work}/saved.tar",
            f"{ours} --root {work}/plain save -o {work}/saved.tar big:1",
            removed("saved.tar"),
            "cat",
        ),
        Row(
            "save, compressed",
            f"cat {work}/packed.tar | sha256sum",
            f"{ours} --root {work}/pulled save {source}/big:1 | cat",
            removed(),
            "cat, sha256sum",
            1.3,
        ),
        Row(
            "pull, then list with sizes",
            f"skopeo copy -q {pull_from} dir:{work}/out && cd {work}/out"
            " && for blob in $(ls -S | head -5); do zcat < $blob | sha256sum; done",
            f"{first} && {ours} --root {work}/store images",
            removed("out", "store"),
            "skopeo, zcat, sha256sum",
        ),
    ]


def measure(row: Row, number: int) -> None:
    """One run of each side, in turns."""
    sides = {"other": row.other, "ours": row.ours}
    for side in sorted(sides, reverse=number % 2 == 1):
        row.reset()
        os.sync()
        start, before = time.perf_counter(), cpu()
        run(sides[side])
        row.samples[side].append(time.perf_counter() - start)
        row.cpu[side].append(cpu() - before)
        print(f"  {row.name}, {side}: {row.samples[side][-1]:.3f}", file=sys.stderr, flush=True)


def copy_or_link(source: str, target: str) -> None:
    """Blobs never change, so that a second name for them is as good as a copy."""
    (os.link if "/blobs/" in source else shutil.copy2)(source, target)


def cpu() -> float:
    """Seconds of CPU of all processes that were started here and have ended; the registry is not among them."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def listing_time(command: list[str], work: Path, count: int, runs: int) -> list[float]:
    """Seconds of `images` over many images, from the start of the process to its end."""
    os.environ["DOCKERLANG_NO_SYNC"] = "1"
    make_many(work / "many", count)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run([*command, "--root", str(work / "many"), "images"], check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - start)
    return seconds


def run(command: str) -> None:
    subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True, stdout=subprocess.DEVNULL)


def report(rows: list[Row], compressed: int, images: int, listing: list[float]) -> str:
    lines = [
        f"An image of five layers, {compressed / MIB:.0f} MiB compressed. Seconds, of {len(listing)} runs.",
        "",
        "| what | beside | its least | its median | our least | our median | ratio | limit | its CPU | our CPU |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        other, ours = row.samples["other"], row.samples["ours"]
        limit = "" if row.limit is None else f"{row.limit:.1f}"
        cells = (min(other), statistics.median(other), min(ours), statistics.median(ours), min(ours) / min(other))
        shown = " | ".join(f"{cell:.2f}" for cell in cells)
        spent = " | ".join(f"{min(row.cpu[side]):.2f}" for side in ("other", "ours"))
        lines.append(f"| {row.name} | {row.others_name} | {shown} | {limit} | {spent} |")
    least, median = min(listing) * 1000, statistics.median(listing) * 1000
    return "\n".join(
        [*lines, "", f"`images` over {images} images: least {least:.0f} ms, median {median:.0f} ms (limit 150)."]
    )


if __name__ == "__main__":
    main()
