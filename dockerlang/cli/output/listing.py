"""Listings in the format that `--format` asks for: a table, JSON (an object a line), or a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dockerlang.cli.output.table import columns
from dockerlang.cli.output.template import TemplateFieldError, fields_of, parse_template, render, to_json

Row = Mapping[str, str]


def list_rows(rows: Sequence[Row], headers: Row, default: str, format: str = "") -> list[str]:
    """The lines of a listing. `headers` has a heading for every field, `default` is the template of the plain table."""
    format = format.strip(" ")
    if format == "json":
        return [to_json(dict(sorted(row.items())), escape_html=True) for row in rows]
    if format in ("", "table"):
        format = f"table {default}"
    is_table = format.startswith("table ")
    text = format.removeprefix("table ").strip(" ") if is_table else format
    template = parse_template(text.replace(r"\t", "\t").replace(r"\n", "\n"))
    for field in fields_of(template):
        if field not in headers:
            raise TemplateFieldError(
                f"template: there is no field {field!r}", hint=f"there are {', '.join(sorted(headers))}"
            )
    if not is_table:
        return [render(template, row) for row in rows]
    heading = "".join(part if isinstance(part, str) else headers.get(".".join(part.path), "") for part in template)
    return columns([line.split("\t") for line in (heading, *(render(template, row) for row in rows))])
