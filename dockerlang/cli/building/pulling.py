"""Base images that are not in the store: pulled, and told to the build as a step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dockerlang.builder.pulling import PullProgress
    from dockerlang.images.progress import LayerEvent
    from dockerlang.oci.platform import Platform
    from dockerlang.oci.reference import Reference
    from dockerlang.store.store import Store


def pull_for_build(
    store: Store, reference: Reference, platform: Platform, tell: Callable[[PullProgress], None]
) -> None:
    """Pull an image into a store."""
    from dockerlang.builder.pulling import PullProgress
    from dockerlang.cli.pulling import pull_watched

    pulled = pull_watched(store, reference, platform, _Layers(tell).listen)
    tell(PullProgress(f"Digest: {pulled.digest}"))


class _Layers:
    """Adds up what has come of each layer; used from many threads."""

    def __init__(self, tell: Callable[[PullProgress], None]) -> None:
        self._tell = tell
        self._done: dict[str, int] = {}
        self._total: dict[str, int] = {}
        self._lock = threading.Lock()

    def listen(self, event: LayerEvent) -> None:
        """Take one event."""
        from dockerlang.builder.pulling import PullProgress

        with self._lock:
            if event.is_moving:
                self._done[event.layer] = event.done
                self._total[event.layer] = event.total
                self._tell(PullProgress(done=sum(self._done.values()), total=sum(self._total.values())))
            else:
                self._tell(PullProgress(f"{event.layer}: {event.text}"))
