"""The tables of `store.db`, which alone say what the store holds; files are found through them.

All digests are text as `sha256:<hex>`, all times seconds since 1970. A layer is named by its diff ID; which blobs hold
it (as plain tar, or compressed as it was pulled) is in `variant`. An unpacked tree is named by the chain ID, because
what a tree must say about lower layers depends on them. `unverified` holds the variants whose plain tar nobody has read
yet; a layer that has no other is of size -1. A `document` is an index over several images; `ref_document`
says which names mean more than an image (store/documents.py).
"""

from __future__ import annotations

LEASES = """
CREATE TABLE IF NOT EXISTS leases.lease (
    id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS leases.pin (
    lease TEXT NOT NULL REFERENCES lease ON DELETE CASCADE,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (lease, kind, key)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS leases.pending_layer (
    diff_id TEXT PRIMARY KEY,
    content_size INTEGER NOT NULL,
    tar_size INTEGER NOT NULL,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS leases.pending_tree (
    chain_id TEXT PRIMARY KEY,
    diff_id TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS leases.pin_key ON pin (kind, key)
"""
"""The database that is attached as `leases`: what running operations rely on, and what is not entered yet."""

# Until version 2 these were in the store's own database, where they would hide the new ones.
WITHOUT_LEASES = """
DROP TABLE IF EXISTS main.pin;
DROP TABLE IF EXISTS main.lease
"""

# Since version 2 of the store.
DOCUMENTS = """
CREATE TABLE IF NOT EXISTS document (
    digest TEXT PRIMARY KEY REFERENCES blob
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS document_manifest (
    document TEXT NOT NULL REFERENCES document ON DELETE CASCADE,
    manifest TEXT NOT NULL REFERENCES manifest ON DELETE CASCADE,
    PRIMARY KEY (document, manifest)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ref_document (
    name TEXT PRIMARY KEY REFERENCES ref ON DELETE CASCADE,
    digest TEXT NOT NULL
) WITHOUT ROWID
"""

# Since version 4 of the store.
UNVERIFIED = """
CREATE TABLE IF NOT EXISTS unverified (
    diff_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (diff_id, digest),
    FOREIGN KEY (diff_id, digest) REFERENCES variant ON DELETE CASCADE
) WITHOUT ROWID
"""

SCHEMA = """
CREATE TABLE blob (
    digest TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE layer (
    diff_id TEXT PRIMARY KEY,
    content_size INTEGER NOT NULL,
    tar_size INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE variant (
    diff_id TEXT NOT NULL REFERENCES layer ON DELETE CASCADE,
    digest TEXT NOT NULL REFERENCES blob,
    media_type TEXT NOT NULL,
    PRIMARY KEY (diff_id, digest)
) WITHOUT ROWID;

CREATE TABLE tree (
    chain_id TEXT PRIMARY KEY,
    diff_id TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE image (
    id TEXT PRIMARY KEY REFERENCES blob (digest),
    parent TEXT,
    created REAL,
    added REAL NOT NULL,
    tagged REAL,
    is_step INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE image_layer (
    image TEXT NOT NULL REFERENCES image ON DELETE CASCADE,
    position INTEGER NOT NULL,
    diff_id TEXT NOT NULL REFERENCES layer,
    chain_id TEXT NOT NULL,
    PRIMARY KEY (image, position)
) WITHOUT ROWID;

CREATE TABLE manifest (
    digest TEXT PRIMARY KEY REFERENCES blob,
    image TEXT NOT NULL REFERENCES image ON DELETE CASCADE,
    is_own INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE manifest_blob (
    manifest TEXT NOT NULL REFERENCES manifest ON DELETE CASCADE,
    digest TEXT NOT NULL REFERENCES blob,
    PRIMARY KEY (manifest, digest)
) WITHOUT ROWID;

CREATE TABLE ref (
    name TEXT PRIMARY KEY,
    image TEXT NOT NULL REFERENCES image
) WITHOUT ROWID;

CREATE TABLE repo_digest (
    repository TEXT NOT NULL,
    digest TEXT NOT NULL,
    image TEXT NOT NULL REFERENCES image,
    PRIMARY KEY (repository, digest)
) WITHOUT ROWID;

CREATE TABLE container (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    image TEXT NOT NULL,
    command TEXT NOT NULL,
    created REAL NOT NULL,
    state TEXT NOT NULL,
    exit_code INTEGER,
    auto_remove INTEGER NOT NULL,
    lease TEXT
) WITHOUT ROWID;

CREATE TABLE container_layer (
    container TEXT NOT NULL REFERENCES container ON DELETE CASCADE,
    diff_id TEXT NOT NULL REFERENCES layer,
    chain_id TEXT NOT NULL,
    PRIMARY KEY (container, diff_id, chain_id)
) WITHOUT ROWID;

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX image_parent ON image (parent);
CREATE INDEX image_layer_diff ON image_layer (diff_id);
CREATE INDEX image_layer_chain ON image_layer (chain_id);
CREATE INDEX manifest_image ON manifest (image);
CREATE INDEX ref_image ON ref (image);
CREATE INDEX repo_digest_image ON repo_digest (image);
CREATE INDEX variant_digest ON variant (digest);

INSERT INTO counter VALUES ('names', 0)
"""
