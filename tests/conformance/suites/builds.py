"""Builds: config, history, every entry of every layer, or that the build fails; all with the real builder. Needs root.

Left out are the times of directories that come from the context (the reference's own are not stable), and the
variables with which the reference traces itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from dockerlang.builder.contexts.named import DirectoryContext, NamedContext
from dockerlang.builder.events import StepFailed, StepFinished
from dockerlang.builder.outputs.output import Output
from dockerlang.cli.building.output_options import parse_outputs
from dockerlang.oci.digest import Digest
from dockerlang.oci.tar import Entry, Kind, read_entries
from tests.conformance.contexts import ARCHIVE_TIME, CONTEXT_TIME, set_times, write_context
from tests.conformance.outcome import Outcome
from tests.conformance.reference_tree import Json
from tests.conformance.workshop import Bench, Built, Workshop, attempt

_BASE = "<base image layer>"
# A recorded time later than this is one that was "now", but was not recorded as such.
_RECORDED = 1_790_000_000
_DATE = re.compile(r"[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}")
_TELEMETRY = re.compile(r"(?m)^(?:OTEL_\w+|TRACEPARENT)=.*\n")
_NUMBERS = re.compile(r"\[(?:(\S+) )?\d+/\d+\] ")
_KINDS = {
    Kind.FILE: "file",
    Kind.DIRECTORY: "dir",
    Kind.SYMLINK: "symlink",
    Kind.HARDLINK: "hardlink",
    Kind.FIFO: "fifo",
    Kind.CHARACTER_DEVICE: "char",
    Kind.BLOCK_DEVICE: "block",
}


def run(cases_file: Path) -> Iterator[Outcome]:
    """The outcome of every case."""
    with Workshop() as workshop:
        for recorded in json.loads(cases_file.read_text("utf-8"))["cases"]:
            case = recorded["case"]
            bench = workshop.bench()
            actual = attempt(partial(_built, case, bench, workshop.started))
            bench.close()
            expected = _expected(recorded["reference"], case)
            yield Outcome(case["name"], expected, _in_form_of(expected, _comparable(actual, case)))


# ---------------------------------------------------------------- what was recorded


def _expected(reference: Json, case: Json) -> Json:
    if not reference["ok"]:
        return {"ok": False}
    expected: Json = {
        "ok": True,
        "config": _without_nulls(reference["config"]),
        "layers": [
            *_base_layers(reference),
            *map(_recorded_layer, reference["layers"][len(_base_layers(reference)) :]),
        ],
    }
    for name in ("created", "index_platforms"):
        if name in reference:
            expected[name] = reference[name]
    if "vertices" in reference:
        names = (name for name in reference["vertices"] if not name.startswith(("[internal]", "[context ")))
        expected["vertices"] = sorted(map(without_numbers, names))
    return _comparable(expected, case)


def _base_layers(reference: Json) -> list[str]:
    """The base's layer, where the history begins with the base's: some records have it written out."""
    history = reference["config"].get("history") or []
    return [_BASE] if any(entry["created_by"] == 'CMD ["sh"]' for entry in history[1:2]) else []


def _recorded_layer(layer: str | list[Json]) -> str | list[Json]:
    return layer if isinstance(layer, str) else [_recorded(entry) for entry in layer]


def _without_nulls(config: Json) -> Json:
    rootfs = {**config["rootfs"], "diff_ids": config["rootfs"]["diff_ids"] or 0}
    return {**config, "rootfs": rootfs, "history": config.get("history") or []}


def _recorded(entry: Json) -> Json:
    mtime = entry["mtime"]
    is_now = isinstance(mtime, int) and mtime > _RECORDED
    return _without_telemetry({**entry, "mtime": "now" if is_now else mtime})


def _without_telemetry(entry: Json) -> Json:
    data = entry.get("data")
    if not isinstance(data, str) or not _TELEMETRY.search(data):
        return entry
    left = _TELEMETRY.sub("", data)
    return {**entry, "data": left, "size": len(left.encode())}


def _comparable(result: Json, case: Json) -> Json:
    """The result without what the records do not pin down."""
    if "layers" not in result:
        return result
    archives = {PurePosixPath(row[1]).name for row in case["files"] if row[0] == "tar"}
    parts = (PurePosixPath(row[1]) for row in case["files"])
    directories = {parent.name for part in parts for parent in (part, *part.parents)}
    has_directories = any(row[0] == "dir" or "/" in row[1] for row in case["files"])

    def comparable(entry: Json) -> Json:
        name = PurePosixPath(entry["path"]).name
        if entry["type"] == "file" and name in archives:
            # What is in an archive is recorded, but not its bytes.
            return {key: value for key, value in entry.items() if key not in ("size", "data", "sha256")}
        is_unstable = entry["type"] == "dir" and isinstance(entry["mtime"], str)
        return {**entry, "mtime": "-"} if is_unstable and (has_directories or name in directories) else entry

    layers = [layer if isinstance(layer, str) else [comparable(entry) for entry in layer] for layer in result["layers"]]
    return {**result, "layers": layers}


def _in_form_of(expected: Json, actual: Json) -> Json:
    """What is built, its contents given as the record gives them: short text itself, all else by its digest."""
    if "layers" not in actual:
        return actual
    has_digest = {
        (number, entry["path"])
        for number, layer in enumerate(expected.get("layers", ()))
        if not isinstance(layer, str)
        for entry in layer
        if "sha256" in entry
    }

    def shown(number: int, entry: Json) -> Json:
        other = "data" if (number, entry["path"]) in has_digest else "sha256"
        return {key: value for key, value in entry.items() if key != other}

    layers = [
        layer if isinstance(layer, str) else [shown(number, entry) for entry in layer]
        for number, layer in enumerate(actual["layers"])
    ]
    return {**actual, "layers": layers}


def without_numbers(name: str) -> str:
    """A step's name without its number: the base of the recorded builds was a context, which is not counted."""
    return _NUMBERS.sub(lambda match: f"[{match[1]}] " if match[1] else "", name)


