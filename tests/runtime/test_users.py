from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.runtime.users import Ownership, UnknownUser, User, resolve_ownership, resolve_user

PASSWD = b"""root:x:0:0:root:/root:/bin/sh
# a comment

broken line
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www:x:1000:1001:www:/home/www:/bin/sh
+::::::
twin:x:1000:1500::/home/twin:/bin/sh
huge:x:99999999999999999999:1::/:/bin/sh
"""
GROUP = b"root:x:0:\nwww:x:1001:\nextra:x:2000:www,daemon\nmore:x:2001:daemon,www\n"


@pytest.mark.parametrize(
    ("spec", "user"),
    [
        ("", User(0, 0, (0,), "/root")),
        ("root", User(0, 0, (0,), "/root")),
        ("www", User(1000, 1001, (1001, 2000, 2001), "/home/www")),
        ("1000", User(1000, 1001, (1001, 2000, 2001), "/home/www")),
        ("twin", User(1000, 1500, (1500,), "/home/www")),
        ("4242", User(4242, 0, (0,), "/")),
        ("4242:77", User(4242, 77, (77,), "/")),
        ("1000:0", User(1000, 0, (0,), "/home/www")),
        ("daemon:extra", User(1, 2000, (2000,), "/usr/sbin")),
        ("daemon:1234", User(1, 1234, (1234,), "/usr/sbin")),
        (":extra", User(0, 2000, (2000,), "/root")),
    ],
)
def test_a_process_runs_as(spec: str, user: User) -> None:
    assert resolve_user(spec, PASSWD, GROUP) == user


@pytest.mark.parametrize("spec", ["nosuch", "www:nosuch", "4294967296", "1:99999999999", "broken line", "huge", "+"])
def test_a_process_cannot_run_as(spec: str) -> None:
    with pytest.raises(UnknownUser):
        resolve_user(spec, PASSWD, GROUP)


def test_numbers_need_no_files() -> None:
    assert resolve_user("5:6", None, None) == User(5, 6, (6,), "/")
    assert resolve_user("", None, None) == User(0, 0, (0,), "/")


@pytest.mark.parametrize(
    ("spec", "ownership"),
    [
        ("5", Ownership(5, 5)),
        ("5:6", Ownership(5, 6)),
        ("www", Ownership(1000, 1001)),
        ("www:", Ownership(1000, 0)),
        (":extra", Ownership(0, 2000)),
        ("zzz", Ownership(0, 0, ("zzz",))),
        ("www:zzz", Ownership(1000, 1001, ("zzz",))),
        ("5:extra", Ownership(5, 2000)),
        ("root", Ownership(0, 0)),
        ("1000", Ownership(1000, 1000)),
    ],
)
def test_copied_files_belong_to(spec: str, ownership: Ownership) -> None:
    assert resolve_ownership(spec, PASSWD, GROUP) == ownership


@pytest.mark.parametrize("spec", ["www", "5:www"])
def test_names_cannot_be_looked_up_in_nothing(spec: str) -> None:
    with pytest.raises(UnknownUser, match="invalid user index"):
        resolve_ownership(spec, None, None)


@given(st.text(alphabet="www:0129 extra#\n", max_size=12), st.binary(max_size=60), st.binary(max_size=60))
def test_any_files_give_a_user_or_a_plain_error(spec: str, passwd: bytes, group: bytes) -> None:
    for resolve in (resolve_user, resolve_ownership):
        with suppress(UnknownUser):
            found = resolve(spec, passwd, group)
            assert found.uid >= 0
            assert found.gid >= 0
