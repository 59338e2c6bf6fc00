"""What `system check --repair` does."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.cli.privilege import enter_to_remove_trees
from dockerlang.store.check import DATABASE, LostImage, Report, lost_images, repair_store
from dockerlang.store.operation import Operation
from dockerlang.store.store import Store


def repair_lines(store: Store, report: Report, *, full: bool) -> Iterator[str]:
    """Put right what a check has found; what is done, line by line."""
    enter_to_remove_trees(store)
    if any(problem.subject == DATABASE for problem in report.problems):
        from dockerlang.store.rescue import rescue_store

        yield from rescue_store(store.root)
        return
    with store.operation("check", frees_space=True) as operation:
        yield from _fetched(operation, lost_images(operation, full=full))
        yield from repair_store(operation, full=full)


def _fetched(operation: Operation, lost: list[LostImage]) -> Iterator[str]:
    from_registries = [image for image in lost if image.sources]
    if not from_registries:
        return
    from dockerlang.cli.registries import open_registries
    from dockerlang.images.restoring import fetch_again

    with open_registries() as registries:
        for image in from_registries:
            yield fetch_again(operation, registries, image)
