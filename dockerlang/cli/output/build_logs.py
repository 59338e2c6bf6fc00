"""The log of a build: what its steps printed, as `--progress plain` shows it."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.store.builds import BuildRecord, Builds


def build_log_lines(builds: Builds, record: BuildRecord, *, follow: bool) -> Iterator[tuple[int, bytes]]:
    """When each line came, in nanoseconds since 1970, and the line without its end.

    A build whose steps were all cached has the list of them.
    """
    begun = round(record.started * 1000)
    has_log = False
    for line in builds.log(record, follow=follow):
        has_log = True
        milliseconds, _, text = line.partition(b" ")
        yield (begun + int(milliseconds)) * 10**6, text
    if not has_log:
        for step in record.steps:
            yield begun * 10**6, f"#{step.number} {step.name}".encode("utf-8", "surrogateescape")
            yield begun * 10**6, f"#{step.number} {step.outcome.upper()}".encode()
