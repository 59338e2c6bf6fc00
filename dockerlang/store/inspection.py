"""All that is known of an image, as the document that docker's `inspect` shows."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from dockerlang.errors import InputError
from dockerlang.oci.config import ContainerConfig, Healthcheck
from dockerlang.oci.digest import Digest
from dockerlang.oci.reference import parse_reference
from dockerlang.store import images
from dockerlang.store.layout import Layout
from dockerlang.store.reading import StoreReader
from dockerlang.store.records import ImageRow, StoredImage

_ZERO_TIME = "0001-01-01T00:00:00Z"


def inspect_image(store: StoreReader, name: str) -> dict[str, object] | None:
    """The document of the image that `name` means; None where there is none."""

    def read(connection: sqlite3.Connection) -> dict[str, object] | None:
        identifier = images.find_id(connection, name)
        if identifier is None:
            return None
        image = images.read_image(connection, store.layout, identifier)
        (row,) = images.list_images(connection, [identifier])
        document = _document(image, row, _tagged(connection, identifier))
        return document | _named(connection, store.layout, name)

    store.measure()
    return store.view(read)


def _document(image: StoredImage, row: ImageRow, tagged: float | None) -> dict[str, object]:
    config = image.config
    comment = config.extra.get("comment") or (config.history[-1].comment if config.history else "")
    document: dict[str, object] = {
        "Id": str(image.id),
        "RepoTags": [parse_reference(name).familiar for name in row.names],
        "RepoDigests": [parse_reference(f"{repository}@{digest}").familiar for repository, digest in row.digests],
        "Parent": "" if image.parent is None else str(image.parent),
        "Comment": comment,
        "Created": config.created or _ZERO_TIME,
        "DockerVersion": config.extra.get("docker_version", ""),
        "Author": config.author,
        "Config": _container(config.config),
        "Architecture": config.architecture,
    }
    if config.variant:
        document["Variant"] = config.variant
    document |= {
        "Os": config.os,
        "Size": row.size,
        "RootFS": {"Type": "layers", "Layers": [str(diff_id) for diff_id in config.diff_ids]},
        "Metadata": {"LastTagTime": _ZERO_TIME if tagged is None else _rfc3339(tagged)},
    }
    return document


def _container(config: ContainerConfig) -> dict[str, object]:
    """The config with Go's names; what is not set is null where docker's own structure is always there."""
    document: dict[str, object] = {"User": config.user}
    if config.exposed_ports:
        document["ExposedPorts"] = {port: {} for port in config.exposed_ports}
    document |= {
        "Env": list(config.env) or None,
        "Cmd": None if config.cmd is None else list(config.cmd),
    }
    if config.healthcheck is not None:
        document["Healthcheck"] = _healthcheck(config.healthcheck)
    if config.args_escaped:
        document["ArgsEscaped"] = True
    document |= {
        "Volumes": {path: {} for path in config.volumes} or None,
        "WorkingDir": config.working_dir,
        "Entrypoint": None if config.entrypoint is None else list(config.entrypoint),
        "OnBuild": list(config.on_build) or None,
        "Labels": dict(sorted(config.labels.items())) or None,
    }
    if config.stop_signal:
        document["StopSignal"] = config.stop_signal
    if config.shell is not None:
        document["Shell"] = list(config.shell)
    return document


def _healthcheck(healthcheck: Healthcheck) -> dict[str, object]:
    fields = {
        "Test": list(healthcheck.test),
        "Interval": healthcheck.interval,
        "Timeout": healthcheck.timeout,
        "StartPeriod": healthcheck.start_period,
        "StartInterval": healthcheck.start_interval,
        "Retries": healthcheck.retries,
    }
    return {name: value for name, value in fields.items() if value}


def _named(connection: sqlite3.Connection, layout: Layout, name: str) -> dict[str, object]:
    """What a name stands for beside the image: an index, and its images for other platforms."""
    try:
        reference = parse_reference(name).with_default_tag()
    except InputError:
        return {}
    row = connection.execute("SELECT digest FROM ref_document WHERE name = ?", (str(reference.resolved()),)).fetchone()
    if row is None:
        return {}
    from dockerlang.store.documents import read_document

    found = read_document(connection, layout, Digest.parse(row[0]))
    document: dict[str, object] = {"Descriptor": found.document.descriptor.to_json()}
    if found.index is not None:
        document["Manifests"] = [
            {"ID": str(image.id), "Platform": str(image.config.platform), "Descriptor": manifest.descriptor.to_json()}
            for image, manifest in found.images
        ]
    return document


def _tagged(connection: sqlite3.Connection, identifier: Digest) -> float | None:
    row = connection.execute("SELECT tagged FROM image WHERE id = ?", (str(identifier),)).fetchone()
    return None if row is None else row[0]


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
