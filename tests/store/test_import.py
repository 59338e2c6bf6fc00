"""Images of bare root file systems, and the changes that give them metadata."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dockerlang.errors import InputError
from dockerlang.oci.config import ContainerConfig, Healthcheck
from dockerlang.oci.platform import Platform
from dockerlang.store.archive.changes import apply_change
from dockerlang.store.archive.importing import import_root
from dockerlang.store.store import Store
from tests.store.making import sha256, tar_of

SECOND = 10**9
ROOT = tar_of({"bin/": b"", "bin/sh": b"#!"})


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_root_becomes_the_only_layer(store: Store, compress: Callable[[bytes], bytes]) -> None:
    created = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    with store.operation("import") as operation:
        image = import_root(
            operation,
            io.BytesIO(compress(ROOT)),
            platform=Platform("linux", "arm64"),
            changes=['CMD ["sh"]', "ENV A=1"],
            comment="from a test",
            created=created,
        )
    assert [str(diff_id) for diff_id in image.diff_ids] == [f"sha256:{sha256(ROOT)}"]
    config = image.config
    assert (config.os, config.architecture, config.created) == ("linux", "arm64", "2024-05-06T07:08:09Z")
    assert (config.config.cmd, config.config.env) == (("sh",), ("A=1",))
    assert [(step.comment, step.empty_layer) for step in config.history] == [("from a test", False)]


def test_what_is_no_archive_is_refused(store: Store) -> None:
    with store.operation("import") as operation, pytest.raises(InputError):
        import_root(operation, io.BytesIO(b"plain text" * 200), platform=Platform("linux", "amd64"))


@pytest.mark.parametrize(
    ("lines", "config"),
    [
        (['CMD ["a", "b"]'], ContainerConfig(cmd=("a", "b"))),
        (["cmd echo $A"], ContainerConfig(cmd=("/bin/sh", "-c", "echo $A"))),
        (["CMD [broken"], ContainerConfig(cmd=("/bin/sh", "-c", "[broken"))),
        (["CMD x", "CMD []"], ContainerConfig(cmd=None)),
        (['ENTRYPOINT ["/init"]'], ContainerConfig(entrypoint=("/init",))),
        (["ENV A=1 B='x y'", "ENV A=2"], ContainerConfig(env=("B=x y", "A=2"))),
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
    changed = ContainerConfig()
    for line in lines:
        changed = apply_change(changed, line)
    assert changed == config


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
        "EXPOSE 0",
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
        apply_change(ContainerConfig(), line)
