"""What listings show: filters, histories, the document of one image."""

from __future__ import annotations

import pytest

from dockerlang.errors import InputError, NotFoundError, UsageError
from dockerlang.oci.config import ContainerConfig, History
from dockerlang.oci.reference import parse_reference
from dockerlang.store.history import image_history
from dockerlang.store.inspection import inspect_image
from dockerlang.store.listing import parse_filter, select_images
from dockerlang.store.records import parse_time
from dockerlang.store.store import Store
from tests.store.making import add_image


@pytest.fixture
def filled(store: Store) -> Store:
    """An old base, an app built on it in two steps, an image that lost its name, and a step that nothing came of."""
    with store.operation("make") as operation:
        base = add_image(operation, {"a": b"1"}, name="base", created="2020-01-01T00:00:00Z")
        step = add_image(operation, {"b": b"22"}, parent=base, is_step=True, created="2021-01-01T00:00:00Z")
        app = add_image(
            operation, {"c": b"333"}, parent=step, name="team/app:1", labels={"l": "v"}, created="2022-01-01T00:00:00Z"
        )
        operation.tag(parse_reference("team/app:2"), app)
        add_image(operation, {"d": b"4"}, created="2023-01-01T00:00:00Z", labels={"l": "w", "m": ""})
        add_image(operation, {"e": b"5"}, parent=base, is_step=True, created="2024-01-01T00:00:00Z")
    return store


def shown(store: Store, *filters: str, **options: bool) -> list[str]:
    rows = select_images(store, [parse_filter(text) for text in filters], **options)
    return [" ".join(parse_reference(name).familiar for name in row.names) or "-" for row in rows]


def test_the_newest_come_first_and_steps_are_hidden(filled: Store) -> None:
    assert shown(filled) == ["-", "team/app:1 team/app:2", "base:latest"]
    assert shown(filled, all=True) == ["-", "-", "team/app:1 team/app:2", "-", "base:latest"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["dangling=true"], ["-"]),
        (["dangling=false"], ["team/app:1 team/app:2", "base:latest"]),
        (["label=l"], ["-", "team/app:1 team/app:2"]),
        (["label=l=v"], ["team/app:1 team/app:2"]),
        (["label=l", "label=m"], ["-"]),
        (["label=none"], []),
        (["before=team/app:1"], ["base:latest"]),
        (["since=base"], ["-", "team/app:1 team/app:2"]),
        (["since=base", "before=team/app:1"], []),
        (["reference=team/*"], ["team/app:1 team/app:2"]),
        (["reference=team/*:2"], ["team/app:2"]),
        (["reference=*"], ["base:latest"]),
        (["reference=nosuch", "reference=b?se"], ["base:latest"]),
    ],
)
def test_filters(filled: Store, filters: list[str], expected: list[str]) -> None:
    assert shown(filled, *filters) == expected


@pytest.mark.parametrize("text", ["bogus=1", "dangling=perhaps"])
def test_wrong_filters_end_with_1(filled: Store, text: str) -> None:
    with pytest.raises(UsageError, match="Invalid filter") as caught:
        shown(filled, text)
    assert caught.value.exit_code == 1


def test_a_filter_needs_a_value_and_an_image_that_is_there(filled: Store) -> None:
    with pytest.raises(InputError):
        parse_filter("dangling")
    with pytest.raises(NotFoundError):
        shown(filled, "before=nosuch")


def test_sizes_sum_the_files_of_all_layers(filled: Store) -> None:
    assert {row.names: row.size for row in select_images(filled)}[("docker.io/team/app:1", "docker.io/team/app:2")] == 6


def test_a_history_shows_the_images_that_its_steps_were(filled: Store) -> None:
    rows = image_history(filled, "team/app:1")
    assert [row.size for row in rows] == [3, 22 // 11, 1]
    ids = [row.image for row in rows]
    assert ids[0] == filled.find("team/app:1").id  # type: ignore[union-attr]
    assert ids[2] == filled.find("base").id  # type: ignore[union-attr]


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_histories_that_do_not_fit_the_layers(store: Store, steps: int) -> None:
    history = tuple(History(created_by=str(number)) for number in range(steps))
    with store.operation("make") as operation:
        add_image(operation, {"a": b"1"}, {"b": b"22"}, name="odd", history=history)
    rows = image_history(store, "odd")
    assert [row.created_by for row in reversed(rows)] == [str(number) for number in range(steps)]
    assert [row.size for row in reversed(rows)] == [1, 2, 0, 0, 0][:steps]


def test_an_image_s_document(filled: Store) -> None:
    document = inspect_image(filled, "team/app:2")
    assert document is not None
    assert document["RepoTags"] == ["team/app:1", "team/app:2"]
    assert document["Size"] == 6
    assert document["Created"] == "2022-01-01T00:00:00Z"
    assert document["Config"]["Labels"] == {"l": "v"}  # type: ignore[index]
    assert document["Config"]["Env"] is None  # type: ignore[index]
    assert inspect_image(filled, "nosuch") is None


def test_a_config_with_everything_is_shown_with_docker_s_names(store: Store) -> None:
    from dockerlang.oci.config import Healthcheck

    config = ContainerConfig(
        user="me",
        exposed_ports=("80/tcp",),
        env=("A=1",),
        entrypoint=("e",),
        cmd=("c",),
        volumes=("/v",),
        working_dir="/w",
        labels={"l": "v"},
        stop_signal="SIGINT",
        healthcheck=Healthcheck(test=("NONE",)),
        on_build=("RUN x",),
        shell=("/bin/bash",),
    )
    with store.operation("make") as operation:
        from tests.store.making import config_of

        operation.add_image(config_of([], config=config).to_bytes())
    (row,) = select_images(store)
    document = inspect_image(store, row.id.hex)
    assert document is not None
    assert document["Config"] == {
        "User": "me",
        "ExposedPorts": {"80/tcp": {}},
        "Env": ["A=1"],
        "Cmd": ["c"],
        "Healthcheck": {"Test": ["NONE"]},
        "Volumes": {"/v": {}},
        "WorkingDir": "/w",
        "Entrypoint": ["e"],
        "OnBuild": ["RUN x"],
        "Labels": {"l": "v"},
        "StopSignal": "SIGINT",
        "Shell": ["/bin/bash"],
    }


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:10Z", 10.0),
        ("1970-01-01T01:00:00.5+01:00", 0.5),
        ("2024-02-29T12:00:00.123456789Z", 1709208000.123456789),
        ("0001-01-01T00:00:00Z", None),
        ("2024-13-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_of_configs(text: str, seconds: float | None) -> None:
    assert parse_time(text) == seconds
