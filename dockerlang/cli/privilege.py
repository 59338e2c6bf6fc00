"""Entering our user namespace where a command would otherwise not be allowed what it is about to do."""

from __future__ import annotations

import os

from dockerlang.store.store import Store


def enter_to_remove_trees(store: Store) -> None:
    """Become the root of our user namespace if layers or cache mounts may go, whose files belong to other users of it.

    Does nothing for root, and where there are none. To be called before any thread starts. Raises `RuntimeFailure`
    where user namespaces are forbidden.
    """
    if os.geteuid() != 0 and (store.has_trees or (store.root / "caches").is_dir()):
        from dockerlang.runtime import rootless

        rootless.enter()


def enter_for_containers() -> None:
    """Become the root of our user namespace: what a container wrote belongs to users of it.

    Does nothing for root. To be called before any thread starts. Raises `RuntimeFailure` where that is forbidden.
    """
    if os.geteuid() != 0:
        from dockerlang.runtime import rootless

        rootless.enter()
