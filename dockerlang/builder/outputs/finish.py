"""From solved graphs to what was asked for: an image a platform, squashed if wanted, delivered to every output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dockerlang.builder.export import export_target
from dockerlang.builder.lower.plan import Plan
from dockerlang.builder.outputs.built import BuiltImage
from dockerlang.builder.outputs.deliver import Push, deliver
from dockerlang.builder.outputs.output import Output, OutputKind
from dockerlang.builder.solver import Solved
from dockerlang.oci.descriptor import Descriptor
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import Reference
from dockerlang.records import record
from dockerlang.store.operation import Operation
from dockerlang.store.records import StoredImage


@record
class Wishes:
    """What the caller of the build asked for; `now` is in nanoseconds since 1970."""

    now: int
    tags: tuple[Reference, ...]
    outputs: tuple[Output, ...]
    push: Push | None
    is_squashed: bool
    is_index: bool


def finish(
    plans: Iterable[tuple[Plan, Platform]], solved: Mapping[str, Solved], operation: Operation, wishes: Wishes
) -> tuple[StoredImage, Descriptor | None]:
    """The image for this machine, and the document that others know it by, if an output makes one."""
    built = []
    for plan, platform in plans:
        image = export_target(plan.target, solved, operation, wishes.now, plan.epoch, is_step=True)
        made = BuiltImage(
            platform,
            image,
            base_layers=len(plan.target.frame.diff_ids),
            base_history=plan.target.base_history,
            base=plan.target.base_image,
            epoch=plan.epoch,
        )
        if wishes.is_squashed:
            from dockerlang.builder.outputs.squash import squashed

            made = squashed(operation, made)
        built.append(made)
    outputs = wishes.outputs or (Output(OutputKind.IMAGE),)
    delivery = deliver(operation, built, outputs, wishes.tags, wishes.push, is_index=wishes.is_index)
    return delivery.image, delivery.document
