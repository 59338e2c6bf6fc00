from __future__ import annotations

import pytest

from dockerlang.errors import UsageError
from dockerlang.runtime.capabilities import DEFAULT_CAPABILITIES, NAMES, adjust


def test_docker_leaves_fourteen() -> None:
    assert len(DEFAULT_CAPABILITIES) == 14
    assert set(NAMES) > DEFAULT_CAPABILITIES


@pytest.mark.parametrize(
    ("add", "drop", "added", "dropped"),
    [
        ([], [], set(), set()),
        (["NET_ADMIN"], [], {"NET_ADMIN"}, set()),
        (["cap_net_admin"], ["Cap_Chown"], {"NET_ADMIN"}, {"CHOWN"}),
        (["CHOWN"], ["CHOWN"], set(), set()),
        (["CHOWN"], ["ALL"], set(), DEFAULT_CAPABILITIES - {"CHOWN"}),
        ([], ["ALL"], set(), DEFAULT_CAPABILITIES),
        (["ALL"], ["CHOWN"], set(NAMES) - DEFAULT_CAPABILITIES, {"CHOWN"}),
        (["ALL"], ["ALL"], set(NAMES) - DEFAULT_CAPABILITIES, set()),
    ],
)
def test_sets_are_adjusted_as_in_docker(add: list[str], drop: list[str], added: set[str], dropped: set[str]) -> None:
    assert adjust(DEFAULT_CAPABILITIES, add=add, drop=drop) == (DEFAULT_CAPABILITIES | added) - dropped


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UsageError, match="SYS_MAGIC"):
        adjust(DEFAULT_CAPABILITIES, add=["SYS_MAGIC"])
