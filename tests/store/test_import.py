"""Images of bare root file systems, and the changes that give them metadata."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dockerlang.errors import InputError
from dockerlang.oci.config import ContainerConfig
from dockerlang.oci.platform import Platform
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
            container=ContainerConfig(cmd=("sh",), env=("A=1",)),
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
