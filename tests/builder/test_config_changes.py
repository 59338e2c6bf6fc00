"""Instructions given with `--change`: what they make of a config, and which are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dockerlang.builder.config_changes import apply_changes
from dockerlang.errors import InputError
from dockerlang.oci.config import ContainerConfig, Healthcheck

SECOND = 10**9


@pytest.mark.parametrize(
    ("lines", "config"),
    [
        (['CMD ["a", "b"]'], ContainerConfig(cmd=("a", "b"))),
        (["cmd echo $A"], ContainerConfig(cmd=("/bin/sh", "-c", "echo $A"))),
        (["CMD [broken"], ContainerConfig(cmd=("/bin/sh", "-c", "[broken"))),
        (["CMD x", "CMD []"], ContainerConfig(cmd=None)),
        (['ENTRYPOINT ["/init"]'], ContainerConfig(entrypoint=("/init",))),
        (["ENV A=1 B='x y'", "ENV A=2"], ContainerConfig(env=("A=2", "B=x y"))),
        (["ENV A the rest of it"], ContainerConfig(env=("A=the rest of it",))),
        (['LABEL a=1 b="2 3"', "LABEL a=4"], ContainerConfig(labels={"a": "4", "b": "2 3"})),
        (["EXPOSE 80 53/UDP 90-91"], ContainerConfig(exposed_ports=("53/udp", "80/tcp", "90/tcp", "91/tcp"))),
        (
            ["VOLUME /data /cache", 'VOLUME ["/with space"]'],
            ContainerConfig(volumes=("/cache", "/data", "/with space")),
        ),
        (["WORKDIR /a", "WORKDIR b/../c"], ContainerConfig(working_dir="/a/c")),
        (["USER 1000:0"], ContainerConfig(user="1000:0")),
        (["STOPSIGNAL SIGINT"], ContainerConfig(stop_signal="SIGINT")),
        (["ONBUILD RUN make", "ONBUILD COPY . ."], ContainerConfig(on_build=("RUN make", "COPY . ."))),
        (["HEALTHCHECK NONE"], ContainerConfig(healthcheck=Healthcheck(test=("NONE",)))),
        (
            ["HEALTHCHECK --interval=1m30s --timeout=500ms --retries=3 CMD curl -f localhost"],
            ContainerConfig(
                healthcheck=Healthcheck(
                    test=("CMD-SHELL", "curl -f localhost"), interval=90 * SECOND, timeout=SECOND // 2, retries=3
                )
            ),
        ),
        (['HEALTHCHECK CMD ["true"]'], ContainerConfig(healthcheck=Healthcheck(test=("CMD", "true")))),
    ],
)
def test_changes(lines: list[str], config: ContainerConfig) -> None:
    changed = apply_changes(ContainerConfig(), lines)
    assert replace(changed, args_escaped=False) == config


@pytest.mark.parametrize(
    "line",
    [
        "",
        "RUN make",
        "ENV",
        "ENV A",
        "ENV =1",
        "LABEL 'open",
        "EXPOSE http",
        "EXPOSE 9-8",
        "EXPOSE 70000",
        "ONBUILD FROM x",
        "HEALTHCHECK",
        "HEALTHCHECK CMD",
        "HEALTHCHECK --interval=soon CMD x",
        "HEALTHCHECK --what=1 CMD x",
    ],
)
def test_wrong_changes_are_refused(line: str) -> None:
    with pytest.raises(InputError):
        apply_changes(ContainerConfig(), [line])
