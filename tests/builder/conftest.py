"""A store with a busybox base, and one call that builds a Dockerfile in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dockerlang.builder.build import BuildRequest, BuildResult, build
from dockerlang.builder.contexts.opening import read_ignore_file
from dockerlang.builder.contexts.protocol import BuildContext
from dockerlang.builder.events import Event, Listener, StepFinished
from dockerlang.builder.lower.options import BuildOptions
from dockerlang.linter.buildkit import all_checks
from dockerlang.oci.reference import parse_reference
from dockerlang.oci.tar import Entry, read_entries
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.store.store import Store
from dockerlang.text import Source
from tests.builder.repositories import Repositories
from tests.builder.web import Web, serving
from tests.busybox import add_busybox


@dataclass
class Builder:
    """Builds in one store; `events` are those of the last build."""

    store: Store
    runtime: NamespaceRuntime
    context: Path
    events: list[Event] = field(default_factory=list)

    def __call__(
        self,
        dockerfile: str,
        *,
        tag: str = "",
        secrets: Mapping[str, bytes] | None = None,
        context: Path | BuildContext | None = None,
        listener: Listener | None = None,
        **options: object,
    ) -> BuildResult:
        self.events.clear()
        request = BuildRequest(
            source=Source("Dockerfile", dockerfile),
            context=context or self.context,
            ignore=read_ignore_file(self.context, self.context / "Dockerfile"),
            options=BuildOptions(**options),  # type: ignore[arg-type]
            now=time.time_ns(),
            tags=(parse_reference(tag).with_default_tag(),) if tag else (),
            secrets=secrets or {},
            checks=all_checks,
        )
        return build(request, self.store, self.runtime, listener or self.events.append)

    def write(self, path: str, content: str = "", mode: int = 0o644) -> Path:
        """Put a file into the context."""
        file = self.context / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(mode)
        return file

    def layer(self, result: BuildResult, number: int = -1) -> dict[str, tuple[Entry, bytes]]:
        """The entries of one layer with their data, by path."""
        with self.store.open_layer(result.image.diff_ids[number]) as stream:
            return {entry.path.decode(): (entry, data.read()) for entry, data, _ in read_entries(stream)}

    @property
    def cached(self) -> list[bool]:
        """For each step of the last build whether it came from the cache."""
        return [event.is_cached for event in self.events if isinstance(event, StepFinished)]


@pytest.fixture(scope="session")
def runtime() -> Iterator[NamespaceRuntime]:
    with NamespaceRuntime() as runtime:
        yield runtime


@pytest.fixture
def builder(tmp_path: Path, runtime: NamespaceRuntime, monkeypatch: pytest.MonkeyPatch) -> Callable[..., BuildResult]:
    monkeypatch.setenv("DOCKERLANG_NO_SYNC", "1")
    store = Store.open(tmp_path / "store")
    add_busybox(store)
    (tmp_path / "context").mkdir()
    return Builder(store, runtime, tmp_path / "context")


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server of the test's own."""
    with serving() as web:
        yield web


@pytest.fixture
def repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repositories:
    """Git repositories of the test's own."""
    return Repositories(tmp_path / "git", monkeypatch)
