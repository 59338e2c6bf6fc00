"""Platforms: spelling, normalisation and choice."""

from __future__ import annotations

import pytest

from dockerlang.errors import InputError
from dockerlang.oci.platform import Platform, best_match, host_platform, matches, normalize, parse_platform


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("Linux/AMD64/V3", "linux/amd64/v3"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/6", "linux/arm/v6"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/i386", "linux/386"),
        ("macos/arm64", "darwin/arm64"),
        ("windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"),
        ("linux/riscv64", "linux/riscv64"),
        ("plan9/unheard-of", "plan9/unheard-of"),
    ],
)
def test_a_platform_has_one_spelling(text: str, expected: str) -> None:
    assert str(parse_platform(text)) == expected
    assert str(parse_platform(expected)) == expected


def test_one_word_is_a_system_or_an_architecture() -> None:
    host = host_platform()
    assert parse_platform("linux").os == "linux"
    assert parse_platform("linux").architecture == host.architecture
    assert parse_platform("s390x") == Platform(host.os, "s390x")


@pytest.mark.parametrize("text", ["", "/", "linux/", "linux/amd64/v1/x", "lin ux/amd64", "no-such-thing", "linux/*"])
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_platform(text)


@pytest.mark.parametrize(
    ("wanted", "offered", "runs"),
    [
        ("linux/arm/v7", "linux/arm/v6", True),
        ("linux/arm/v6", "linux/arm/v7", False),
        ("linux/amd64/v3", "linux/amd64", True),
        ("linux/amd64", "linux/amd64/v2", False),
        ("linux/amd64", "linux/386", True),
        ("linux/386", "linux/amd64", False),
        ("linux/arm64", "linux/arm/v7", True),
        ("linux/amd64", "windows/amd64", False),
        ("windows(10.0.1)/amd64", "windows(10.0.2)/amd64", False),
        ("windows/amd64", "windows(10.0.2)/amd64", True),
    ],
)
def test_older_variants_run_where_newer_ones_do(wanted: str, offered: str, runs: bool) -> None:
    assert matches(parse_platform(wanted), parse_platform(offered)) is runs


def test_the_nearest_offer_wins_and_the_first_of_equals() -> None:
    offers = [Platform("linux", "arm", variant) for variant in ("v5", "v6", "v8", "v6")]
    assert best_match(Platform("linux", "arm", "v7"), (None, *offers)) == 2
    assert best_match(Platform("linux", "s390x"), tuple(offers)) is None
    mixed = (Platform("linux", "386"), Platform("linux", "amd64"))
    assert best_match(Platform("linux", "amd64", "v4"), mixed) == 1


def test_normalising_twice_changes_nothing() -> None:
    for platform in (Platform("Linux", "ARMHF"), Platform("linux", "arm64", "8"), Platform("macos", "x86-64", "v1")):
        assert normalize(normalize(platform)) == normalize(platform)
