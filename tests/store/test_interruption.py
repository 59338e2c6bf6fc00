"""Signals that end the program while the store is at work: nothing stays half begun, and nothing waits for itself."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dockerlang.store.interruption import interrupt, uninterrupted

_PROGRAM = """\
import contextlib, os, signal, sys, time
from pathlib import Path
from dockerlang.cli.ending import unwind_on_signals
from dockerlang.store.database import Database

number = int(sys.argv[2])
signal.signal(number, signal.SIG_DFL)  # whoever started the tests may ignore it
unwind_on_signals()
database = Database(Path(sys.argv[1]))
database.create("CREATE TABLE t (x)")

depth = 0

def trace(frame, event, argument):
    # The moment between what a context manager has begun and the block that ends it.
    global depth
    if frame.f_code.co_filename != contextlib.__file__ or frame.f_code.co_name != "__enter__":
        return None
    depth += 1

    def at_return(frame, event, argument):
        global depth
        depth -= event == "return"
        if depth == 0:
            sys.settrace(None)
            os.kill(os.getpid(), number)
        return at_return

    return at_return

try:
    sys.settrace(trace)
    with database.write() as connection:
        sys.settrace(None)
finally:
    begun = time.monotonic()
    with database.write() as connection:
        connection.execute("INSERT INTO t VALUES (1)")
    print(f"{time.monotonic() - begun:.0f}")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_transaction_that_a_signal_meets_at_its_beginning_holds_up_no_other(
    tmp_path: Path, number: signal.Signals
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path / "db"), str(int(number))],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.stdout == "0\n", done.stderr
    assert done.returncode == (-number if number is signal.SIGINT else 128 + number)


def test_an_interruption_waits_for_the_end_of_the_section() -> None:
    done = []

    def work() -> None:
        with uninterrupted():
            with uninterrupted():
                interrupt(KeyboardInterrupt())
                done.append("inner")
            done.append("outer")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["inner", "outer"]


def test_outside_of_a_section_it_comes_at_once() -> None:
    with uninterrupted():
        pass
    with pytest.raises(SystemExit):
        interrupt(SystemExit(1))


def test_it_outweighs_the_error_of_the_section() -> None:
    def work() -> None:
        with uninterrupted():
            interrupt(SystemExit(3))
            raise ValueError

    with pytest.raises(SystemExit) as raised:
        work()
    assert raised.value.code == 3
    assert isinstance(raised.value.__context__, ValueError)


def test_sections_of_other_threads_hold_nothing_up() -> None:
    entered, leave = threading.Event(), threading.Event()

    def work() -> None:
        with uninterrupted():
            entered.set()
            leave.wait(30)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert entered.wait(30)
        with pytest.raises(SystemExit):
            interrupt(SystemExit(1))
    finally:
        leave.set()
        thread.join()
