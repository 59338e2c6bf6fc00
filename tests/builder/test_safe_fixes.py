"""Safe fixes keep what is built: the page's bad example and what the linter makes of it lower to the same plan."""

from __future__ import annotations

import pytest

from dockerlang.builder.lower.options import BaseImage, BuildOptions
from dockerlang.builder.lower.plan import lower
from dockerlang.diagnostics import Safety
from dockerlang.linter import Catalog, fix_text
from dockerlang.oci.config import ImageConfig
from dockerlang.oci.digest import Digest
from dockerlang.oci.platform import Platform
from dockerlang.syntax import parse
from tests.linter.rule_pages import read_page
from tests.linter.test_rule_pages import linter_of

# The steps are other ones that give the same files: COPY for ADD, and a progress bar less.
_OTHER_STEPS = frozenset({"DL3020", "DL3047"})
_RULES = [pytest.param(rule, id=rule.code) for rule in Catalog.load().rules if rule.has_fix]


class _AnyImage:
    def find(self, reference: str, platform: Platform) -> BaseImage:
        config = ImageConfig(architecture=platform.architecture, os=platform.os, variant=platform.variant)
        return BaseImage(Digest("sha256", "0" * 64), config)


@pytest.mark.parametrize("rule", _RULES)
def test_a_safe_fix_keeps_the_plan(rule: object) -> None:
    page = read_page(rule.page)  # type: ignore[attr-defined]
    run = linter_of(rule, page["Bad"])  # type: ignore[arg-type]
    for text in page["Bad"].dockerfiles:
        fixed = fix_text(text, run, allow=frozenset({Safety.SAFE})).text
        if fixed == text:
            continue
        before, after = (lower(parse(each), BuildOptions(), _AnyImage()) for each in (text, fixed))
        for name in ("settings", "environment", "labels", "ports", "volumes", "shell", "working_directory"):
            assert repr(getattr(before.target, name)) == repr(getattr(after.target, name)), name
        if rule.code not in _OTHER_STEPS:  # type: ignore[attr-defined]
            assert before.vertex.digest == after.vertex.digest
