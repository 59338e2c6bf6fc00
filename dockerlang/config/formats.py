"""How findings can be printed: for people, for editors, for services; a module that costs nothing to import."""

from __future__ import annotations

FORMATS = (
    "full",
    "concise",
    "tty",
    "json",
    "json-lines",
    "sarif",
    "github",
    "gitlab_codeclimate",
    "codeclimate",
    "checkstyle",
    "junit",
    "sonarqube",
    "codacy",
    "gnu",
)
