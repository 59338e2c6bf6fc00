"""Limits and privileges of RUN: what they do, and what of them makes a step another step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dockerlang.builder.exec_limits import ExecLimits
from dockerlang.builder.failure import BuildFailure
from dockerlang.runtime.limits import Ulimit
from tests.builder.conftest import Builder

pytestmark = pytest.mark.root

_LIMITS = [
    ExecLimits(),
    ExecLimits(ulimits=(Ulimit("nofile", 100, 200),)),
    ExecLimits(ulimits=(Ulimit("nofile", 100, 300),)),
    ExecLimits(shared_memory=1 << 20),
]


def test_a_changed_limit_is_a_changed_step(builder: Builder) -> None:
    text = "FROM busybox\nRUN true\n"
    for limits in _LIMITS:
        builder(text, limits=limits)
        assert builder.cached == [False]
    for limits in _LIMITS:
        builder(text, limits=limits)
        assert builder.cached == [True]


def test_limits_reach_the_process(builder: Builder) -> None:
    limits = ExecLimits((Ulimit("nofile", 100, 200),), 1 << 20)
    result = builder(
        "FROM busybox\nRUN ulimit -n > /o; df -k /dev/shm | tail -n1 | awk '{print $2}' >> /o\n", limits=limits
    )
    assert builder.layer(result)["o"][1] == b"100\n1024\n"


def test_a_step_without_security_has_to_be_allowed(builder: Builder) -> None:
    text = "FROM busybox\nRUN --security=insecure grep Seccomp: /proc/self/status | cut -f2 > /o\n"
    with pytest.raises(BuildFailure) as caught:
        builder(text)
    assert caught.value.diagnostics[0].code == "not-allowed"
    result = builder(text, allowed=frozenset({"security.insecure"}))
    assert builder.layer(result)["o"][1] == b"0\n"


def test_the_same_step_with_security_is_another_one(builder: Builder) -> None:
    allowed = frozenset({"security.insecure"})
    outcomes: list[bool] = []
    run: Callable[..., object] = builder
    for flag in ("", "--security=sandbox ", "--security=insecure "):
        run(f"FROM busybox\nRUN {flag}true\n", allowed=allowed)
        outcomes += builder.cached
    assert outcomes == [False, True, False]
