"""What a click in a Dockerfile can open: pages of images, URLs of ADD, files of the context, pages of rules."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.errors import InputError
from dockerlang.ide.silenced_rules import silenced_rules
from dockerlang.oci.reference import parse_reference
from dockerlang.records import record
from dockerlang.semantics.gomatch import has_wildcard
from dockerlang.semantics.stages import StageOrder, UnknownStage, stage_uses
from dockerlang.semantics.static_scopes import static_scopes
from dockerlang.syntax import nodes
from dockerlang.text import Span


@record
class Link:
    """`span` leads to `url`, or to the file `path` of the build context; one of the two is empty."""

    span: Span
    url: str = ""
    path: str = ""


def links(document: nodes.Document) -> tuple[Link, ...]:
    """All links, in the order of the file."""
    rules = (Link(rule.span, rule.url) for rule in silenced_rules(document) if rule.url)
    found = [*_images(document), *_sources(document), *rules]
    return tuple(sorted(found, key=lambda link: link.span))


def image_page(image: str) -> str:
    """The page of an image in its registry; empty where `image` is no reference."""
    try:
        reference = parse_reference(image)
    except (InputError, ValueError):
        return ""
    match reference.domain:
        case "docker.io" if reference.path.startswith("library/"):
            return f"https://hub.docker.com/_/{reference.path.removeprefix('library/')}"
        case "docker.io":
            return f"https://hub.docker.com/r/{reference.path}"
        case "quay.io":
            return f"https://quay.io/repository/{reference.path}"
        case domain:
            return f"https://{domain}/{reference.path}"


def _images(document: nodes.Document) -> Iterator[Link]:
    for directive in document.directives:
        if directive.name == "syntax":
            yield from _page(directive.value.span, directive.value.text)
    scopes = static_scopes(document)
    for stage in scopes.stages:
        image = scopes.image_of(stage)
        if stage.instruction.image is not None and image and image != "scratch" and scopes.base_of(stage) is None:
            yield from _page(stage.instruction.image.span, image)
        for use in stage_uses(stage):
            try:
                find = scopes.stages.source_of if use.may_be_index else scopes.stages.mount_source_of
                is_image = find(use.name, stage) is None
            except (StageOrder, UnknownStage):
                continue
            if is_image and "$" not in use.name:
                yield from _page(use.span, use.name)


def _page(span: Span, image: str) -> Iterator[Link]:
    url = image_page(image)
    if url:
        yield Link(span, url)


def _sources(document: nodes.Document) -> Iterator[Link]:
    for instruction in document.instructions:
        if not isinstance(instruction, nodes.Transfer) or instruction.flag("from") is not None:
            continue
        for source in instruction.sources:
            if not isinstance(source, nodes.Word) or not source.is_plain or source.text in ("", ".", "/"):
                continue
            if source.text.startswith(("http://", "https://")):
                yield Link(source.span, source.text)
            elif "://" not in source.text and not has_wildcard(source.text):
                yield Link(source.span, path=source.text.lstrip("/"))
