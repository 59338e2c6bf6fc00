"""An unfinished line, as it stands in an editor: its node has holes, and the rest of the file is as it was."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dockerlang.syntax import nodes, parse, problems, walk
from dockerlang.syntax.dump import Places, text_of
from dockerlang.syntax.suspicions import suspicions
from tests.dockerfiles import dockerfiles


@given(dockerfiles(), st.data())
def test_cutting_a_line_short_leaves_the_others_alone(text: str, data: st.DataObject) -> None:
    """Lines that open a heredoc or go on are left out: what they take with them changes with them.

    So are files in which a heredoc is open already: where it ends is guessed by the lines below.
    """
    document = parse(text)
    assume(not document.has_open_heredoc)
    index = data.draw(st.integers(0, len(document.instructions) - 1))
    instruction = document.instructions[index]
    start, end = instruction.statement.start, instruction.statement.end
    line = text[start:end]
    assume("\n" not in text[instruction.span.start : instruction.span.end].rstrip("\r\n"))
    assume("<<" not in line)
    cut = data.draw(st.integers(1, len(line)))
    assume(not line[:cut].rstrip().endswith(document.escape))
    after = parse(text[: start + cut] + text[end:])
    assert len(after.instructions) == len(document.instructions)
    for number, (one, other) in enumerate(zip(document.instructions, after.instructions, strict=True)):
        assert number == index or walk.equal(one, other)
    problems(after)


@pytest.mark.parametrize(
    "line",
    [
        "COPY --from=", "COPY --from", "COPY --chown", "COPY --", "COPY a", "COPY [", 'COPY ["a', "RUN --mount=",
        "RUN --mount=type=", "RUN --mount=type=bind,fr", "RUN --mount=type=bind,from=", "RUN --network=", "ENV A=",
        'ENV A="', "ENV A='", "ENV A", "ENV A=${", "ENV A=${B", "ENV A=${B:", "ENV A=${B:-", "ENV A=$", "LABEL a=",
        "ARG", "ARG A=", "FROM ", "FROM --platform=", "FROM a AS", "EXPOSE ", "EXPOSE ${", "VOLUME [", "USER $",
        "WORKDIR ${A", "STOPSIGNAL", "SHELL [", 'SHELL ["', "HEALTHCHECK --interval=", "HEALTHCHECK CMD", "ONBUILD ",
        "ONBUILD COPY --from=", "CMD [", 'CMD ["a",', "ENTRYPOINT", "ADD --checksum=", "RUN <<", "RUN <<EO",
        "COPY <<EO",
    ],
)  # fmt: skip
def test_an_unfinished_line_is_a_typed_node(line: str) -> None:
    document = parse(f"FROM before\n{line}\nUSER after\n")
    kind = nodes.INSTRUCTIONS[line.split(maxsplit=1)[0]]
    first, unfinished, last = document.instructions
    assert isinstance(first, nodes.From)
    assert isinstance(unfinished, kind)
    assert isinstance(last, nodes.User)
    assert last.user is not None
    assert last.user.text == "after"


@pytest.mark.parametrize(
    ("line", "hole"),
    [
        ("COPY --from=", 'value ""'),
        ("COPY --from", 'flag name="from"'),
        ("RUN --mount=type=", 'value ""'),
        ("RUN --mount=type=bind,fr", 'option MountOption key="fr"'),
        ("ENV A=", 'value ""'),
        ('ENV A="', "DoubleQuoted"),
        ("ENV A=${", "Variable is_braced"),
        ("ENV A=${B:-", 'Variable name="B" is_braced modifier=":-"'),
        ("FROM --platform=", 'value ""'),
        ("EXPOSE ${", "Variable is_braced"),
        ("RUN <<EO", 'heredoc delimiter="EO"'),
    ],
)
def test_the_node_at_the_cursor_has_the_hole(line: str, hole: str) -> None:
    document = parse(line)
    shown = text_of(document, Places.HIDDEN).splitlines()
    assert shown[-1].strip().startswith(hole), shown
    assert walk.node_at(document, len(line)).span.end == len(line)


@pytest.mark.parametrize(
    ("piece", "count"),
    [
        pytest.param("RUN x\n", 4_000, id="instructions"),
        pytest.param("RNU x\n", 1_000, id="slips of the keyboard"),
        pytest.param("apt-get x\n", 4_000, id="strays"),
        pytest.param("RUN a\n  && b\n", 2_000, id="lines that do not go on"),
        pytest.param("ENV A=b c\n", 2_000, id="words without a sign"),
        pytest.param("RUN <<E\nx\nE\n", 2_000, id="heredocs"),
        pytest.param("RUN <<E\nx\n", 2_000, id="open heredocs"),
        pytest.param("RUN 'a \\\n", 4_000, id="lines that go on"),
        pytest.param("# a\n\\\n", 4_000, id="comments inside of an instruction"),
        pytest.param('CMD ["a", 1]\n', 2_000, id="arrays"),
        pytest.param("ONBUILD ENV A\n", 2_000, id="triggers"),
    ],
)
@pytest.mark.slow
def test_twice_the_mistakes_take_about_twice_the_time(piece: str, count: int) -> None:
    """Three times are allowed, and a good deal of noise; what is quadratic takes four."""

    def seconds(text: str) -> float:
        # The collector goes through all that the tests before have left, when it pleases.
        gc.disable()
        try:
            start = time.process_time()
            document = parse(text)
            problems(document)
            suspicions(document)
            return time.process_time() - start
        finally:
            gc.enable()

    seconds(piece)
    once = min(seconds(piece * count) for _ in range(3))
    twice = min(seconds(piece * count * 2) for _ in range(3))
    assert twice < 3 * once + 0.2
