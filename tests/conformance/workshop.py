"""Where recorded builds are repeated: a temporary store with the `busybox` image in it, and the real builder."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any
from unittest.mock import patch

from dockerlang.builder.build import BuildRequest, build
from dockerlang.builder.contexts.local import find_dockerfile, read_dockerfile
from dockerlang.builder.contexts.named import ImageContext, NamedContext
from dockerlang.builder.contexts.opening import read_ignore_file
from dockerlang.builder.events import Event
from dockerlang.builder.exec_limits import ExecLimits
from dockerlang.builder.lower.options import BuildOptions
from dockerlang.builder.outputs.output import Output
from dockerlang.errors import DockerlangError, UsageError
from dockerlang.linter.buildkit import all_checks
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform, parse_platform
from dockerlang.oci.reference import parse_reference
from dockerlang.runtime.limits import Resources, parse_ulimit
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.store.documents import named_document
from dockerlang.store.records import StoredImage
from dockerlang.store.store import Store
from examples.make_busybox import busybox_layer, image_config

RESULT = parse_reference("result:latest")
# When the base of the recorded builds was made; their history says it.
BASE_CREATED = "2026-11-24T00:29:21.306413442Z"

# In the recorded builds the base was a named context, which beats a stage of the same name.
_BASES = {"busybox": ImageContext("docker.io/library/busybox:latest")}


class Unsupported(Exception):
    """The case needs something that is not built yet; the message names it."""


@dataclass(frozen=True)
class Built:
    """A finished build: its image, the store that holds it, and the events on the way."""

    image: StoredImage
    store: Store
    events: tuple[Event, ...]
    platforms: tuple[Platform, ...] = ()


@dataclass
class Workshop:
    """A temporary directory with a store for each case; `started` is the time (seconds) from which things are "now"."""

    started: int = field(default_factory=lambda: int(time.time()))

    def __enter__(self) -> Workshop:
        self._no_sync = patch.dict(os.environ, {"DOCKERLANG_NO_SYNC": "1"})
        self._no_sync.start()
        self._directory = Path(tempfile.mkdtemp(prefix="conformance-"))
        self._layer = busybox_layer(mtime=self.started)
        self._runtime = NamespaceRuntime()
        self._count = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._runtime.close()
        shutil.rmtree(self._directory)

    def bench(self) -> Bench:
        """A fresh store and a fresh directory for contexts."""
        self._count += 1
        directory = self._directory / str(self._count)
        store = Store.open(directory / "store")
        return Bench(directory, store, _add_base(store, self._layer), self._runtime)


@dataclass(frozen=True)
class Bench:
    """The place of one case; `base` is the diff ID of busybox's only layer."""

    directory: Path
    store: Store
    base: Digest
    runtime: NamespaceRuntime

    def build(
        self,
        context: Path,
        dockerfile: str = "",
        build_args: Mapping[str, str] | None = None,
        options: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        outputs: tuple[Output, ...] = (),
        contexts: Mapping[str, NamedContext] | None = None,
    ) -> Built:
        """Build a context. Raises `DockerlangError` where that fails, `Unsupported` for an option not built yet."""
        path = find_dockerfile(context, dockerfile)
        events: list[Event] = []
        request = BuildRequest(
            source=read_dockerfile(path),
            context=context,
            ignore=read_ignore_file(context, path),
            options=replace(build_options(build_args or {}, options or {}), contexts={**_BASES, **(contexts or {})}),
            now=time.time_ns(),
            checks=all_checks,
            resources=resources(options or {}),
            secrets={name: value.encode() for name, value in (secrets or {}).items()},
            platforms=platforms(options or {}),
            outputs=outputs,
            tags=(RESULT,),
        )
        result = build(request, self.store, self.runtime, events.append)
        with self.store.operation("result") as operation:
            named = named_document(operation, RESULT)
        if named is None:
            return Built(result.image, self.store, tuple(events))
        # The recorded config is that of the first platform.
        images = [image for image, _ in named.images]
        return Built(images[0], self.store, tuple(events), tuple(image.config.platform for image in images))

    def close(self) -> None:
        """Remove what the case made."""
        shutil.rmtree(self.directory)


