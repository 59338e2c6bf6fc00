"""docker's options that make no sense here, each refused with the reason rather than as unknown."""

from __future__ import annotations

import click

from dockerlang.cli.option_groups import Decorator, declare
from dockerlang.errors import UsageError

_SERVICE = "dockerlang runs a container once and looks after no services"
_NETWORK = "a container has the host's network or one of its own, and no place in a network of several"
_TERMINAL = "a container's streams are this command's own"
_CONTROL_GROUP = "dockerlang sets limits of memory, processors and processes only"
_STORE = "layers and volumes are in dockerlang's own store"

_REASONS = {
    "--restart": _SERVICE,
    "--health-cmd": _SERVICE,
    "--health-interval": _SERVICE,
    "--health-retries": _SERVICE,
    "--health-start-interval": _SERVICE,
    "--health-start-period": _SERVICE,
    "--health-timeout": _SERVICE,
    "--stop-signal": f"{_SERVICE}; `dockerlang kill -s SIGNAL` sends any",
    "--stop-timeout": _SERVICE,
    "--log-driver": f"{_SERVICE}; `dockerlang logs` shows what a container printed",
    "--log-opt": f"{_SERVICE}; `dockerlang logs` shows what a container printed",
    "--ip": _NETWORK,
    "--ip6": _NETWORK,
    "--link": _NETWORK,
    "--link-local-ip": _NETWORK,
    "--mac-address": _NETWORK,
    "--network-alias": _NETWORK,
    "--attach": f"{_TERMINAL}: use -d for none, and redirect what you do not want",
    "-a": f"{_TERMINAL}: use -d for none, and redirect what you do not want",
    "--detach-keys": f"{_TERMINAL}, and there is no attaching again",
    "--gpus": "drivers would have to be brought in; lend devices with --device and mount what they need",
    "--device-cgroup-rule": "access to devices is not by control group; lend devices with --device",
    "--device-read-bps": _CONTROL_GROUP,
    "--device-read-iops": _CONTROL_GROUP,
    "--device-write-bps": _CONTROL_GROUP,
    "--device-write-iops": _CONTROL_GROUP,
    "--blkio-weight": _CONTROL_GROUP,
    "--blkio-weight-device": _CONTROL_GROUP,
    "--cpu-rt-period": _CONTROL_GROUP,
    "--cpu-rt-runtime": _CONTROL_GROUP,
    "--kernel-memory": f"{_CONTROL_GROUP}, and kernels have none for this any more",
    "--memory-swappiness": f"{_CONTROL_GROUP}, and version 2 of control groups has none for this",
    "--storage-opt": _STORE,
    "--volume-driver": _STORE,
    "--platform": "pull the image of that platform first: `dockerlang pull --platform`",
    "--isolation": "it is for Windows",
}
_REFUSED_FLAGS = {
    "--oom-kill-disable": f"{_CONTROL_GROUP}, and version 2 of control groups has none for this",
    "--use-api-socket": "there is no daemon whose socket a container could use",
}
# They ask for what is so anyway.
_NEEDLESS_FLAGS = ("--no-healthcheck", "--disable-content-trust", "--sig-proxy")


def _refuse(context: click.Context, option: click.Parameter, value: object) -> None:
    if value:
        (flag,) = option.opts
        reason = {**_REASONS, **_REFUSED_FLAGS}[flag]
        raise UsageError(f"{flag} is not supported: {reason}")


def _refused(flag: str, *, is_flag: bool) -> Decorator:
    name = f"refused_{flag.strip('-').replace('-', '_')}"
    return click.option(
        flag,
        name,
        is_flag=is_flag,
        multiple=not is_flag,
        hidden=True,
        expose_value=False,
        callback=_refuse,
        is_eager=True,
    )


options = declare(
    *(_refused(flag, is_flag=False) for flag in _REASONS),
    *(_refused(flag, is_flag=True) for flag in _REFUSED_FLAGS),
    *(click.option(flag, is_flag=True, hidden=True, expose_value=False) for flag in _NEEDLESS_FLAGS),
)
