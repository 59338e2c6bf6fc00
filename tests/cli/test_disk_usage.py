"""`system df`, in short and in detail; and the documented fields of every listing for programs."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Command

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0 and not os.environ.get("CI"), reason="needs root to run steps"),
]

_DOCKERFILE = "FROM busybox\nRUN --mount=type=cache,target=/c echo 12345 > /c/made; echo {0} > /made\nENV A=1\n"
_FORMATS = Path(__file__).parents[2] / "docs" / "formats.md"


@pytest.fixture
def filled(dockerlang: Command) -> Command:
    """A store with two images on one base, one of them used by a container with two volumes, and a cache mount."""
    for name in ("one", "other"):
        (dockerlang.directory / "Dockerfile").write_text(_DOCKERFILE.format(name))
        assert dockerlang("build", "-q", "-t", name, ".").returncode == 0
    script = "echo 1234567 > /written; echo 123 > /v/data"
    done = dockerlang("run", "--name", "box", "-v", "named:/v", "-v", "/anonymous", "one", "sh", "-c", script)
    assert done.returncode == 0, done.stderr
    return dockerlang


def test_each_thing_has_a_line_in_the_table_of_its_kind(filled: Command) -> None:
    text = filled("system", "df", "-v").stdout
    sections = re.split(r"\n*^(.* usage:.*)\n\n", text, flags=re.MULTILINE)[1:]
    tables = dict(zip(sections[::2], sections[1::2], strict=True))
    assert list(tables) == [
        "Images space usage:",
        "Containers space usage:",
        "Local Volumes space usage:",
        "Build cache usage: 6B",
    ]
    images, containers, volumes, cache = (
        [re.split(r" {2,}", line.strip()) for line in table.strip().splitlines()] for table in tables.values()
    )
    assert images[0] == [
        "REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"
    ]  # fmt: skip
    by_name = {row[0]: row for row in images[1:]}
    assert (by_name["one"][-2:], by_name["other"][-2:]) == (["4B", "1"], ["6B", "0"])
    assert by_name["busybox"][-3:] == [by_name["one"][-3], "0B", "0"]
    assert containers[0] == ["CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS", "NAMES"]
    assert [containers[1][index] for index in (1, 3, 4, 7)] == ["one", "2", "8B", "box"]
    assert volumes[0] == ["VOLUME NAME", "LINKS", "SIZE"]
    assert ["named", "1", "4B"] in volumes
    assert cache[0] == ["CACHE ID", "CACHE TYPE", "SIZE", "CREATED", "LAST USED", "USAGE", "SHARED"]
    assert sorted(row[1] for row in cache[1:]) == ["exec.cachemount", "regular", "regular"]


def test_a_template_gets_all_kinds_at_once(filled: Command) -> None:
    template = "{{range .Images}}{{.Repository}} {{.UniqueSize}}{{println}}{{end}}{{len .BuildCache}}"
    lines = filled("system", "df", "-v", "--format", template).stdout.splitlines()
    assert sorted(lines[:-1]) == ["busybox 0B", "one 4B", "other 6B"]
    assert lines[-1] == "3"
    document = json.loads(filled("system", "df", "-v", "--format", "json").stdout)
    assert list(document) == ["Images", "Containers", "Volumes", "BuildCache"]
    assert document["Containers"][0]["LocalVolumes"] == "2"
    result = filled("system", "df", "-v", "--format", "table {{.Type}}")
    assert result.returncode == 1
    assert "Type" in result.stderr


def test_the_sums_are_those_of_the_details(filled: Command) -> None:
    sums = {line["type"]: line for line in json.loads(filled("system", "df", "--format", "typed-json").stdout)}
    details = json.loads(filled("system", "df", "-v", "--format", "typed-json").stdout)
    unique = sum(image["unique_size"] for image in details["images"])
    shared = max(image["shared_size"] for image in details["images"])
    assert sums["Images"]["size"] == unique + shared
    assert sums["Containers"]["size"] == sum(container["size"] for container in details["containers"]) == 8
    assert sums["Local Volumes"]["size"] == sum(volume["size"] for volume in details["volumes"]) == 4
    assert sums["Build Cache"]["size"] == sum(one["size"] for one in details["build_cache"]) == 6
    assert sums["Build Cache"]["total"] == len(details["build_cache"])


def _documented() -> dict[str, list[str]]:
    """The fields of each row of the tables, without what stands in parentheses."""
    found = {}
    for line in _FORMATS.read_text().splitlines():
        if match := re.fullmatch(r"\| `([a-z_ ]+)`( of `df -v`)? \| (.*) \|", line):
            text = re.sub("those of `[^`]*`", "", match[3])
            while "(" in text:
                text = re.sub(r"\([^()]*\)", "", text)
            found[match[1] + (" of df -v" if match[2] else "")] = re.findall(r"`(\w+)`", text)
    return found


def _fields(documents: list[dict[str, Any]]) -> list[str]:
    assert documents, "there is nothing to look at"
    return list(documents[0])


def test_listings_for_programs_have_the_documented_fields(filled: Command) -> None:
    documented = _documented()
    for words in ("images", "history one", "ps -a", "volume ls", "builds", "system df"):
        shown = json.loads(filled(*words.split(), "--format", "typed-json").stdout)
        name = " ".join(word for word in words.split() if word not in ("one", "-a"))
        assert _fields(shown) == documented[name], words
    details = json.loads(filled("system", "df", "-v", "--format", "typed-json").stdout)
    lists = {"containers": "ps", "volumes": "volume ls"}
    assert _fields(details["build_cache"]) == documented["build_cache of df -v"]
    for name, listing in lists.items():
        assert _fields(details[name])[: len(documented[listing])] == documented[listing]
        assert _fields(details[name])[len(documented[listing]) :] == documented[f"{name} of df -v"]