def platforms(options: Mapping[str, str]) -> tuple[Platform, ...]:
    """The platforms of a recorded case that names several."""
    texts = options.get("platform", "").split(",")
    return tuple(map(parse_platform, texts)) if len(texts) > 1 else ()


def build_options(build_args: Mapping[str, str], options: Mapping[str, str]) -> BuildOptions:
    """The options of a recorded case in the builder's terms. Raises `Unsupported`, and `UsageError` for a bad epoch."""
    epoch = build_args.get("SOURCE_DATE_EPOCH")
    if epoch is not None and not epoch.isdecimal():
        raise UsageError(f"SOURCE_DATE_EPOCH is `{epoch}`, which is no number of seconds")
    values: dict[str, Any] = {"build_args": build_args, "labels": {}, "platform": Platform("linux", "amd64")}
    limits = ExecLimits()
    for name, value in options.items():
        kind, _, detail = name.partition(":")
        match kind:
            case "label":
                values["labels"][detail] = value
            case "add-hosts":
                values["extra_hosts"] = tuple(tuple(host.split("=", 1)) for host in value.split(","))
            case "ulimit":
                limits = replace(limits, ulimits=tuple(map(parse_ulimit, value.split(","))))
            case "shm-size":
                limits = replace(limits, shared_memory=int(value))
            case "cgroup-parent":
                limits = replace(limits, cgroup_parent=value)
            case "memory" | "memory-swap" | "cpu-shares" | "cpu-period" | "cpu-quota" | "cpuset-cpus" | "cpuset-mems":
                # No part of the graph: see `resources`.
                continue
            case "contextsubdir":
                # It is for remote contexts: the reference takes no notice of it where the context is a directory.
                continue
            case "hostname":
                values["build_args"] = {**build_args, "BUILDKIT_SANDBOX_HOSTNAME": value}
            case "target":
                values["target"] = value
            case "platform":
                values["platform"] = parse_platform(value.split(",")[0])
            case "no-cache":
                # Without a value all stages, else those that are named.
                values["no_cache"] = not value
                values["no_cache_stages"] = frozenset(filter(None, value.split(",")))
            case _:
                raise Unsupported(name)
    return BuildOptions(epoch=None if epoch is None else int(epoch), limits=limits, **values)


def resources(options: Mapping[str, str]) -> Resources:
    """What the processes of a recorded case may use."""
    known = {field.name.replace("_", "-") for field in fields(Resources)}
    texts = {name.replace("-", "_"): value for name, value in options.items() if name in known}
    return Resources(**{name: value if "cpuset" in name else int(value) for name, value in texts.items()})  # type: ignore[arg-type]


def attempt(function: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `function` gives; or that the build failed, needs what is not there, or broke."""
    try:
        return function()
    except DockerlangError:
        return {"ok": False}
    except Unsupported as missing:
        return {"unsupported": str(missing)}
    except Exception as error:
        # A bug of ours is a failing case, not the end of the run.
        return {"broken": f"{type(error).__name__}: {error}"}


def _add_base(store: Store, layer: bytes) -> Digest:
    config = image_config(layer)
    inner, history = config["config"], config["history"]
    assert isinstance(inner, dict)
    assert isinstance(history, list)
    recorded = {
        **config,
        "config": {**inner, "ArgsEscaped": True},
        "history": [{"created": BASE_CREATED, **entry} for entry in history],
    }
    with store.operation("base") as operation:
        with operation.new_layer() as sink:
            sink.write(layer)
            base = sink.commit()
        image = operation.add_image(json.dumps(recorded).encode())
        operation.tag(parse_reference("busybox").with_default_tag(), image)
    return base.diff_id
