"""The last step of a started process: into its directory, and off into its program, as execvp(3) finds that."""

from __future__ import annotations

import errno
import os
import signal
from typing import NoReturn

from dockerlang.runtime.process import Process
from dockerlang.runtime.users import User

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def enter_directory(path: str) -> None:
    """Make the directory if it is missing, and work there. Raises OSError."""
    os.makedirs(path, 0o755, exist_ok=True)
    os.chdir(path)
    # Fails where a trick with /proc has led out of the root.
    os.getcwd()


def execute(process: Process, user: User) -> NoReturn:
    """Replace this process; signals are back to normal, and the search path is the container's."""
    variables = dict(variable.split("=", 1) for variable in process.env if "=" in variable)
    environment = {os.fsencode(name): os.fsencode(value) for name, value in variables.items()}
    environment.setdefault(b"HOME", os.fsencode(user.home))
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    program, arguments = os.fsencode(process.args[0]), [os.fsencode(argument) for argument in process.args]
    if b"/" in program:
        os.execve(program, arguments, environment)
    search_path = environment.get(b"PATH", DEFAULT_PATH.encode())
    denied: OSError | None = None
    for directory in search_path.split(b":"):
        try:
            os.execve(os.path.join(directory or b".", program), arguments, environment)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError as error:
            denied = error
    if denied is not None:
        raise denied
    raise FileNotFoundError(errno.ENOENT, "executable file not found in $PATH", process.args[0])
