"""`--call` and `--check`: questions about a Dockerfile in place of a build."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from dockerlang.cli.option_groups import declare
from dockerlang.errors import UsageError
from dockerlang.records import record

if TYPE_CHECKING:
    from dockerlang.builder.lower.options import BuildOptions
    from dockerlang.diagnostics import Diagnostic
    from dockerlang.syntax import nodes
    from dockerlang.text import Source, Span

_QUESTIONS = ("build", "check", "lint", "outline", "targets")
options = declare(
    click.option(
        "--call", default="build", metavar="QUESTION[,format=json]",
        help="Answer a question in place of building: check, outline (what the target takes), targets.",
    ),
    click.option("--check", "is_check", is_flag=True, help="Check the Dockerfile in place of building; --call=check."),
)  # fmt: skip


@record
class Calls:
    """The values of these options."""

    call: str
    is_check: bool

    @property
    def is_build(self) -> bool:
        """Whether the image is to be built. Raises `UsageError` for a question that is not understood."""
        return self._question()[0] == "build"

    def answer(self, source: Source, choices: BuildOptions) -> int:
        """Print the answer; the exit code: 1 for findings of a check."""
        from dockerlang.syntax import parse, problems

        question, is_json = self._question()
        document = parse(source)
        found = problems(document)
        if question in ("check", "lint"):
            return _check(document, found, is_json=is_json)
        if found:
            from dockerlang.cli.output.text import render_diagnostics

            render_diagnostics(source, found)
            return 1
        (_print_targets if question == "targets" else _print_outline)(document, choices, is_json=is_json)
        return 0

    def _question(self) -> tuple[str, bool]:
        question, *fields = ("check" if self.is_check else self.call).split(",")
        formats = dict(field.partition("=")[::2] for field in fields)
        unknown = set(formats) - {"format"}
        if question not in _QUESTIONS or unknown or formats.get("format", "text") not in ("text", "json"):
            raise UsageError(
                f"`--call {self.call}` is not understood", hint=f"there are {', '.join(_QUESTIONS)}, with ,format=json"
            )
        return question, formats.get("format") == "json"


def _check(document: nodes.Document, problems: Sequence[Diagnostic], *, is_json: bool) -> int:
    from dockerlang.linter.buildkit import all_checks

    error = problems[0] if problems else None
    warnings = all_checks(document, error=error)
    if is_json:
        _print_json(_check_report(document, warnings, problems))
        return int(bool(warnings or problems))
    if not warnings and not problems:
        click.echo("Check complete, no warnings found.")
        return 0
    from dockerlang.cli.output.text import render_diagnostics

    if warnings:
        plural = "" if len(warnings) == 1 else "s"
        click.echo(f"Check complete, {len(warnings)} warning{plural} found!\n")
    sys.stdout.flush()
    render_diagnostics(document.source, [*warnings, *problems], stream=sys.stdout)
    return 1


def _check_report(
    document: nodes.Document, warnings: Iterable[Diagnostic], problems: Sequence[Diagnostic]
) -> dict[str, object]:
    from dockerlang.linter.buildkit import reference_lines

    report: dict[str, object] = {
        "warnings": [
            {
                "ruleName": found.code,
                "url": found.url,
                "detail": found.message,
                "location": {"ranges": [_lines(line, line) for line in reference_lines(document, found)]},
            }
            for found in warnings
        ],
        "sources": [_source(document)],
    }
    if problems:
        report["buildError"] = {"message": problems[0].message, "location": _location(document, problems[0].span)}
    return report


def _print_targets(document: nodes.Document, _choices: BuildOptions, *, is_json: bool) -> None:
    from dockerlang.cli.building.outline import targets_of

    targets = targets_of(document)
    if is_json:
        rows = [
            {"name": target.name, "default": target.is_default, "description": target.description,
             "base": target.base, "location": _location(document, target.span)}
            for target in targets
        ]  # fmt: skip
        _print_json({"targets": [_without_empty(row) for row in rows], "sources": [_source(document)]})
        return
    _print_table(
        ("TARGET", "DESCRIPTION"),
        [
            (" ".join(filter(None, (target.name, "(default)" if target.is_default else ""))), target.description)
            for target in targets
        ],
    )


def _print_outline(document: nodes.Document, choices: BuildOptions, *, is_json: bool) -> None:
    from dockerlang.cli.building.outline import outline_of

    outline = outline_of(document, choices)
    if is_json:
        arguments = [
            _without_empty(
                {"name": argument.name, "description": argument.description, "value": argument.value,
                 "location": _location(document, argument.span)}
            )
            for argument in outline.arguments.values()
        ]  # fmt: skip
        answer: dict[str, object] = {
            "name": outline.name,
            "description": outline.description,
            "args": arguments,
            "secrets": [{"name": name, "required": required} for name, required in outline.secrets.items()],
            "ssh": [{"name": name, "required": required} for name, required in outline.ssh.items()],
            "cacheMounts": [{"ID": name} for name in outline.caches],
            "sources": [_source(document)],
        }
        _print_json(_without_empty(answer))
        return
    click.echo(f"TARGET:      {outline.name or '(default)'}")
    if outline.description:
        click.echo(f"DESCRIPTION: {outline.description}")
    arguments_table = [(each.name, each.value or "", each.description) for each in outline.arguments.values()]
    for head, rows in (
        (("BUILD ARG", "VALUE", "DESCRIPTION"), arguments_table),
        (("SECRET", "REQUIRED"), [(name, str(required).lower()) for name, required in outline.secrets.items()]),
        (("SSH", "REQUIRED"), [(name, str(required).lower()) for name, required in outline.ssh.items()]),
        (("CACHE MOUNT",), [(name,) for name in outline.caches]),
    ):
        if rows:
            click.echo()
            _print_table(head, rows)


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    for row in table:
        click.echo("    ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print_json(value: object) -> None:
    import json

    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _source(document: nodes.Document) -> dict[str, object]:
    from base64 import b64encode

    from dockerlang.text import encode

    source = document.source
    return {"filename": source.name, "data": b64encode(encode(source.text)).decode("ascii")}


def _location(document: nodes.Document, span: Span) -> dict[str, object]:
    lines = document.source.lines
    return {"ranges": [_lines(lines.line_of(span.start) + 1, lines.line_of(max(span.end - 1, span.start)) + 1)]}


def _lines(first: int, last: int) -> dict[str, object]:
    return {"start": {"line": first}, "end": {"line": last}}


def _without_empty(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value not in ("", None, [], False)}
