"""Whether a Dockerfile can be built at all, as far as that can be known without images, context or build arguments."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.builder.failure import BuildFailure
from dockerlang.builder.lower.options import BaseImage, BuildOptions
from dockerlang.builder.lower.plan import lower
from dockerlang.diagnostics import Diagnostic
from dockerlang.oci.config import ImageConfig
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.semantics.predefined import is_automatic
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
    found.extend(suspicions(document))
    return tuple(sorted(found, key=lambda diagnostic: diagnostic.span.start))


def _mistakes(document: nodes.Document) -> Iterator[Diagnostic]:
    stages = split_stages(document)
    names = [stage.name for stage in stages if stage.name]
    for target in dict.fromkeys([*names, ""]):
        try:
            lower(document, BuildOptions(target=target, build_args=_given(document)), _AnyImage())
        except BuildFailure as failure:
            yield from (found for found in failure.diagnostics if _is_certain(document, found))


def _given(document: nodes.Document) -> dict[str, str]:
    """A value for each ARG that has no default, since somebody may give one: a number is well nearly everywhere."""
    declarations = [found for argument in document.all_of(nodes.Arg) for found in argument.declarations]
    return {found.name.text: "1" for found in declarations if found.value is None and not is_automatic(found.name.text)}


def _is_certain(document: nodes.Document, diagnostic: Diagnostic) -> bool:
    """What a variable of the base image, or the value of an argument, may still put right is no mistake."""
    if diagnostic.code in ("bad-platform", "empty-platform"):
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
    """Whatever FROM names is there."""

    def find(self, reference: str, platform: Platform) -> BaseImage:
        """An image of which nothing is known."""
        del reference
        config = ImageConfig(architecture=platform.architecture, os=platform.os, variant=platform.variant)
        return BaseImage(Digest("sha256", "0" * 64), config)
