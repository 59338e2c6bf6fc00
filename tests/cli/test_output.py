"""Tables, sizes, ages and templates as docker's, and docker's own recorded tables where they are at hand."""

from __future__ import annotations

import time

import pytest

from dockerlang.cli.output.containers import CONTAINER_HEADERS, CONTAINER_RAW, CONTAINER_TABLE
from dockerlang.cli.output.images import HISTORY_HEADERS, HISTORY_TABLE, IMAGE_HEADERS, IMAGE_TABLE
from dockerlang.cli.output.listing import list_rows
from dockerlang.cli.output.table import columns
from dockerlang.cli.output.templates.errors import TemplateFieldError
from dockerlang.cli.output.units import age, clock, human_duration, human_size, rfc3339
from dockerlang.cli.output.usage import USAGE_HEADERS, USAGE_RAW, USAGE_TABLE, usage_rows
from dockerlang.containers.usage import Usage
from tests.conformance.folder import cases_file

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0B"),
        (999, "999B"),
        (1000, "1kB"),
        (1982329, "1.98MB"),
        (72_900_000, "72.9MB"),
        (999_600, "1e+03kB"),
        (123_456_789_012, "123GB"),
        (10**24, "1YB"),
        (10**28, "1e+04YB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert human_size(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "Less than a second"),
        (0.9, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (MINUTE, "About a minute"),
        (2 * MINUTE, "2 minutes"),
        (59 * MINUTE + 59, "59 minutes"),
        (HOUR, "About an hour"),
        (89 * MINUTE, "About an hour"),
        (90 * MINUTE, "2 hours"),
        (47 * HOUR, "47 hours"),
        (48 * HOUR, "2 days"),
        (13 * DAY, "13 days"),
        (14 * DAY, "2 weeks"),
        (59 * DAY, "8 weeks"),
        (60 * DAY, "2 months"),
        (729 * DAY, "24 months"),
        (730 * DAY, "2 years"),
    ],
)
def test_ages(seconds: float, text: str) -> None:
    assert human_duration(seconds) == text


def test_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert rfc3339(1483272003.9) == "2017-01-01T12:00:03Z"
    assert clock(1483272003.9) == "2017-01-01 12:00:03 +0000 UTC"
    assert (rfc3339(None), clock(None), age(None, 0.0)) == ("N/A", "N/A", "N/A")


def test_columns_are_ten_wide_and_the_last_is_free() -> None:
    assert columns([["A", "B", "C"], ["longer than ten", "é", ""], ["x", "y", "last"]]) == [
        "A                 B         C",
        "longer than ten   é         ",
        "x                 y         last",
    ]


def golden(name: str) -> str:
    path = cases_file(f"docker_cli/image__{name}.golden")
    if path is None:
        pytest.skip("docker's recorded tables are not here; set DOCKERLANG_CONFORMANCE")
    return path.read_text("utf-8")


def history_row(**fields: str) -> dict[str, str]:
    row = {
        "ID": "123456789012",
        "CreatedSince": "Less than a second ago",
        "CreatedAt": "",
        "CreatedBy": "",
        "Size": "0B",
    }
    return {**row, "Comment": "", **fields}


@pytest.mark.parametrize(
    ("name", "row", "format_"),
    [
        ("history-command-success.simple", history_row(Comment="none"), ""),
        ("history-command-success.platform", history_row(), "table"),
        ("history-command-success.quiet-no-trunc", history_row(ID="1234567890123456789"), "{{.ID}}"),
        ("history-command-success.quiet", history_row(ID="tag"), "{{.ID}}"),
    ],
)
def test_docker_s_tables_of_histories(name: str, row: dict[str, str], format_: str) -> None:
    assert "\n".join([*list_rows([row], HISTORY_HEADERS, HISTORY_TABLE, format_), ""]) == golden(name)


def test_docker_s_table_of_a_history_for_machines() -> None:
    row = history_row(
        ID="abcdef", CreatedSince="2017-01-01T12:00:03Z", CreatedBy="rose", Size="0", Comment="new history item!"
    )
    headers = {**HISTORY_HEADERS, "CreatedSince": "CREATED AT"}
    assert "\n".join([*list_rows([row], headers, HISTORY_TABLE), ""]) == golden("history-command-success.non-human")


def test_the_heading_stands_alone_over_nothing() -> None:
    assert list_rows([], IMAGE_HEADERS, IMAGE_TABLE) == ["REPOSITORY   TAG       IMAGE ID   CREATED   SIZE"]


def test_docker_s_headings_of_a_template_with_functions() -> None:
    template = (
        "table {{truncate .ID 5}}\t{{json .Image}} {{.RunningFor}}/{{title .Status}}/{{pad .Ports 2 2}}"
        ".{{upper .Names}} {{lower .Status}}"
    )
    row = dict.fromkeys(CONTAINER_HEADERS, "") | {"ID": "containerID1", "Image": "ubuntu", "RunningFor": "24 hours ago"}
    rows = [{**row, "Names": "foobar_baz"}, {**row, "Names": "foobar_bar"}]
    path = cases_file("docker_cli/formatter__container-context-write-special-headers.golden")
    if path is None:
        pytest.skip("docker's recorded tables are not here; set DOCKERLANG_CONFORMANCE")
    lines = list_rows(rows, CONTAINER_HEADERS, CONTAINER_TABLE, template)
    assert "\n".join([*lines, ""]) == path.read_text("utf-8")


def test_a_field_that_no_row_has() -> None:
    with pytest.raises(TemplateFieldError, match="Nope") as error:
        list_rows([{"ID": "1"}], {"ID": "ID"}, "{{.ID}}", "{{.Nope}}")
    assert "ID" in error.value.hint


@pytest.mark.parametrize(
    ("format_", "name"),
    [("raw", "disk-usage-raw-format"), (r"table {{.Type}}\t{{.Active}}", "disk-usage-context-write-custom")],
)
def test_docker_s_usage_of_an_empty_store(format_: str, name: str) -> None:
    path = cases_file(f"docker_cli/formatter__{name}.golden")
    if path is None:
        pytest.skip("docker's recorded tables are not here; set DOCKERLANG_CONFORMANCE")
    kinds = [Usage(kind, 0, 0, 0, 0) for kind in ("Images", "Containers", "Local Volumes", "Build Cache")]
    lines = list_rows(usage_rows(kinds), USAGE_HEADERS, USAGE_TABLE, format_, USAGE_RAW)
    assert "\n".join([*lines, ""]) == path.read_text("utf-8")


def test_raw_lines_of_a_container() -> None:
    row = dict.fromkeys(CONTAINER_HEADERS, "") | {"ID": "3f2a9c01d4be", "Image": "app", "Status": "Up 2 hours"}
    assert list_rows([row], CONTAINER_HEADERS, CONTAINER_TABLE, "raw", CONTAINER_RAW) == [
        "container_id: 3f2a9c01d4be",
        "image: app",
        "command:",
        "created_at:",
        "state:",
        "status: Up 2 hours",
        "names:",
        "labels:",
        "ports:",
        "",
    ]
