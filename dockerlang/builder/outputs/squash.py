"""`--squash`: one new layer on the base image in place of all that the build made, as docker's classic builder did it.

The history keeps its entries, those of the build without a layer, and one more says what was merged. Files that a later
step removed again are in no layer any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.builder.graph import Definition, key_of
from dockerlang.builder.outputs.built import BuiltImage
from dockerlang.builder.outputs.layer_data import LayerData
from dockerlang.oci.config import History
from dockerlang.oci.digest import Digest
from dockerlang.oci.layer import LayerWriter
from dockerlang.oci.layer.paths import parents, split
from dockerlang.oci.layer.whiteouts import whiteout
from dockerlang.oci.tar import Kind
from dockerlang.oci.tree import MergedTree, TreeNode
from dockerlang.records import replace
from dockerlang.store.cache_records import StepRecord
from dockerlang.store.operation import Operation


def squashed(operation: Operation, built: BuiltImage) -> BuiltImage:
    """The image with at most one layer on its base, entered as a step; the same one where there is nothing to merge."""
    image = built.image
    if len(image.diff_ids) <= built.base_layers:
        return built
    layer = _merged_layer(operation, image.diff_ids, built.base_layers)
    config = image.config
    history = [
        entry if number < built.base_history else replace(entry, empty_layer=True)
        for number, entry in enumerate(config.history)
    ]
    merged = f"merge {image.id} to {built.base}" if built.base else f"create new from {image.id}"
    history.append(History(created=config.created, comment=merged))
    config = replace(config, diff_ids=(*image.diff_ids[: built.base_layers], layer), history=tuple(history))
    return replace(built, image=operation.add_image(config.to_bytes(), parent=built.base, is_step=True))


def _merged_layer(operation: Operation, layers: tuple[Digest, ...], base: int) -> Digest:
    cache = operation.store.build_cache
    ingredients: Definition = {"operation": "squash", "base": base, "layers": [str(layer) for layer in layers]}
    key = key_of(ingredients)
    record = cache.get(key)
    if record is not None and operation.find_layer(Digest.parse(record.result)) is not None:
        return Digest.parse(record.result)
    indexes = [operation.store.layer_index(layer) for layer in layers]
    with operation.new_layer() as sink, LayerData(operation.store, layers) as data:
        writer = LayerWriter(sink)
        _write(writer, MergedTree(indexes), MergedTree(indexes[:base]), data)
        made = sink.commit(writer.close()).diff_id
    cache.put(StepRecord(key, "", ingredients, str(made)))
    return made


def _write(writer: LayerWriter, tree: MergedTree, base: MergedTree, data: LayerData) -> None:
    """Write what makes `tree` of `base`: in each directory whiteouts first, then names, with the parents of each."""
    changed: dict[bytes, TreeNode] = {}
    removed = {node.entry.path for node in base.walk()}
    for node in tree.walk():
        path = node.entry.path
        removed.discard(path)
        if not _is_same(node, base.lookup(path, follow=False)):
            changed[path] = node
    gone = [path for path in removed if _is_topmost(path, removed, changed)]
    for path in (*changed, *gone):
        for parent in parents(path):
            if parent and parent not in changed:
                found = tree.lookup(parent, follow=False)
                assert found is not None
                changed[parent] = found
    names: dict[tuple[int, int], bytes] = {}
    for path, is_removal in _in_order(changed, gone):
        if is_removal:
            writer.add(whiteout(path))
            continue
        node = changed[path]
        first = path if node.inode is None else names.setdefault(node.inode, path)
        if first != path:
            writer.add(replace(node.entry, kind=Kind.HARDLINK, link=first, size=0, xattrs={}, dev_major=0, dev_minor=0))
        else:
            writer.add(node.entry, data.of(node) if node.entry.size else b"")


def _is_same(node: TreeNode, before: TreeNode | None) -> bool:
    """Whether the base has this very file; of directories the time does not count, it follows their contents."""
    if before is None or node.sha256 != before.sha256:
        return False
    if node.entry.kind is Kind.DIRECTORY:
        return replace(node.entry, mtime_ns=0) == replace(before.entry, mtime_ns=0)
    return node.entry == before.entry


def _is_topmost(path: bytes, removed: set[bytes], changed: dict[bytes, TreeNode]) -> bool:
    """Whether removing `path` needs a whiteout: not where its directory goes, or is replaced by something else."""
    directory, _ = split(path)
    if directory in removed:
        return False
    above = changed.get(directory)
    return above is None or above.entry.kind is Kind.DIRECTORY


def _in_order(changed: dict[bytes, TreeNode], gone: list[bytes]) -> Iterator[tuple[bytes, bool]]:
    """All paths as a layer lists them, and whether each is a removal."""
    keyed = [(_key(path, is_removal=True), path, True) for path in gone]
    keyed += [(_key(path, is_removal=False), path, False) for path in changed]
    for _, path, is_removal in sorted(keyed):
        yield path, is_removal


def _key(path: bytes, *, is_removal: bool) -> tuple[tuple[bool, bytes], ...]:
    """Sorts a directory before its contents, whiteouts before the names beside them."""
    directory, name = split(path)
    steps = [(True, step) for step in directory.split(b"/")] if directory else []
    return (*steps, (not is_removal, name))