# ---------------------------------------------------------------- what is built


def _built(case: Json, bench: Bench, started: int) -> Json:
    context = bench.directory / "context"
    dockerfile = context / case.get("dockerfile_name", "Dockerfile")
    rows = [*case["files"], ["file", str(dockerfile.relative_to(context)), case["dockerfile"], 0o644]]
    write_context(context, rows)
    set_times(context)
    named: dict[str, NamedContext] = {}
    for key, files in case.get("contexts", {}).items():
        write_context(bench.directory / key, files)
        named[key] = DirectoryContext(bench.directory / key)
    name = str(dockerfile) if "dockerfile_name" in case and dockerfile.name != "dockerfile" else ""
    built = bench.build(
        context, name, case.get("build_args"), case.get("opts"), case.get("secrets"), _outputs(case), named
    )
    return _described(built, bench, case, started)


def _outputs(case: Json) -> tuple[Output, ...]:
    attributes = case.get("output_attrs", "")
    return parse_outputs([f"type=image{attributes}"], pushes=False, loads=False) if attributes else ()


def _described(built: Built, bench: Bench, case: Json, started: int) -> Json:
    config = json.loads(built.image.config_bytes)
    created = config.pop("created", None)
    if not case.get("keep_created"):
        config["history"] = [
            {name: value for name, value in entry.items() if name != "created"} for entry in config.get("history") or []
        ]
    diff_ids = built.image.diff_ids
    config["rootfs"] = {**config["rootfs"], "diff_ids": len(diff_ids)}
    layers = [_BASE if diff_id == bench.base else _layer(built, diff_id, started) for diff_id in diff_ids]
    result = {"ok": True, "config": _without_nulls(config), "layers": layers}
    if case.get("keep_created"):
        result["created"] = created
    if built.platforms:
        result["index_platforms"] = [
            {"architecture": platform.architecture, "os": platform.os} for platform in built.platforms
        ]
    if case.get("log"):
        steps = [event.vertex for event in built.events if isinstance(event, StepFinished | StepFailed)]
        result["vertices"] = sorted(without_numbers(vertex.name) for vertex in steps if vertex.origin is not None)
    return result


def _layer(built: Built, diff_id: Digest, started: int) -> list[Json]:
    with built.store.open_layer(diff_id) as stream:
        return [
            _without_telemetry(_row(entry, data.read() if entry.kind is Kind.FILE else b"", started))
            for entry, data, _ in read_entries(stream)
        ]


def _row(entry: Entry, data: bytes, started: int) -> Json:
    row: Json = {
        "path": entry.path.decode("utf-8", "surrogateescape").rstrip("/"),
        "type": _KINDS[entry.kind],
        "mode": oct(entry.mode),
        "uid": entry.uid,
        "gid": entry.gid,
        "mtime": _time(entry.mtime_ns // 1_000_000_000, started),
    }
    if entry.kind is Kind.FILE:
        row["size"] = entry.size
        row.update(_content(data))
    if entry.link:
        row["link"] = entry.link.decode("utf-8", "surrogateescape")
    if entry.xattrs:
        row["xattrs"] = {name.decode(): value.hex() for name, value in entry.xattrs.items()}
    return row


def _content(data: bytes) -> Json:
    """The digest, and the text if it is one."""
    try:
        return {"data": _DATE.sub("<DATE>", data.decode("utf-8")), "sha256": hashlib.sha256(data).hexdigest()}
    except UnicodeDecodeError:
        return {"sha256": hashlib.sha256(data).hexdigest()}


def _time(seconds: int, started: int) -> str | int:
    if seconds == CONTEXT_TIME:
        return "context"
    if seconds == ARCHIVE_TIME:
        return "archive"
    return "now" if started <= seconds <= time.time() else seconds
