"""The listing of builds."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlang.cli.output.units import age, clock
from dockerlang.store.builds import BuildRecord

BUILD_TABLE = "{{.ID}}\t{{.Status}}\t{{.Started}}\t{{.Duration}}\t{{.Steps}}\t{{.Dockerfile}}"
BUILD_HEADERS = {
    "ID": "BUILD ID",
    "Status": "STATUS",
    "CreatedAt": "CREATED AT",
    "Started": "STARTED",
    "Duration": "DURATION",
    "Steps": "STEPS",
    "Cached": "CACHED",
    "Dockerfile": "DOCKERFILE",
    "Target": "TARGET",
    "Image": "IMAGE",
    "Names": "NAMES",
}


def build_rows(builds: Iterable[BuildRecord], *, now: float) -> list[dict[str, str]]:
    """A row for each build, with every field."""
    return [_row(build, now) for build in builds]


def _row(build: BuildRecord, now: float) -> dict[str, str]:
    cached = sum(step.outcome == "cached" for step in build.steps)
    steps = f"{len(build.steps)} ({cached} cached)" if cached else str(len(build.steps))
    is_known = build.status not in ("running", "killed")
    return {
        "ID": build.id,
        "Status": build.status,
        "CreatedAt": clock(build.started),
        "Started": age(build.started, now),
        "Duration": f"{build.seconds:.1f}s" if is_known else "",
        "Steps": steps if is_known else "",
        "Cached": str(cached),
        "Dockerfile": build.dockerfile + (f" ({build.target})" if build.target else ""),
        "Target": build.target,
        "Image": build.image,
        "Names": ", ".join(build.tags),
    }
