"""Time image builders side by side on the workloads of workloads.py (as root).

    python -m bench.build.run --dockerlang dockerlang                     beside the three engines of Debian
    python -m bench.build.run --engines buildkit,dockerlang --dockerlang dockerlang
    python -m bench.build.run --dockerlang 'old=old/bin/dockerlang' --dockerlang 'new=dockerlang' --engines old,new

Engines: docker-legacy and buildkit (one dockerd, started and stopped here), buildah, and any command given with
--dockerlang that understands `CMD --root DIR build --network none -t NAME [--no-cache] -f FILE CONTEXT`,
`CMD --root DIR load -i FILE` and `CMD --root DIR save -o FILE NAME`.

Runs are interleaved (A B C A B C). State is put back, and the disk synced, outside the timed part. At the end every
image is exported once and its files are counted, so that an engine which did less work is found out.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.build import workloads
from bench.build.engines import Buildah, Docker, Dockerd, Other, count_files, docker_archive
from bench.build.measuring import MIB, loop_disk, measure, quiet, read

MAKE_BUSYBOX = Path(__file__).resolve().parents[2] / "examples" / "make_busybox.py"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def bench(workload: workloads.Workload, engines: list, work: Path, runs: int, timeout: float, verify: bool) -> dict:
    context = workloads.make(workload.name, work / "contexts")
    results: dict[str, dict] = {engine.name: {"samples": []} for engine in engines}
    archive, log = work / "saved.tar", work / "log"

    def timed(engine, argv: list[str]) -> dict | None:
        result = measure(argv, engine.env, engine.pids(), log, timeout)
        if result["exit"] == 0:
            return result
        results[engine.name]["error"] = f"exit {result['exit']}: " + read(str(log))[-300:].strip()
        say(f"  {workload.name} {engine.name} FAILED: {results[engine.name]['error']}")
        return None

    def tag(engine) -> str:
        return f"bench-{engine.name}-{workload.name.replace('_', '-')}"

    def alive() -> list:
        return [engine for engine in engines if "error" not in results[engine.name]]

    def edit(number: int) -> None:
        if workload.edits:
            (context / workload.edits).write_text(f"{number} {time.time_ns()}\n")

    edit(-1)
    if workload.cached:
        for engine in engines:
            engine.reset(tag(engine))
            timed(engine, engine.build(tag(engine), context, cached=True))
    for number in range(runs):
        edit(number)
        for engine in alive():
            if workload.save:
                archive.unlink(missing_ok=True)
                result = timed(engine, engine.save(tag(engine), archive))
            else:
                if not workload.cached:
                    engine.reset(tag(engine))
                result = timed(engine, engine.build(tag(engine), context, cached=workload.cached))
            if result:
                results[engine.name]["samples"].append(result)
                say(f"  {workload.name} {engine.name} {result['seconds']:.3f}")
    for engine in alive():
        archive.unlink(missing_ok=True)
        if verify and workload.files is not None and timed(engine, engine.save(tag(engine), archive)):
            count = count_files(archive)
            results[engine.name]["files"] = count
            if count != workload.files:
                say(f"  WRONG: {workload.name} {engine.name} holds {count} files, not {workload.files}")
    archive.unlink(missing_ok=True)
    for engine in engines:
        engine.reset(tag(engine))
    return results


def median(result: dict, key: str) -> float | None:
    return statistics.median(s[key] for s in result["samples"]) if result["samples"] else None


def table(data: dict, title: str, cell) -> str:
    names = list(data["engines"])
    lines = [f"| {title} | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for workload, results in data["results"].items():
        lines.append(f"| {workload} | " + " | ".join(cell(results, results[name]) for name in names) + " |")
    return "\n".join(lines)


def seconds_cell(results: dict, result: dict) -> str:
    value = median(result, "seconds")
    if value is None or "error" in result:
        return "failed"
    fastest = min(m for m in (median(r, "seconds") for r in results.values()) if m is not None)
    wrong = " WRONG" if result.get("files", result.get("expected")) != result.get("expected") else ""
    return f"{value:.3f} ({value / fastest:.1f}x){wrong}"


def cost_cell(_: dict, result: dict) -> str:
    if not result["samples"]:
        return "-"
    client, daemon = median(result, "client_cpu"), median(result, "daemon_cpu")
    cells = f"{client:.2f} s, {median(result, 'client_mib'):.0f} MiB"
    if median(result, "daemon_mib"):
        cells += f" + {daemon:.2f} s, {median(result, 'daemon_mib'):.0f} MiB"
    return cells


def report(data: dict) -> str:
    return "\n\n".join(
        (
            table(data, "median wall seconds (x fastest)", seconds_cell),
            table(data, "CPU and peak memory, client (+ daemon)", cost_cell),
        )
    )


def machine() -> dict:
    model = re.search(r"^model name\s*:\s*(.*)$", read("/proc/cpuinfo"), re.M)
    total = re.search(r"^MemTotal:\s+(\d+)", read("/proc/meminfo"), re.M)
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": model[1] if model else "",
        "memory_gib": round(int(total[1]) / MIB, 1) if total else None,
        "kernel": os.uname().release,
        "python": sys.version.split()[0],
        "date": datetime.date.today().isoformat(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--engines", help="comma-separated; default: docker-legacy,buildkit,buildah and every --dockerlang"
    )
    parser.add_argument("--workloads", help="comma-separated; default: all")
    parser.add_argument("-n", "--runs", type=int, default=5)
    parser.add_argument("--dockerlang", action="append", default=[], metavar="[NAME=]CMD", help="may be repeated")
    parser.add_argument(
        "--build-args",
        action="append",
        default=[],
        metavar="ENGINE=ARGS",
        help="more arguments for one engine's build, e.g. 'buildah=--jobs 6'",
    )
    parser.add_argument("--base", type=Path, default=MAKE_BUSYBOX, help="script that writes the busybox OCI layout")
    parser.add_argument("--work", type=Path, help="parent of the temporary directory")
    parser.add_argument(
        "--loop",
        type=int,
        metavar="GIB",
        help="work on a fresh ext4 in a sparse file of this size, mounted as a loop device",
    )
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("--no-verify", action="store_true", help="do not export the images and count files")
    parser.add_argument("--json", type=Path, help="write all samples here")
    options = parser.parse_args()

    others = {}
    for text in options.dockerlang:
        match = re.fullmatch(r"(?:([a-z0-9.-]+)=)?(.+)", text)
        others[match[1] or "dockerlang"] = match[2]
    names = options.engines.split(",") if options.engines else ["docker-legacy", "buildkit", "buildah", *others]
    chosen = options.workloads.split(",") if options.workloads else list(workloads.WORKLOADS)
    for name in chosen:
        if name not in workloads.WORKLOADS:
            parser.error(f"no workload {name}; there are {', '.join(workloads.WORKLOADS)}")
    extra: dict[str, list[str]] = {}
    for text in options.build_args:
        engine, _, arguments = text.partition("=")
        extra.setdefault(engine, []).extend(shlex.split(arguments))

    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    top = work = Path(tempfile.mkdtemp(prefix="bench-build-", dir=options.work))
    daemon: Dockerd | None = None
    try:
        if options.loop:
            work = loop_disk(top, options.loop)
        quiet([sys.executable, str(options.base), str(work / "base")], {})
        base = work / "base.tar"
        docker_archive(work / "base", base, "busybox:latest")
        engines: list = []
        for name in names:
            arguments = extra.get(name, [])
            if name in ("docker-legacy", "buildkit"):
                daemon = daemon or Dockerd(work, base)
                engines.append(Docker(name, daemon, arguments))
            elif name in others:
                engines.append(Other(name, others[name], work, base, arguments))
            elif name == "buildah":
                engines.append(Buildah(name, work, base, arguments))
            else:
                parser.error(f"no engine {name}: give its command with --dockerlang '{name}=CMD'")
        data = {
            "machine": machine(),
            "runs": options.runs,
            "engines": {e.name: e.version for e in engines},
            "disk": "loop ext4" if options.loop else "as found",
            "build_args": extra,
            "results": {},
        }
        for name in chosen:
            say(name)
            workload = workloads.WORKLOADS[name]
            results = bench(workload, engines, work, options.runs, options.timeout, not options.no_verify)
            for result in results.values():
                result["expected"] = workload.files
            data["results"][name] = results
            if options.json:
                options.json.write_text(json.dumps(data, indent=1) + "\n")
        print(json.dumps(data["machine"]))
        print("\n" + report(data))
    finally:
        if daemon:
            daemon.stop()
        if work != top:
            subprocess.run(["umount", "-R", "-l", str(work)], check=False)
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    main()
