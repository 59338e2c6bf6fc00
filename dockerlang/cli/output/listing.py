"""Listings in the format that `--format` asks for: a table, JSON (an object a line), raw lines, or a template."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dockerlang.cli.output.table import columns

Row = Mapping[str, str]

_PLAIN_FIELD = re.compile(r"\{\{\.(\w+)\}\}")


def list_rows(rows: Sequence[Row], headers: Row, default: str, format: str = "", raw: Row | None = None) -> list[str]:
    """The lines of a listing. `headers` has a heading for every field.

    `default` is the template of the plain table, fields with tabs between them; `raw` has the label of each field that
    the format of that name shows. Raises TemplateSyntaxError and TemplateFieldError.
    """
    format = format.strip(" ")
    if format in ("", "table"):
        fields = _PLAIN_FIELD.findall(default)
        return columns([[row[field] for field in fields] for row in (headers, *rows)])
    if format == "{{.ID}}":
        # What `--quiet` asks for; neither it nor the plain table waits for the template's parser.
        return [row["ID"] for row in rows]

    if format == "raw" and raw is not None:
        # A line a field, and an empty one after each row.
        return [line for row in rows for line in (*(f"{raw[field]}: {row[field]}".rstrip() for field in raw), "")]

    from dockerlang.cli.output.templates.errors import TemplateFieldError
    from dockerlang.cli.output.templates.template import parse_template
    from dockerlang.cli.output.templates.values import to_json

    if format == "json":
        return [to_json(dict(sorted(row.items())), escape_html=True) for row in rows]
    is_table = format.startswith("table")
    text = format.removeprefix("table").strip(" ") if is_table else format
    template = parse_template(text.replace(r"\t", "\t").replace(r"\n", "\n"))
    try:
        lines = [template.fill(row) for row in rows]
    except TemplateFieldError as error:
        raise TemplateFieldError(str(error), hint=f"the fields are {', '.join(sorted(headers))}") from None
    if not is_table:
        return lines
    return columns([line.split("\t") for line in (template.headings(headers), *lines)])
