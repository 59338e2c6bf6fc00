"""Writes docs/map.md, the list of all modules with what each says it is: `python docs/make_map.py`."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    ("Foundations", ("text", "errors", "edits", "diagnostics")),
    ("syntax", ("syntax",)),
    ("oci", ("oci",)),
    ("semantics", ("semantics",)),
    ("store", ("store",)),
    ("registry", ("registry",)),
    ("runtime", ("runtime",)),
    ("linter", ("linter",)),
    ("formatter", ("formatter",)),
    ("builder", ("builder",)),
    ("containers", ("containers",)),
    ("config", ("config",)),
    ("ide", ("ide",)),
    ("cli", ("cli",)),
)


def main() -> None:
    lines = [
        "# Map of the modules",
        "",
        "The first sentence of each module, from the lowest row to the highest; made by `python docs/make_map.py`.",
        "The rules of the linter are listed by `dockerlang rule`.",
    ]
    for title, rooms in ROOMS:
        paths = [path for room in rooms for path in modules(ROOT / "dockerlang" / room)]
        lines += section(title, paths, ROOT / "dockerlang")
    lines += section("dockerlang_lsp", modules(ROOT / "lsp" / "dockerlang_lsp"), ROOT / "lsp")
    (ROOT / "docs" / "map.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def modules(room: Path) -> list[Path]:
    """The module files of a room, rules of the linter left out."""
    if not room.is_dir():
        return [room.with_suffix(".py")]
    rules = room / "rules"
    return [path for path in sorted(room.rglob("*.py")) if rules not in path.parents]


def section(title: str, paths: list[Path], root: Path) -> list[str]:
    """A heading and a row for each module that says something about itself."""
    rows = [
        f"| `{path.relative_to(root)}` | {sentence} |"
        for path in paths
        if (sentence := first_sentence(path)) and sentence != path.parent.name
    ]
    return ["", f"## {title}", "", "| file | what it is |", "|---|---|", *rows] if rows else []


def first_sentence(path: Path) -> str:
    """The first paragraph of a module's docstring as one line; a pipe would end the table's cell."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
