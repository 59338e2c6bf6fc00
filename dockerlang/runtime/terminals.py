"""Pseudo terminals for processes, each made among the terminals of its own container."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
from pathlib import Path

from dockerlang.runtime import kernel
from dockerlang.runtime.process import TerminalSize

_TIOCSPTLCK, _TIOCGPTN = 0x40045431, 0x80045430


def open_terminal(size: TerminalSize, directory: Path = Path("/dev/pts")) -> tuple[int, int]:
    """Master and process's side of a new terminal, which becomes that of this session and its /dev/console."""
    master = os.open(directory / "ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    fcntl.ioctl(master, _TIOCSPTLCK, struct.pack("i", 0))
    place = directory / str(struct.unpack("i", fcntl.ioctl(master, _TIOCGPTN, bytes(4)))[0])
    terminal = os.open(place, os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    set_terminal_size(master, size)
    _make_console(place)
    return master, terminal


def set_terminal_size(descriptor: int, size: TerminalSize) -> None:
    """Tell a terminal, and through it the processes there, how large it is."""
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))


def _make_console(terminal: Path) -> None:
    """Let the terminal be /dev/console, too, where programs look for the one that tells the user everything."""
    console = terminal.parent.with_name("console")
    os.close(os.open(console, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK, 0o600))
    kernel.mount(terminal, console, "", kernel.MS_BIND)
