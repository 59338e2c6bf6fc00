"""`run -it` at a terminal: keys, size, signals, and the state in which the terminal is left."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import sys
import termios
from pathlib import Path

import pytest

from dockerlang.runtime.oci import OWN

pytestmark = pytest.mark.root


class Terminal:
    """A program at a terminal of 30 rows and 100 columns."""

    def __init__(self, arguments: list[str]) -> None:
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execv(arguments[0], arguments)
        self.set_size(30, 100)
        self.mode = termios.tcgetattr(self.descriptor)
        self._output = b""

    def expect(self, text: bytes) -> None:
        """Read on until `text` has appeared."""
        while text not in self._output:
            readable, _, _ = select.select([self.descriptor], [], [], 20)
            assert readable, f"{text!r} does not come, only {self._output!r}"
            self._output += os.read(self.descriptor, 4096)
        self._output = self._output.partition(text)[2]

    def send(self, keys: bytes) -> None:
        os.write(self.descriptor, keys)

    def set_size(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self) -> int:
        """The program's exit code, once it has closed the terminal."""
        try:
            while os.read(self.descriptor, 4096):
                continue
        except OSError:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def run(store_directory: Path) -> list[str]:
    return [sys.executable, "-m", "dockerlang", "--root", str(store_directory), "run", "--rm"]


@pytest.fixture(params=[OWN, "runc"])
def run_in_any(run: list[str], request: pytest.FixtureRequest) -> list[str]:
    """Both runtimes, for what they do alike."""
    if request.param != OWN and shutil.which(request.param) is None and os.environ.get("CI") != "true":
        pytest.skip(f"needs {request.param}")
    return [*run, "--runtime", request.param]


@pytest.mark.parametrize("options", [(), ("--init",)])
def test_a_shell(run_in_any: list[str], options: tuple[str, ...]) -> None:
    terminal = Terminal([*run_in_any, *options, "-it", "busybox", "sh"])
    terminal.expect(b"/ #")
    terminal.send(b"tty; stty size; echo [$TERM]; echo con''sole > /dev/console\n")
    for text in (b"/dev/pts/0", b"30 100", b"[xterm]", b"console\r", b"/ #"):
        terminal.expect(text)
    terminal.set_size(40, 120)
    terminal.send(b"trap 'stty size' WINCH; sleep 0; stty size\n")
    terminal.expect(b"40 120")
    terminal.send(b"sh -c 'echo st''arted; exec sleep 1000'\n")
    terminal.expect(b"started\r")
    terminal.send(b"\x03")
    terminal.expect(b"/ #")
    terminal.send(b"exit 5\n")
    assert terminal.end() == 5


@pytest.mark.parametrize("script", ["echo ready; exec sleep 1000", "(echo ready; exec sleep 1000); echo no"])
def test_the_interrupt_key_ends_what_does_not_mind_it(run: list[str], script: str) -> None:
    terminal = Terminal([*run, "-it", "busybox", "sh", "-c", script])
    terminal.expect(b"ready")
    terminal.send(b"\x03")
    assert terminal.end() == 128 + signal.SIGINT


def test_input_without_a_terminal_inside(run: list[str]) -> None:
    terminal = Terminal([*run, "-i", "busybox", "sh", "-c", "read x; echo got $x; tty; cat; exit 3"])
    terminal.send(b"hello\n")
    terminal.expect(b"got hello")
    terminal.expect(b"not a tty")
    terminal.send(b"\x04")
    assert terminal.end() == 3


def test_the_third_interrupt_kills(run: list[str]) -> None:
    terminal = Terminal([*run, "busybox", "sh", "-c", "trap 'echo no' INT; echo ready; while :; do sleep 0.02; done"])
    terminal.expect(b"ready")
    for _ in range(2):
        terminal.send(b"\x03")
        terminal.expect(b"no")
    terminal.send(b"\x03")
    assert terminal.end() == 128 + signal.SIGKILL
