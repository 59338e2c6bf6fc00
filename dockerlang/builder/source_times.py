"""When a remote source was made: what SOURCE_DATE_EPOCH can be, if it names one."""

from __future__ import annotations

from dockerlang.builder.contexts.archive import read_archive
from dockerlang.builder.graph import GitSource, HttpSource
from dockerlang.builder.ops.downloading import download
from dockerlang.builder.ops.git import check_out
from dockerlang.errors import InputError
from dockerlang.store.operation import Operation


def time_of_source(source: GitSource | HttpSource, operation: Operation) -> int | None:
    """Seconds since 1970: of the commit; of a URL when it was last changed, else the newest file of the archive there.

    None for a file that is no archive, and of which the server does not say it. Raises `InputError` where the source
    cannot be had.
    """
    directory = operation.scratch("time")
    if isinstance(source, GitSource):
        return check_out(source.reference, directory, checksum=source.checksum).committed
    path = directory / "file"
    found = download(source.url, path)
    if found.modified is not None:
        return found.modified // 10**9
    try:
        with path.open("rb") as stream:
            return read_archive(stream, source.url, directory).newest()
    except InputError:
        return None
