"""Names that are taken for images although a stage was most likely meant, and platforms that nobody has.

These are warnings: an image of that name, or for that platform, may exist.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Diagnostic, Label, Severity
from dockerlang.semantics.stages import Stage, Stages, split_stages, stage_uses
from dockerlang.syntax import nodes
from dockerlang.text import Span, nearest

_SYSTEMS = (
    "linux",
    "windows",
    "darwin",
    "macos",
    "freebsd",
    "netbsd",
    "openbsd",
    "solaris",
    "wasi",
    "wasip1",
    "js",
    "local",
)
_ARCHITECTURES = (
    "amd64", "arm64", "arm", "386", "ppc64le", "ppc64", "s390x", "riscv64", "mips64le", "mips64", "mipsle", "mips",
    "loong64", "wasm", "x86_64", "x86-64", "aarch64", "armhf", "armel", "i386",
)  # fmt: skip
# How like a stage a name must be to be taken for it misspelt; names of images are often like those of stages.
_LIKE_ENOUGH = 0.8


def stage_suspicions(document: nodes.Document) -> tuple[Diagnostic, ...]:
    """All of them, in the order of their places."""
    stages = split_stages(document)
    images = {
        stage.instruction.image.repository or stage.instruction.image.text
        for stage in stages
        if stage.instruction.image is not None
    }
    names = {stage.name for stage in stages if stage.name}
    found: list[Diagnostic] = []
    for stage in stages:
        found.extend(_platform(stage.instruction))
        image = stage.instruction.image
        if image is not None and _may_be_stage(image.text) and image.text != stage.name:
            later = _later(stages, stage, image.text)
            if later is not None:
                found.append(later)
        for use in stage_uses(stage):
            if use.name.lower() in names or not _may_be_stage(use.name) or use.name in images:
                continue
            near = nearest(use.name.lower(), names, cutoff=_LIKE_ENOUGH)
            if near and not _is_version_of(near, use.name):
                found.append(_misspelt(use.name, near, use.span, stages))
    return tuple(sorted(found, key=lambda diagnostic: diagnostic.span.start))


def _may_be_stage(name: str) -> bool:
    return bool(name) and name != "scratch" and not name.isdigit() and not set(name) & set("/:@$\"'\\")


def _is_version_of(stage: str, image: str) -> bool:
    """`python3` or `node-18` beside `python` and `node`, which are names of images."""
    rest = stage.removeprefix(image.lower())
    return rest != stage and not any(map(str.isalpha, rest))


def _later(stages: Stages, stage: Stage, name: str) -> Diagnostic | None:
    """FROM finds stages above it, by their exact name."""
    if stages.base_of(stage, name) is not None:
        return None
    assert stage.instruction.image is not None
    span = stage.instruction.image.span
    later = next((other for other in stages.stages[stage.index + 1 :] if other.name == name), None)
    if later is not None:
        base = later.instruction.image
        if base is not None and (base.repository or base.text).rpartition("/")[2] == name:
            return None  # `FROM alpine AS alpine`: here the image is meant
        message = f"`{name}` is a stage further down, so that here it means an image"
        place = later.instruction.stage
        labels = (Label(place.span, "this stage"),) if place is not None else ()
        return _warning("later-stage", span, message, "move that stage up", labels)
    earlier = {other.name for other in stages.stages[: stage.index] if other.name}
    near = nearest(name.lower(), earlier, cutoff=_LIKE_ENOUGH)
    images = {
        other.instruction.image.repository
        for other in stages.stages
        if other is not stage and other.instruction.image is not None
    }
    if not near or name in images or _is_version_of(near, name):
        return None
    return _misspelt(name, near, span, stages)


def _misspelt(name: str, near: str, span: Span, stages: Stages) -> Diagnostic:
    stage = stages.named(near)
    place = stage.instruction.stage if stage is not None else None
    labels = (Label(place.span, "this stage"),) if place is not None else ()
    message = f"there is no stage `{name}`, so that it means an image"
    return _warning("misspelt-stage", span, message, f"did you mean `{near}`?", labels)


def _platform(instruction: nodes.From) -> Iterator[Diagnostic]:
    flag = instruction.flag("platform")
    if flag is None or flag.value is None or "$" in flag.value.text or "/" not in flag.value.text:
        return
    system, architecture = flag.value.text.lower().split("/")[:2]
    system = system.partition("(")[0]
    for part, known, what in ((system, _SYSTEMS, "operating system"), (architecture, _ARCHITECTURES, "architecture")):
        if part and part not in known:
            near = nearest(part, known)
            help_text = f"did you mean `{near}`?" if near else f"there are {', '.join(known[:6])}"
            yield _warning("unknown-platform", flag.value.span, f"there is no {what} `{part}`", help_text)


def _warning(code: str, span: Span, message: str, help: str, labels: tuple[Label, ...] = ()) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, span, message, help=help, labels=labels)
