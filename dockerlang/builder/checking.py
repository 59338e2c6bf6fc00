"""Whether a Dockerfile can be built at all, as far as that can be known without images, context or build arguments."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.builder.failure import BuildFailure
from dockerlang.builder.lower.options import BaseImage, BuildOptions
from dockerlang.builder.lower.plan import lower
from dockerlang.diagnostics import Diagnostic, Severity
from dockerlang.oci.config import ImageConfig
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.oci.reference import InvalidReferenceError, parse_reference
from dockerlang.records import replace
from dockerlang.semantics.predefined import is_automatic
from dockerlang.semantics.stage_suspicions import stage_suspicions
from dockerlang.semantics.stages import split_stages
from dockerlang.syntax import nodes, problems
from dockerlang.syntax.suspicions import suspicions
from dockerlang.syntax.walk import walk
from dockerlang.text import Span


def check(document: nodes.Document) -> tuple[Diagnostic, ...]:
    """Mistakes of syntax and of meaning, and what only looks right; sorted by place. No opinions.

    Of each stage the first mistake of meaning is found. A base image is taken to set nothing but PATH, and what only a
    build argument could decide is taken to be well.
    """
    found = [*problems(document)]
    if not found:
        found.extend(dict.fromkeys(_mistakes(document)))
    doubts = (*suspicions(document), *stage_suspicions(document))
    found = _without_twins(document, found, doubts)
    return tuple(sorted(found, key=lambda diagnostic: diagnostic.span.start))


def _without_twins(
    document: nodes.Document, found: list[Diagnostic], doubts: tuple[Diagnostic, ...]
) -> list[Diagnostic]:
    """Both, but what says why a word cannot be read only once: the array that was meant says more than its quote."""
    arrays = [doubt for doubt in doubts if doubt.code == "almost-array"]
    if not arrays:
        return [*found, *doubts]
    failed: set[Diagnostic] = set()
    kept = []
    for mistake in found:
        twins = [doubt for doubt in arrays if mistake.code == "bad-expansion" and _is_beside(document, doubt, mistake)]
        failed.update(twins)
        if not twins:
            kept.append(mistake)
    graver = (replace(doubt, severity=Severity.ERROR) if doubt in failed else doubt for doubt in doubts)
    return [*kept, *graver]


def _is_beside(document: nodes.Document, one: Diagnostic, other: Diagnostic) -> bool:
    """Whether both are about the same instruction."""
    return any(
        instruction.span.start <= one.span.start < instruction.span.end
        and instruction.span.start <= other.span.start < instruction.span.end
        for instruction in document.instructions
    )


def _mistakes(document: nodes.Document) -> Iterator[Diagnostic]:
    stages = split_stages(document)
    names = [stage.name for stage in reversed(stages.stages) if stage.name]
    done: set[str] = set()
    for target in dict.fromkeys(["", *names]):
        if target in done:
            continue  # with a stage that needs it
        try:
            plan = lower(document, BuildOptions(target=target, build_args=_given(document)), _AnyImage())
            done.update(state.name for state in plan.stages)
        except BuildFailure as failure:
            yield from (found for found in failure.diagnostics if _is_certain(document, found))


def _given(document: nodes.Document) -> dict[str, str]:
    """A value for each ARG that has no default, since somebody may give one: a number is well nearly everywhere."""
    declarations = [found for argument in document.all_of(nodes.Arg) for found in argument.declarations]
    return {found.name.text: "1" for found in declarations if found.value is None and not is_automatic(found.name.text)}


def _is_certain(document: nodes.Document, diagnostic: Diagnostic) -> bool:
    """What a variable of the base image, or the value of an argument, may still put right is no mistake."""
    if diagnostic.code in ("bad-platform", "empty-platform", "no-image"):
        return "$" not in document.source.slice(diagnostic.span)
    if diagnostic.code == "unsupported":
        return False
    if diagnostic.code != "bad-expansion":
        return True
    return any(
        isinstance(node, nodes.Malformed) and node.span.overlaps(diagnostic.span)
        for instruction in document.instructions
        if instruction.span.overlaps(Span(diagnostic.span.start, diagnostic.span.end + 1))
        for node in walk(instruction)
    )


class _AnyImage:
    """Whatever FROM names is there, if it can be a name at all."""

    def find(self, reference: str, platform: Platform) -> BaseImage:
        """An image of which nothing is known. Raises `InvalidReferenceError` for what no registry could have."""
        try:
            parse_reference(reference)
        except InvalidReferenceError as error:
            error.hint = _likely_name(reference)
            raise
        config = ImageConfig(architecture=platform.architecture, os=platform.os, variant=platform.variant)
        return BaseImage(Digest("sha256", "0" * 64), config)


def _likely_name(reference: str) -> str:
    """What was meant by a name that cannot be one."""
    scheme, has_scheme, rest = reference.partition("://")
    if has_scheme and scheme.isalnum():
        return f"write the name alone: `{rest.rstrip('/')}`" if rest else "an image has a name, not an address"
    bare = reference.rstrip(":@/")
    if bare != reference and bare:
        return f"write `{bare}`, or add what is missing at its end"
    if reference.partition(":")[0] != reference.partition(":")[0].lower():
        name, colon, tag = reference.partition(":")
        return f"write `{name.lower()}{colon}{tag}`"
    return "a name is [registry/]path[:tag][@digest], such as `alpine:3.20`"
