"""Where things are in a store's directory, and how the directory comes to be.

```
VERSION               schema and driver; a newer one is refused
oci-layout index.json a projection of the names: the directory is a valid OCI image layout
blobs/sha256/<hex>    immutable, mode 0444: manifests, configs, pulled layers as they came, built layers as plain tar
indexes/<hex>         by diff ID: what a layer's tar holds and where; rebuilt when missing
layers/<chain>/fs     the layer on top of its chain, unpacked as an overlay lower directory
layers/l/<16 hex>     short links to these, because the kernel limits mount options to a page
caches/<name>         what RUN --mount=type=cache keeps from build to build; made by the first that needs it
volumes/<name>        data that containers share and leave behind; made by the first that has a volume
builds/<id>.json .log what a build did, and what its steps printed; the oldest go by themselves
lost/<time>           a damaged database that was replaced, and the files of containers that only it knew
containers/<id>       upper and work directory of a container
ingest/<lease>        files on their way into blobs/
partial/<hex>         what came of a blob before a pull was cut off; the next pull goes on there. Made by the first pull
work/<lease>          directories on their way into layers/, and scratch space of builds
trash/<lease>         what a sweep moved out of the way; gone for good only after its transaction
leases/<lease>        one file a running operation, held with flock: whoever can take the lock knows it is dead
locks/<name>          held while one process does work that others would only repeat
ballast               room that is given up when the disk is full and something is to be removed
store.db cache.db     the truth; and the build cache, which may be lost
leases-<boot>.db      what running operations rely on and have not entered yet; of no use after the next start
```
"""

from __future__ import annotations

import os
from pathlib import Path

from dockerlang.errors import InputError, StoreError
from dockerlang.oci.digest import Digest
from dockerlang.records import record
from dockerlang.store.boot import is_lease_database
from dockerlang.store.durability import sync_directory, write_file
from dockerlang.store.locks import hold

VERSION = 4
_VERSION_LINE = f"{VERSION} overlay\n"
_DIRECTORIES = (
    "blobs/sha256",
    "indexes",
    "layers/l",
    "containers",
    "ingest",
    "work",
    "trash",
    "leases",
    "locks",
)
_OWN_NAMES = frozenset(
    [directory.split("/")[0] for directory in _DIRECTORIES]
    + [
        "ballast",
        "builds",
        "caches",
        "lost",
        "partial",
        "volumes",
        "VERSION",
        "oci-layout",
        "index.json",
        "store.db",
        "store.db-journal",
        "cache.db",
    ]
)


@record
class Layout:
    """The paths of one store."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "store.db"

    @property
    def cache_database(self) -> Path:
        return self.root / "cache.db"

    @property
    def index_json(self) -> Path:
        return self.root / "index.json"

    @property
    def blobs(self) -> Path:
        return self.root / "blobs" / "sha256"

    @property
    def indexes(self) -> Path:
        return self.root / "indexes"

    @property
    def layers(self) -> Path:
        return self.root / "layers"

    @property
    def containers(self) -> Path:
        return self.root / "containers"

    @property
    def builds(self) -> Path:
        return self.root / "builds"

    @property
    def ingest(self) -> Path:
        return self.root / "ingest"

    @property
    def partial(self) -> Path:
        return self.root / "partial"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def trash(self) -> Path:
        return self.root / "trash"

    @property
    def leases(self) -> Path:
        return self.root / "leases"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    def blob(self, digest: Digest) -> Path:
        """Where the blob would be; `InputError` for a digest other than SHA-256, which a store never holds."""
        if digest.algorithm != "sha256":
            raise InputError(f"{digest}: only sha256 digests can be stored")
        return self.blobs / digest.hex

    def layer_index(self, diff_id: Digest) -> Path:
        return self.indexes / diff_id.hex

    def tree(self, chain_id: Digest) -> Path:
        """The directory that holds the tree `fs`; it moves as a whole."""
        return self.layers / chain_id.hex

    def tree_link(self, chain_id: Digest) -> Path:
        return self.layers / "l" / chain_id.hex[:16]


def prepare(root: Path) -> Layout:
    """The layout of the store at `root`, made where there is nothing yet.

    Raises `StoreError` for a directory that holds something else, for a newer version, and where we may not write.
    """
    layout = Layout(root)
    try:
        if not _is_current(layout):
            _create(layout)
    except OSError as error:
        hint = "choose another directory with --root or $DOCKERLANG_ROOT" if os.geteuid() else ""
        raise StoreError(f"cannot open the store {root}: {error.strerror or error}", hint=hint) from error
    return layout


def _is_current(layout: Layout) -> bool:
    try:
        words = (layout.root / "VERSION").read_text("ascii", "replace").split()
    except FileNotFoundError:
        return False
    if not words or not words[0].isdecimal():
        raise StoreError(f"{layout.root / 'VERSION'} does not hold a version", hint="is this a dockerlang store?")
    if int(words[0]) > VERSION:
        raise StoreError(
            f"the store {layout.root} has version {words[0]}, this dockerlang reads up to {VERSION}",
            hint="use the newer dockerlang that made it, or another directory with --root",
        )
    return int(words[0]) == VERSION


def _create(layout: Layout) -> None:
    """Make the directories and the database, or what an older store lacks of them.

    `VERSION` comes last, so that a crash before it starts anew.
    """
    # Layers hold set-uid programs and other people's secrets: nobody else may look inside.
    layout.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    strangers = sorted(name for name in os.listdir(layout.root) if not _is_own(name))
    if strangers:
        raise StoreError(
            f"{layout.root} is not a dockerlang store: it holds {strangers[0]!r}",
            hint="give --root an empty directory, or one that does not exist yet",
        )
    locks = layout.root / "locks"
    locks.mkdir(mode=0o700, exist_ok=True)
    with hold(locks / "create"):
        if _is_current(layout):
            return
        for directory in _DIRECTORIES:
            (layout.root / directory).mkdir(mode=0o700, parents=True, exist_ok=True)
        make_database(layout)
        write_file(layout.root / "oci-layout", b'{"imageLayoutVersion":"1.0.0"}\n')
        sync_directory(layout.root)
        write_file(layout.root / "VERSION", _VERSION_LINE.encode("ascii"))


def make_database(layout: Layout) -> None:
    """Make the database of a store that has none, or what one of an older version lacks."""
    from dockerlang.store.database import Database
    from dockerlang.store.schema import DOCUMENTS, SCHEMA, UNVERIFIED, WITHOUT_LEASES

    database = Database(layout.database)
    database.create(SCHEMA)
    database.extend(DOCUMENTS)
    database.extend(WITHOUT_LEASES)
    database.extend(UNVERIFIED)


def _is_own(name: str) -> bool:
    """Whether the name is one that an interrupted `_create` may have left; its temporary files begin with a dot."""
    if name.startswith("."):
        return name.split(".")[1] in {"VERSION", "oci-layout", "index"}
    return name in _OWN_NAMES or is_lease_database(name)
