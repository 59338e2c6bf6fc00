"""Reads the imports of the package and says where they break its floors; `test_floors.py` runs it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A module imports only from lower rows and from its own room; rooms of one row are strangers.
ROWS: tuple[frozenset[str], ...] = (
    frozenset({"records"}),
    frozenset({"text", "errors"}),
    frozenset({"edits"}),
    frozenset({"diagnostics"}),
    frozenset({"syntax", "oci"}),
    frozenset({"semantics", "store", "registry", "runtime"}),
    frozenset({"linter", "formatter", "builder", "containers", "images"}),
    frozenset({"config", "ide"}),
    frozenset({"cli"}),
    frozenset({"dockerlang_lsp", "__main__"}),
)
FIRST_ROW_WITH_INPUT_AND_OUTPUT = 5
FIRST_ROW_THAT_PRINTS = 8

# Where each library that is not Python's own may be imported: a module, or a room with all below it.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "lark": ("dockerlang.syntax.lark_tables",),
    "isal": ("dockerlang.oci",),
    "backports": ("dockerlang.oci",),
    "compression": ("dockerlang.oci",),
    "tree_sitter": ("dockerlang.linter", "dockerlang.semantics"),
    "tree_sitter_bash": ("dockerlang.linter", "dockerlang.semantics"),
    "urllib3": ("dockerlang.builder.ops.downloading", "dockerlang.registry"),
    "yaml": ("dockerlang.config",),
    "click": ("dockerlang.cli",),
    "rich": ("dockerlang.cli",),
    "pygls": ("dockerlang_lsp",),
    "lsprotocol": ("dockerlang_lsp",),
}

# The grammars and the tables made of them are read there.
MAY_READ_FILES = frozenset({"dockerlang.syntax.tables"})
OUTSIDE_WORLD = frozenset(
    {"subprocess", "socket", "ssl", "sqlite3", "urllib", "http", "shutil", "tempfile", "multiprocessing", "asyncio"}
)
FILE_METHODS = frozenset(
    {
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "mkdir",
        "rmdir",
        "unlink",
        "touch",
        "symlink_to",
        "iterdir",
    }
)

RULES = "dockerlang.linter.rules."


@dataclass(frozen=True)
class Import:
    """One name that a module imports."""

    importer: str
    target: str
    line: int


def modules_of(*folders: Path) -> dict[str, str]:
    """The source of every module below package folders, by its dotted name; a package's is that of its `__init__`."""
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = path.read_text(encoding="utf-8")
    return found


def violations(modules: dict[str, str]) -> list[str]:
    """One sentence for each place that breaks the floors, in the order of the modules."""
    found: list[str] = []
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for name, source in modules.items():
        tree = ast.parse(source)
        for each in _imports(name, tree, modules):
            found += _wrong_import(each, modules)
            if each.target in modules and each.target != name:
                graph[name].add(each.target)
        found += _wrong_calls(name, tree)
    found += [f"modules import each other in a circle: {' -> '.join(circle)}" for circle in _circles(graph)]
    return found


def row_of(module: str) -> int:
    """The row of a module; -1 for the package's own `__init__`, which knows only the version."""
    room = room_of(module)
    if room == "dockerlang":
        return -1
    found = next((number for number, rooms in enumerate(ROWS) if room in rooms), None)
    assert found is not None, f"{module} has no row: add `{room}` to ROWS"
    return found


def room_of(module: str) -> str:
    """The part of the package that a module belongs to: what stands behind `dockerlang.`."""
    first, *rest = module.split(".")
    return first if first != "dockerlang" or not rest else rest[0]


def _imports(name: str, tree: ast.Module, modules: dict[str, str]) -> Iterator[Import]:
    """Every import statement wherever it stands, and calls of `import_module` with a constant."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (Import(name, alias.name, node.lineno) for alias in node.names)
            case ast.ImportFrom():
                origin = _absolute(name, node, modules)
                for alias in node.names:
                    inner = f"{origin}.{alias.name}"
                    yield Import(name, inner if inner in modules else origin, node.lineno)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(target)), *_],
            ):
                yield Import(name, target, node.lineno)


def _absolute(name: str, node: ast.ImportFrom, modules: dict[str, str]) -> str:
    if not node.level:
        return node.module or ""
    is_package = any(other.startswith(f"{name}.") for other in modules)
    parts = name.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, node.module] if node.module else parts)


def _wrong_import(found: Import, modules: dict[str, str]) -> Iterator[str]:
    importer, target = found.importer, found.target
    where = f"{importer}:{found.line}"
    top = target.split(".")[0]
    if top in ("dockerlang", "dockerlang_lsp"):
        is_stranger = room_of(importer) != room_of(target)
        if is_stranger and row_of(target) >= row_of(importer):
            direction = "sideways" if row_of(target) == row_of(importer) else "upwards"
            yield f"{where} imports {direction}: {target}"
        if importer.startswith(RULES) and target.startswith(RULES) and target in modules and importer != target:
            yield f"{where} knows another rule: {target}"
    elif top in LIBRARIES:
        if not any(importer == place or importer.startswith(f"{place}.") for place in LIBRARIES[top]):
            yield f"{where} imports {top}, which only {' and '.join(LIBRARIES[top])} may"
    elif top not in sys.stdlib_module_names:
        yield f"{where} imports {top}, which is in no list of libraries"
    elif top in OUTSIDE_WORLD and _must_not_touch_the_world(importer):
        yield f"{where} reaches the outside world: {target}"


def _wrong_calls(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="print")) if row_of(name) < FIRST_ROW_THAT_PRINTS:
                yield f"{name}:{node.lineno} prints"
            case ast.Call(func=ast.Name(id="open")) if _must_not_touch_the_world(name):
                yield f"{name}:{node.lineno} opens a file"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="os"), attr="open")) if _must_not_touch_the_world(name):
                yield f"{name}:{node.lineno} opens a file"
            case ast.Call(func=ast.Attribute(attr=method)) if method in FILE_METHODS and _must_not_touch_the_world(
                name
            ):
                yield f"{name}:{node.lineno} touches a file: {method}"


def _must_not_touch_the_world(module: str) -> bool:
    if module in MAY_READ_FILES:
        return False
    return row_of(module) < FIRST_ROW_WITH_INPUT_AND_OUTPUT or module.startswith(RULES)


def _circles(graph: dict[str, set[str]]) -> Iterator[list[str]]:
    """One circle of each knot of modules that reach each other."""
    done: set[str] = set()
    for start in graph:
        if start in done:
            continue
        path = _way(graph, start, start)
        if path:
            done |= set(path)
            yield path


def _way(graph: dict[str, set[str]], start: str, goal: str) -> list[str]:
    """The shortest way from `start` over at least one import to `goal`; empty if there is none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for following in sorted(graph[way[-1]]):
            if following == goal:
                return [*way, goal]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []
