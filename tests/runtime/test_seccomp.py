"""The filter is run here by a small machine of our own, on calls of every architecture."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.runtime.capabilities import DEFAULT_CAPABILITIES, NAMES
from dockerlang.runtime.seccomp import AUDIT_ARCHITECTURES, filter_for
from dockerlang.runtime.syscall_names import ALLOWED_CALLS
from dockerlang.runtime.syscalls import CLONE, CLONE3, FIRST_UNKNOWN, PERSONALITY, SOCKET, denied_calls

ALLOW, DENY, UNKNOWN = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
MACHINES = {"x86_64": "i386", "aarch64": "arm"}


def judge(program: bytes, architecture: int, number: int, argument: int = 0) -> int:
    """What the filter answers; fails where it would not end or leave the program."""
    instructions = list(struct.iter_unpack("=HBBI", program))
    data = struct.pack("=IIQ6Q", number, architecture, 0, argument, 0, 0, 0, 0, 0)
    accumulator = position = 0
    while True:
        code, then, otherwise, operand = instructions[position]
        position += 1
        match code:
            case 0x20:
                accumulator = struct.unpack_from("=I", data, operand)[0]
            case 0x15:
                position += then if accumulator == operand else otherwise
            case 0x35:
                position += then if accumulator >= operand else otherwise
            case 0x45:
                position += then if accumulator & operand else otherwise
            case 0x05:
                position += operand
            case 0x06:
                return int(operand)
            case _:
                raise AssertionError(f"no such instruction: {code:#x}")


def program_for(machine: str, capabilities: frozenset[str] = DEFAULT_CAPABILITIES) -> bytes:
    program = filter_for(capabilities, machine)
    assert program is not None
    return program


@pytest.mark.parametrize("machine", MACHINES)
def test_each_denied_call_is_denied_under_both_numberings(machine: str) -> None:
    program = program_for(machine)
    for architecture in (machine, MACHINES[machine]):
        for call in denied_calls():
            if architecture in call.numbers and call.capability not in DEFAULT_CAPABILITIES:
                assert judge(program, AUDIT_ARCHITECTURES[architecture], call.numbers[architecture]) == DENY, call


@pytest.mark.parametrize("machine", MACHINES)
def test_capabilities_open_their_calls(machine: str) -> None:
    program = program_for(machine, frozenset(NAMES))
    for call in denied_calls():
        if machine in call.numbers:
            expected = ALLOW if call.capability else DENY
            assert judge(program, AUDIT_ARCHITECTURES[machine], call.numbers[machine]) == expected, call
    assert judge(program, AUDIT_ARCHITECTURES[machine], CLONE3) == ALLOW


@pytest.mark.parametrize("architecture", ["x86_64", "i386", "aarch64", "arm"])
def test_arguments_are_judged(architecture: str) -> None:
    program = program_for(
        architecture if architecture in MACHINES else {"i386": "x86_64", "arm": "aarch64"}[architecture]
    )

    def answer(numbers: dict[str, int], argument: int) -> int:
        return judge(program, AUDIT_ARCHITECTURES[architecture], numbers[architecture], argument)

    assert answer(CLONE, 0x3D0F00) == ALLOW  # a thread
    assert answer(CLONE, 0x10000000 | 17) == DENY  # a user namespace
    assert answer(CLONE, 0x00020000 | 17) == DENY  # a mount namespace
    assert answer(PERSONALITY, 0xFFFFFFFF) == ALLOW
    assert answer(PERSONALITY, 0x0040000) == DENY  # ADDR_NO_RANDOMIZE
    assert answer(SOCKET, 2) == ALLOW
    assert answer(SOCKET, 16) == ALLOW  # netlink
    assert answer(SOCKET, 38) == DENY  # the kernel's ciphers
    assert answer(SOCKET, 40) == DENY  # the host of a virtual machine
    assert answer(SOCKET, 46) == DENY  # a kind to come
    assert judge(program, AUDIT_ARCHITECTURES[architecture], CLONE3) == UNKNOWN


def test_each_capability_opens_its_own_calls_only() -> None:
    opened = {name: {call.name for call in denied_calls() if call.is_open_to(frozenset({name}))} for name in NAMES}
    assert {"bpf", "perf_event_open", "syslog", "mount", "setns"} <= opened["SYS_ADMIN"]
    assert not {"init_module", "reboot", "open_by_handle_at", "pidfd_getfd"} & opened["SYS_ADMIN"]
    assert opened["BPF"] == {"bpf"}
    assert opened["SYS_BOOT"] == {"reboot"}
    assert not any("kexec_load" in calls or "keyctl" in calls for calls in opened.values())


@pytest.mark.parametrize("architecture", ["x86_64", "i386", "aarch64", "arm", "riscv64"])
@pytest.mark.parametrize("capabilities", [DEFAULT_CAPABILITIES, frozenset(NAMES)])
def test_calls_that_nobody_has_judged_do_not_exist(architecture: str, capabilities: frozenset[str]) -> None:
    program = program_for({"i386": "x86_64", "arm": "aarch64"}.get(architecture, architecture), capabilities)
    own = AUDIT_ARCHITECTURES[architecture]
    assert judge(program, own, FIRST_UNKNOWN - 1) == ALLOW
    assert {judge(program, own, FIRST_UNKNOWN + further) for further in (0, 1, 100, 10_000)} == {UNKNOWN}


def test_calls_that_only_arm_has_are_left_to_it() -> None:
    cacheflush, set_tls = 0xF0002, 0xF0005
    for number in (cacheflush, set_tls):
        assert judge(program_for("aarch64"), AUDIT_ARCHITECTURES["arm"], number) == ALLOW
        assert judge(program_for("aarch64"), AUDIT_ARCHITECTURES["aarch64"], number) == UNKNOWN


def test_no_call_is_both_allowed_and_denied() -> None:
    assert not {call.name for call in denied_calls()} & set(ALLOWED_CALLS)
    assert len(set(ALLOWED_CALLS)) == len(ALLOWED_CALLS)


def test_other_architectures_and_the_x32_numbering_are_shut_out() -> None:
    program = program_for("x86_64")
    assert judge(program, AUDIT_ARCHITECTURES["aarch64"], 0) == DENY
    assert judge(program, AUDIT_ARCHITECTURES["x86_64"], 0x40000000 | 165) == UNKNOWN


def test_a_machine_that_is_not_known_has_no_filter() -> None:
    assert filter_for(DEFAULT_CAPABILITIES, "vax") is None


@given(
    st.sampled_from([*MACHINES, "riscv64"]),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**64 - 1),
)
def test_every_call_gets_an_answer(machine: str, architecture: int, number: int, argument: int) -> None:
    assert judge(program_for(machine), architecture, number, argument) == DENY
    own = AUDIT_ARCHITECTURES[machine]
    assert judge(program_for(machine), own, number % 500, argument) in {ALLOW, DENY, UNKNOWN}


def test_numbers_are_those_of_the_kernels_headers() -> None:
    headers = {"x86_64": "x86_64-linux-gnu/asm/unistd_64.h", "i386": "x86_64-linux-gnu/asm/unistd_32.h"}
    files = {machine: Path("/usr/include") / name for machine, name in headers.items()}
    if not all(file.exists() for file in files.values()):
        pytest.skip("the kernel's headers for x86_64 are not installed")
    for machine, file in files.items():
        known = {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)", file.read_text())}
        for call in denied_calls():
            if call.name in known:
                assert call.numbers[machine] == known[call.name], call
        judged = {call.name for call in denied_calls()} | {"clone", "clone3", "personality", "socket"}
        # Whatever this machine's headers know was judged, but for what no kernel does any more.
        unjudged = {name for name in known if name not in judged and name not in ALLOWED_CALLS}
        assert len(unjudged) < 20, unjudged
        for name, numbers in (("clone", CLONE), ("personality", PERSONALITY), ("socket", SOCKET)):
            assert numbers[machine] == known[name]
