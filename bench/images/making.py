"""Makes the image that the benchmark moves around, and a store of many small ones.

The image has five layers of files that compress like those of real images, by about half; its bytes come from a seed.
"""

from __future__ import annotations

import hashlib
import json
import random
import zlib
from pathlib import Path

from dockerlang.oci.config import ImageConfig
from dockerlang.oci.media import OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST
from dockerlang.oci.reference import parse_reference
from dockerlang.oci.tar import Entry, Kind, TarWriter
from dockerlang.store.store import Store

MIB = 1 << 20
LAYERS = (330, 200, 90, 20, 1)
"""MiB of plain tar in each layer."""


class Contents:
    """Bytes of files, cut out of three pools: text, machine code as it were, and what does not compress."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        words = [
            bytes(self.random.choices(b"etaoinshrdlucmfwypvbgkjqxz", k=self.random.randint(2, 9))) for _ in range(4000)
        ]
        text = b" ".join(self.random.choices(words, weights=[1 / rank for rank in range(1, 4001)], k=900_000))
        noise = self.random.randbytes(4 * MIB)
        code = bytearray()
        while len(code) < 4 * MIB:
            code += self._piece(noise, self.random.randint(16, 200))
            code += bytes(self.random.randint(4, 160))
            code += self._piece(text, self.random.randint(16, 300))
        self._pools = (text, text, bytes(code), bytes(code), bytes(code), noise)

    def file(self, size: int) -> bytes:
        """A file's content."""
        pool = self.random.choice(self._pools)
        out = bytearray()
        while len(out) < size:
            out += self._piece(pool, min(65536, size - len(out)))
        return bytes(out)

    def _piece(self, pool: bytes, size: int) -> bytes:
        start = self.random.randrange(len(pool) - size)
        return pool[start : start + size]


def make_layout(directory: Path, scale: float = 1.0) -> int:
    """Write an OCI layout with the image `big`; returns the bytes of its compressed layers."""
    blobs = directory / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    contents = Contents(7)

    def put(data: bytes, media_type: str) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        blobs.joinpath(digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    diff_ids, layers = [], []
    for number, size in enumerate(LAYERS):
        plain = _layer(contents, number, int(size * scale * MIB))
        diff_ids.append(f"sha256:{hashlib.sha256(plain).hexdigest()}")
        compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
        layers.append(put(compressor.compress(plain) + compressor.flush(), OCI_LAYER_GZIP))
    root = {"type": "layers", "diff_ids": diff_ids}
    config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": root}).encode(), OCI_CONFIG)
    document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers}
    manifest = put(json.dumps(document).encode(), OCI_MANIFEST)
    named = {**manifest, "annotations": {"org.opencontainers.image.ref.name": "big"}}
    directory.joinpath("index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [named]}))
    directory.joinpath("oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    return sum(path.stat().st_size for path in blobs.iterdir())


def make_many(root: Path, count: int) -> None:
    """A store of `count` images, each with a name, one layer of its own and one that all share."""
    with Store.open(root).operation("bench") as operation:

        def layer(path: bytes, data: bytes) -> str:
            with operation.new_layer() as sink:
                writer = TarWriter(sink)
                writer.add(Entry(path, size=len(data)), data)
                writer.close()
                return str(sink.commit().diff_id)

        shared = layer(b"shared", b"shared")
        for number in range(count):
            own = layer(b"own", str(number).encode())
            document = {
                **json.loads(ImageConfig("amd64", "linux").to_bytes()),
                "created": f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z",
                "rootfs": {"type": "layers", "diff_ids": [shared, own]},
            }
            image = operation.add_image(json.dumps(document).encode())
            operation.tag(parse_reference(f"team/app-{number // 10}:{number % 10}"), image)


def _layer(contents: Contents, number: int, size: int) -> bytes:
    out = bytearray()

    class Sink:
        def write(self, data: bytes, /) -> None:
            out.extend(data)

    tar = TarWriter(Sink())
    count = 0
    while tar.position < size:
        folder = b"usr/share/layer%d/d%d" % (number, count // 100)
        if count % 100 == 0:
            tar.add(Entry(folder, Kind.DIRECTORY, 0o755))
        length = min(int(contents.random.lognormvariate(8.5, 2.0)), 30 * MIB)
        tar.add(Entry(b"%b/file%d" % (folder, count), size=length), contents.file(length))
        count += 1
    tar.close()
    return bytes(out)
