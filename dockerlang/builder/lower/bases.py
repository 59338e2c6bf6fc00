"""What FROM and `--from` name: a stage, a named context, scratch, or an image for a platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dockerlang.builder.failure import BuildFailure, context_failure
from dockerlang.builder.graph import ImageSource, Vertex
from dockerlang.builder.lower.expansion import Expander
from dockerlang.builder.lower.options import BaseImage, BaseImages, BuildOptions
from dockerlang.errors import DockerlangError, InputError, NotFoundError
from dockerlang.oci.platform import Platform, parse_platform
from dockerlang.records import record
from dockerlang.semantics.stages import Stage, Stages
from dockerlang.syntax import nodes
from dockerlang.text import Span, nearest

# Most builds name no context.
if TYPE_CHECKING:
    from dockerlang.builder.contexts.named import NamedContext


@record
class Base:
    """What a name means once it is expanded; `context` is the named context, with the name that it has."""

    name: str
    stage: Stage | None
    platform: Platform
    context: tuple[str, NamedContext] | None = None

    @property
    def image(self) -> str:
        """The name of the image, which may be that of a context; empty where the base is none."""
        if self.stage is not None:
            return ""
        if self.context is None:
            return "" if self.name == "scratch" else self.name
        from dockerlang.builder.contexts.named import ImageContext

        context = self.context[1]
        return context.reference if isinstance(context, ImageContext) and not context.is_empty else ""


class Bases:
    """The bases of one Dockerfile, and the images that they are."""

    def __init__(self, options: BuildOptions, images: BaseImages, stages: Stages, expander: Expander) -> None:
        self._options = options
        self._images = images
        self._stages = stages
        self._expander = expander
        self._found: dict[tuple[str, Platform], BaseImage] = {}
        self.replaced = self._replaced_stages()
        """The stages, by number, for which a named context stands with all that is in them."""

    def _replaced_stages(self) -> dict[int, tuple[str, NamedContext]]:
        platform = self._options.platform
        found = ((stage.index, self._context(stage.name, platform)) for stage in self._stages if stage.name)
        return {index: context for index, context in found if context is not None}

    def of(self, stage: Stage, environment: Mapping[str, str]) -> Base:
        """The base of a stage. Raises `BuildFailure`."""
        from_ = stage.instruction
        assert from_.image is not None
        name = self._expander.word(from_.image, environment)
        if stage.index in self.replaced:
            return Base(name, None, self._platform_of(from_, environment), self.replaced[stage.index])
        if not name:
            message = f"the base image `{from_.image.text}` is blank once it is expanded"
            raise self._expander.failure("blank-base", from_.image.span, message, "give the ARG a default before FROM")
        platform = self._platform_of(from_, environment)
        below = self._stages.base_of(stage, name)
        context = self._context(name, platform) if below is None and name != "scratch" else None
        return Base(name, below, platform, context)

    def named(self, reference: str) -> Base:
        """What `--from` names where it is no stage."""
        platform = self._options.platform
        return Base(reference, None, platform, self._context(reference, platform))

    def image(self, base: Base, span: Span) -> BaseImage:
        """The image that a base is, looked for once. Raises `BuildFailure` at `span` where there is none."""
        key = (base.image, base.platform)
        if key not in self._found:
            try:
                self._found[key] = self._images.find(*key)
            except (NotFoundError, InputError) as error:
                known = [*(stage.name for stage in self._stages if stage.name), *self._options.contexts]
                if base.context is not None:
                    raise self._context_failure(base.context[0], base.image, error, span) from None
                near = nearest(base.image, known)
                hint = f"did you mean `{near}`? Else {error.hint}" if near and near != base.image else error.hint
                hint = self._other_platforms(base) or hint
                raise self._expander.failure("no-image", span, str(error), hint) from None
        return self._found[key]

    def _other_platforms(self, base: Base) -> str:
        """Of a context that is there for other platforms: that it is."""
        keys = (key.partition("::") for key in self._options.contexts)
        others = [platform for name, separator, platform in keys if separator and name == base.name]
        if not others:
            return ""
        return f"the build context `{base.name}` is for {', '.join(others)}, and this build for {base.platform}"

    def _context_failure(self, key: str, image: str, error: DockerlangError, span: Span) -> BuildFailure:
        value = image if image.startswith("oci-layout://") else f"docker-image://{image}"
        return context_failure(self._expander.source, self._expander.place(span), key, value, error)

    def source(self, base: Base, span: Span) -> Vertex:
        """The files of the image that a base is."""
        image = self.image(base, span)
        return Vertex(ImageSource(base.image, image.id, image.config.diff_ids), (), f"FROM {base.name}")

    def _context(self, name: str, platform: Platform) -> tuple[str, NamedContext] | None:
        if not self._options.contexts:
            return None
        from dockerlang.builder.contexts.named import find_named_context

        return find_named_context(self._options.contexts, name, platform)

    def _platform_of(self, from_: nodes.From, environment: Mapping[str, str]) -> Platform:
        flag = from_.flag("platform")
        if flag is None or flag.value is None:
            return self._options.platform
        text = self._expander.word(flag.value, environment)
        if not flag.value.text:
            return self._options.platform
        if not text:
            message = f"the platform `{flag.value.text}` is empty once it is expanded"
            raise self._expander.failure("empty-platform", flag.span, message)
        try:
            return parse_platform(text)
        except InputError as error:
            raise self._expander.failure("bad-platform", flag.span, str(error)) from None
