"""The live display: what it paints, read through a terminal that does no more than such a display needs."""

from __future__ import annotations

import io
import os
import re

from hypothesis import given
from hypothesis import strategies as st

from dockerlang.builder.events import (
    StepFailed,
    StepFinished,
    StepOutput,
    StepProgress,
    StepsPlanned,
    StepStarted,
    StepWaiting,
)
from dockerlang.builder.graph import MakeDirectory, Vertex
from dockerlang.cli.output.columns import fitted, plain_text, text_width
from dockerlang.cli.output.live_progress import LiveDisplay


class Terminal:
    """A display on a terminal whose width may change; `screen` is what one sees."""

    def __init__(self, columns: int = 60) -> None:
        self.columns = columns
        self.stream = io.StringIO()
        self.display = LiveDisplay(self.stream, lambda: os.terminal_size((self.columns, 24)), has_color=False)

    @property
    def screen(self) -> list[str]:
        lines: list[str] = []
        row = 0
        for token in re.findall(r"\x1b\[[?0-9]*[A-Za-z]|\n|\r|[^\x1b\n\r]+", self.stream.getvalue()):
            if token == "\n":
                row += 1
            elif token.endswith("A") and token.startswith("\x1b"):
                row -= int(token[2:-1])
            elif token == "\x1b[J":
                del lines[row:]
            elif not token.startswith(("\x1b", "\r")):
                lines += [""] * (row + 1 - len(lines))
                lines[row] = token
        return lines


def step(name: str) -> Vertex:
    return Vertex(MakeDirectory(name), name=name)


def test_a_running_step_shows_its_last_line_and_collapses_when_it_is_done() -> None:
    terminal = Terminal()
    make = step("[2/3] RUN make")
    terminal.display.listen(StepStarted(make))
    terminal.display.listen(StepOutput(make, b"compiling a\ncompiling b\n"))
    terminal.display.paint()
    name, output, total = terminal.screen
    assert "[2/3] RUN make" in name
    assert output.strip() == "compiling b"
    assert "1 running" in total
    terminal.display.listen(StepFinished(make, False, 1.25, 3_000_000))
    terminal.display.paint()
    (line,) = terminal.screen
    assert line.split() == ["✓", "[2/3]", "RUN", "make", "3MB", "1.2s"]


def test_the_total_counts_what_came_before_the_plan_and_what_is_still_to_come() -> None:
    terminal = Terminal()
    pull, copy = step("FROM big"), step("[2/4] COPY . .")
    terminal.display.listen(StepStarted(pull))
    terminal.display.listen(StepProgress(pull, 1_500_000, 3_000_000))
    terminal.display.paint()
    assert terminal.screen[1].strip() == "1.5MB of 3MB"
    assert "0 done" in terminal.screen[-1]
    terminal.display.listen(StepFinished(pull, False, 1, 3_000_000))
    terminal.display.listen(StepsPlanned(3))
    terminal.display.listen(StepStarted(step("[1/4] WORKDIR /a")))
    terminal.display.listen(StepFinished(step("[1/4] WORKDIR /a"), True, 0, 0))
    terminal.display.listen(StepStarted(copy))
    terminal.display.paint()
    assert "2/4 done, 1 cached, 1 running, 3MB new" in terminal.screen[-1]


def test_a_step_without_a_size_has_its_room_for_the_name() -> None:
    terminal = Terminal(60)
    name = "[1/1] RUN " + "x" * 38
    for vertex, size in ((step(name), 0), (step(name + " "), 5_000_000)):
        terminal.display.listen(StepStarted(vertex))
        terminal.display.listen(StepFinished(vertex, False, 1, size))
    terminal.display.paint()
    assert name in terminal.screen[0]
    assert "…" in terminal.screen[1]
    assert "5MB" in terminal.screen[1]


def test_what_has_ended_stays_above_what_runs() -> None:
    terminal = Terminal()
    first, second, third = step("first"), step("second"), step("third")
    for vertex in (first, second, third):
        terminal.display.listen(StepStarted(vertex))
    terminal.display.paint()
    terminal.display.listen(StepFinished(second, True, 0, 0))
    terminal.display.listen(StepFailed(third, 1, "no"))
    terminal.display.paint()
    assert [line.split()[:2] for line in terminal.screen[:2]] == [["✓", "second"], ["✗", "third"]]
    assert "cached" in terminal.screen[0]
    assert "first" in terminal.screen[2]


def test_a_step_that_waits_for_another_build_says_so() -> None:
    terminal = Terminal()
    terminal.display.listen(StepStarted(step("first")))
    terminal.display.listen(StepWaiting(step("first")))
    terminal.display.paint()
    assert "waits for another build" in terminal.screen[1]


def test_a_narrower_terminal_has_wrapped_what_is_painted_over() -> None:
    terminal = Terminal(100)
    terminal.display.listen(StepStarted(step("[2/3] RUN " + "x" * 200)))
    terminal.display.paint()
    terminal.columns = 50
    before = terminal.stream.tell()
    terminal.display.paint()
    # The name's line takes two rows now, the short one below it still one.
    assert "\x1b[3A" in terminal.stream.getvalue()[before:]


@given(st.text(max_size=80), st.binary(max_size=80), st.integers(20, 130))
def test_no_line_reaches_the_edge_and_nothing_steers_the_terminal(name: str, output: bytes, columns: int) -> None:
    terminal = Terminal(columns)
    vertex = step("s")
    object.__setattr__(vertex, "name", name)
    terminal.display.listen(StepStarted(vertex))
    terminal.display.listen(StepOutput(vertex, output))
    terminal.display.paint()
    for line in terminal.screen:
        assert text_width(line) < columns
        assert plain_text(line) == line


@given(st.text(max_size=40), st.integers(1, 40))
def test_fitted_text_fits(text: str, width: int) -> None:
    shown = fitted(plain_text(text), width)
    assert text_width(shown) <= width
