"""Long files: what lowering does for an instruction must not grow with what stands before it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from dockerlang.builder.lower.options import BuildOptions
from dockerlang.builder.lower.plan import lower
from dockerlang.oci.platform import Platform
from dockerlang.syntax import parse
from dockerlang.text import Source
from tests.conformance.stub_images import StubImages

KINDS = {
    "ENV": "ENV V{n}=$V{before}",
    "ARG": "ARG V{n}=$V{before}",
    "LABEL": "LABEL l{n}=x",
    "EXPOSE": "EXPOSE {n}",
    "VOLUME": "VOLUME /v{n}",
    "ONBUILD": "ONBUILD RUN echo {n}",
    "COPY": "COPY f{n} /",
    "RUN": "RUN echo {n}",
}


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, those of the interpreter itself included."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("kind", KINDS)
def test_twice_as_many_instructions_are_twice_the_work(kind: str) -> None:
    def work(length: int, first: int) -> int:
        # Each time other lines: words that were read before are known.
        lines = (KINDS[kind].format(n=number + 1, before=number) for number in range(first, first + length))
        document = parse(Source("Dockerfile", "FROM scratch\n" + "\n".join(lines)))
        options = BuildOptions(platform=Platform("linux", "amd64"))
        return calls(lambda: lower(document, options, StubImages()))

    work(10, 1000)  # whatever is made once is made now
    assert work(400, 2000) < 2.2 * work(200, 3000)


def test_the_images_of_steps_share_what_they_have_in_common() -> None:
    lines = "\n".join(f"ENV V{number}=x" for number in range(50))
    options = BuildOptions(platform=Platform("linux", "amd64"))
    plan = lower(parse(Source("Dockerfile", f"FROM scratch\n{lines}\n")), options, StubImages())
    assert [len(step.image.history) for step in plan.target.steps] == list(range(1, 51))
    assert [len(step.image.config.env) for step in plan.target.steps] == list(range(2, 52))
    assert plan.target.image == plan.target.steps[-1].image
