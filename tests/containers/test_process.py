from __future__ import annotations

import pytest

from dockerlang.containers.options import ContainerOptions
from dockerlang.containers.process import arguments_of, environment_of, process_of
from dockerlang.errors import UsageError
from dockerlang.oci.config import ContainerConfig
from dockerlang.runtime.process import Bind, File, Tmpfs

BOTH = ContainerConfig(entrypoint=("entry", "point"), cmd=("cmd",))


@pytest.mark.parametrize(
    ("config", "options", "arguments"),
    [
        (BOTH, ContainerOptions(), "entry point cmd"),
        (BOTH, ContainerOptions(command=("own", "-x")), "entry point own -x"),
        (BOTH, ContainerOptions(entrypoint="sh"), "sh"),
        (BOTH, ContainerOptions(entrypoint="sh", command=("-c", "x")), "sh -c x"),
        (BOTH, ContainerOptions(entrypoint="", command=("own",)), "own"),
        (ContainerConfig(cmd=("cmd",)), ContainerOptions(), "cmd"),
        (ContainerConfig(cmd=("cmd",)), ContainerOptions(command=("own",)), "own"),
        (ContainerConfig(entrypoint=("entry",)), ContainerOptions(), "entry"),
    ],
)
def test_entrypoint_and_command(config: ContainerConfig, options: ContainerOptions, arguments: str) -> None:
    assert " ".join(arguments_of(config, options)) == arguments


@pytest.mark.parametrize(
    ("config", "options"), [(ContainerConfig(), ContainerOptions()), (BOTH, ContainerOptions(entrypoint=""))]
)
def test_something_must_be_run(config: ContainerConfig, options: ContainerOptions) -> None:
    with pytest.raises(UsageError, match="no command specified"):
        arguments_of(config, options)


def test_variables_replace_each_other_in_place() -> None:
    config = ContainerConfig(env=("PATH=/own", "A=1", "B=2"))
    options = ContainerOptions(env=("A=3", "C=4"), has_terminal=True)
    assert environment_of(config, options, "box") == (
        "PATH=/own",
        "HOSTNAME=box",
        "TERM=xterm",
        "A=3",
        "B=2",
        "C=4",
    )
    assert environment_of(ContainerConfig(), ContainerOptions(), "box")[0].startswith("PATH=/usr/local/sbin:")


def test_what_the_user_says_wins_over_the_image() -> None:
    config = ContainerConfig(cmd=("x",), user="www", working_dir="/w")
    process = process_of(config, ContainerOptions(), hostname="box")
    assert (process.user, process.cwd, process.hostname) == ("www", "/w", "box")
    process = process_of(config, ContainerOptions(user="", working_dir="/o"), hostname="box")
    assert (process.user, process.cwd) == ("", "/o")


def test_the_users_mounts_come_last() -> None:
    from pathlib import Path

    own = (Tmpfs("/t"), Bind("/etc/hosts", Path("/h")))
    mounts = process_of(ContainerConfig(), ContainerOptions(command=("x",)), hostname="box", mounts=own).mounts
    assert mounts[-2:] == own
    assert all(isinstance(mount, File) for mount in mounts[:-2])
