"""`--ssh`: the agents that RUN may ask to sign, the user's own or one with a few keys, started for the build."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dockerlang.errors import InputError, NotFoundError, RuntimeFailure, UsageError

# With -D the agent stays in the foreground; its first line says that the socket is there. The shell ends it when its
# own input ends: that happens even if this program is killed, and nobody should be left with the keys then.
_AGENT = """\
ssh-agent -D -a "$1" < /dev/null &
exec > /dev/null
read -r end
kill $!
wait
rmdir "${1%/*}" 2> /dev/null
"""


@contextmanager
def forwarded_agents(texts: Sequence[str]) -> Iterator[dict[str, Path]]:
    """The sockets of `default|ID[=SOCKET|KEY[,KEY]...]` by their IDs, while the block runs.

    Keys are given to an agent of their own, which ends with the block. Raises `UsageError`, `InputError`, and
    `NotFoundError` where there is no agent or no program to start one.
    """
    with ExitStack() as stack:
        sockets: dict[str, Path] = {}
        for text in texts:
            identifier, equals, value = text.partition("=")
            if not identifier or identifier in sockets or (equals and not value):
                raise UsageError(f"`--ssh {text}` is not understood", hint="write --ssh ID=SOCKET or --ssh ID=KEY,KEY")
            paths = [Path(path).expanduser().absolute() for path in value.split(",")] if equals else [_own_socket(text)]
            kinds = {path: _kind(path) for path in paths}
            if len(paths) == 1 and stat.S_ISSOCK(kinds[paths[0]]):
                sockets[identifier] = paths[0]
            elif all(map(stat.S_ISREG, kinds.values())):
                sockets[identifier] = stack.enter_context(_agent_with(paths))
            else:
                raise UsageError(f"`--ssh {text}`: give one socket, or files with keys")
        yield sockets


def _own_socket(text: str) -> Path:
    """The agent of the session."""
    path = os.environ.get("SSH_AUTH_SOCK")
    if not path:
        hint = f"start one (`eval $(ssh-agent)`), or name a key: --ssh {text}=~/.ssh/id_ed25519"
        raise NotFoundError("there is no ssh agent to forward: SSH_AUTH_SOCK is not set", hint=hint)
    return Path(path)


def _kind(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError as error:
        raise InputError(f"cannot use {path} for --ssh: {error.strerror}") from None


@contextmanager
def _agent_with(keys: list[Path]) -> Iterator[Path]:
    """An agent that knows these keys. ssh-add asks for the passphrases on the terminal, as ever."""
    with tempfile.TemporaryDirectory(prefix="dockerlang-agent-") as directory, ExitStack() as stack:
        socket = Path(directory) / "agent"
        if shutil.which("ssh-agent") is None:
            hint = "install the OpenSSH client, or forward an agent that runs: --ssh ID=SOCKET"
            raise NotFoundError("ssh-agent is not on PATH, and keys need one", hint=hint)
        agent = subprocess.Popen(["sh", "-c", _AGENT, "sh", str(socket)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # Leaving it closes its input, at which it ends.
        stack.enter_context(agent)
        assert agent.stdout is not None
        agent.stdout.readline()
        for key in keys:
            added = subprocess.run(
                ["ssh-add", "-q", str(key)],
                env={**os.environ, "SSH_AUTH_SOCK": str(socket)},
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
            if added.returncode:
                raise RuntimeFailure(f"ssh-add does not take the key {key}: {added.stderr.strip()}")
        yield socket
