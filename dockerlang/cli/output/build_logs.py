"""The log of a build: what its steps printed, as `--progress plain` shows it."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.cli.output.units import rfc3339_nano
from dockerlang.store.builds import BuildRecord, Builds


def build_log_lines(builds: Builds, record: BuildRecord, *, follow: bool, timestamps: bool) -> Iterator[bytes]:
    """The lines without their ends; a build whose steps were all cached has the list of them."""
    has_log = False
    for line in builds.log(record, follow=follow):
        has_log = True
        milliseconds, _, text = line.partition(b" ")
        if timestamps:
            moment = round(record.started * 1000) + int(milliseconds)
            yield rfc3339_nano(moment * 10**6).encode() + b" " + text
        else:
            yield text
    if not has_log:
        for step in record.steps:
            yield f"#{step.number} {step.name}".encode("utf-8", "surrogateescape")
            yield f"#{step.number} {step.outcome.upper()}".encode()
