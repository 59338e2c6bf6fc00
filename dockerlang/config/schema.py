"""The schema of `dockerlang.toml`, as JSON Schema (draft 7), by which editors complete and check it."""

from __future__ import annotations

from typing import Any

from dockerlang.config.formats import FORMATS
from dockerlang.config.hadolint import THRESHOLDS
from dockerlang.diagnostics import Severity
from dockerlang.formatter.options import MAXIMUM_INDENT, KeywordCase
from dockerlang.linter.facts.label_schema import FORMATS as LABEL_FORMATS

Json = dict[str, Any]


def settings_schema() -> Json:
    """The schema; `[tool.dockerlang]` of `pyproject.toml` has the same one."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "dockerlang.toml",
        "description": "Settings of dockerlang's linter and formatter.",
        "type": "object",
        "additionalProperties": False,
        "properties": {"lint": _lint(), "format": _format()},
    }


def _lint() -> Json:
    severities = [severity.word for severity in Severity]
    properties = {
        "extends": {
            "description": "Files whose settings hold where this one says nothing; paths are relative to this file.",
            "anyOf": [{"type": "string"}, _list("")],
        },
        "select": _codes("The only rules to report."),
        "extend-select": _codes("Rules to report besides the selected ones or those that are on by default."),
        "ignore": _codes("Rules not to report."),
        "severity": _mapping("Severities by codes or names of rules; this also turns on a rule.", {"enum": severities}),
        "per-file-ignores": _mapping("Rules not to report in some files, by patterns of paths.", _codes("")),
        "shellcheck": _switch("Whether ShellCheck looks at the scripts.", True),
        "failure-threshold": _choice("The least severity for which the command ends with 1.", THRESHOLDS, "style"),
        "exit-zero": _switch("Whether the command ends with 0 whatever is found.", False),
        "output-format": _choice("How findings are printed.", FORMATS, "full"),
        "color": _switch("Whether a terminal is shown colours.", True),
        "trusted-registries": _list("The registries from which images may come."),
        "label-schema": _mapping(
            "Labels that must be there, and the format of their values.", {"enum": sorted(LABEL_FORMATS)}
        ),
        "strict-labels": _switch("Whether labels that the schema does not know are reported.", False),
        "honour-pragmas": _switch("Whether comments in a file silence findings.", True),
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _format() -> Json:
    properties = {
        "keyword-case": _choice(
            "How FROM, AS and the like are written.", [case.value for case in KeywordCase], "upper"
        ),
        "indent": {
            "description": "The indentation, in columns, of lines that continue an instruction.",
            "type": "integer",
            "minimum": 1,
            "maximum": MAXIMUM_INDENT,
            "default": 4,
        },
        "tabs": _switch("Whether that indentation is written as tabs.", False),
        "keep-shell": _switch("Whether the lines of shell commands stay where they are.", False),
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _described(description: str, schema: Json) -> Json:
    return {"description": description, **schema} if description else schema


def _codes(description: str) -> Json:
    return _list(f"{description} Codes, names, or families." if description else "")


def _list(description: str) -> Json:
    return _described(description, {"type": "array", "items": {"type": "string"}})


def _mapping(description: str, values: Json) -> Json:
    return _described(description, {"type": "object", "additionalProperties": values})


def _switch(description: str, default: bool) -> Json:
    return {"description": description, "type": "boolean", "default": default}


def _choice(description: str, words: Any, default: str) -> Json:
    return {"description": description, "enum": list(words), "default": default}
