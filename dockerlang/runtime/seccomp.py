"""The filter that denies dangerous system calls to a container's process, assembled by hand as classic BPF.

What docker's default profile refuses is refused here with EPERM, and calls too new to have been judged do not exist;
all else is left to the kernel's own checks. See seccomp(2) for the program's input, `struct seccomp_data`.
"""

from __future__ import annotations

import errno
import platform
import struct
from functools import lru_cache

from dockerlang.records import record
from dockerlang.runtime.syscalls import (
    CLONE,
    CLONE3,
    DENIED_FAMILIES,
    FIRST_OF_ARM,
    FIRST_UNKNOWN,
    FIRST_UNKNOWN_FAMILY,
    HARMLESS_PERSONALITIES,
    PERSONALITY,
    SOCKET,
    denied_calls,
)

AUDIT_ARCHITECTURES = {
    "x86_64": 0xC000003E,
    "i386": 0x40000003,
    "aarch64": 0xC00000B7,
    "arm": 0x40000028,
    "riscv64": 0xC00000F3,
}
# A 64-bit kernel also runs the programs of its 32-bit sibling, which have numbers of their own.
_SIBLINGS = {"x86_64": ("x86_64", "i386"), "aarch64": ("aarch64", "arm"), "riscv64": ("riscv64",)}

_ALLOW = 0x7FFF0000
_DENY = 0x00050000 | errno.EPERM
_UNKNOWN_CALL = 0x00050000 | errno.ENOSYS

_NUMBER_OFFSET, _ARCHITECTURE_OFFSET, _FIRST_ARGUMENT_OFFSET = 0, 4, 16
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _JUMP, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x05, 0x06

_X32_BIT = 0x40000000
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET


@lru_cache(maxsize=8)
def filter_for(capabilities: frozenset[str], machine: str = platform.machine()) -> bytes | None:
    """The program for a process with these capabilities; None on a machine whose system calls we do not know."""
    architectures = _SIBLINGS.get(machine)
    if architectures is None:
        return None
    program: list[_Instruction | str] = [_Instruction(_LOAD, _ARCHITECTURE_OFFSET)]
    for architecture in architectures:
        program += [
            _Instruction(_JUMP_EQUAL, AUDIT_ARCHITECTURES[architecture], "", f"not {architecture}"),
            _Instruction(_JUMP, 0, architecture),
            f"not {architecture}",
        ]
    program.append(_Instruction(_RETURN, _DENY))
    for architecture in architectures:
        program += _checks_for(architecture, capabilities)
    return _assemble(program)


@record
class _Instruction:
    """One step; `then` and `otherwise` are labels, and an empty one is the next instruction."""

    code: int
    operand: int
    then: str = ""
    otherwise: str = ""


def _checks_for(architecture: str, capabilities: frozenset[str]) -> list[_Instruction | str]:
    """The part that sees the calls of one architecture; a plain string is a label."""
    deny, allow, unknown = f"{architecture} deny", f"{architecture} allow", f"{architecture} unknown"
    numbering = "aarch64" if architecture == "riscv64" else architecture
    program: list[_Instruction | str] = [architecture, _Instruction(_LOAD, _NUMBER_OFFSET)]
    if architecture == "x86_64":
        program.append(_Instruction(_JUMP_AT_LEAST, _X32_BIT, unknown))
    if architecture == "arm":
        program.append(_Instruction(_JUMP_AT_LEAST, FIRST_OF_ARM, allow))
    program.append(_Instruction(_JUMP_AT_LEAST, FIRST_UNKNOWN, unknown))
    for call in denied_calls():
        if numbering in call.numbers and not call.is_open_to(capabilities):
            program.append(_Instruction(_JUMP_EQUAL, call.numbers[numbering], deny))
    if "SYS_ADMIN" not in capabilities:
        # clone3 keeps its flags in memory, where a filter cannot look; told that there is none, the C library uses
        # clone, which can be judged.
        program.append(_Instruction(_JUMP_EQUAL, CLONE3, unknown))
        program += _argument_check(
            f"{architecture} clone", CLONE[numbering], [_Instruction(_JUMP_ANY_BIT, _NEW_NAMESPACES, deny, allow)]
        )
    program += _argument_check(
        f"{architecture} personality",
        PERSONALITY[numbering],
        [*(_Instruction(_JUMP_EQUAL, value, allow) for value in HARMLESS_PERSONALITIES), _Instruction(_JUMP, 0, deny)],
    )
    program += _argument_check(
        f"{architecture} socket",
        SOCKET[numbering],
        [
            *(_Instruction(_JUMP_EQUAL, family, deny) for family in DENIED_FAMILIES),
            _Instruction(_JUMP_AT_LEAST, FIRST_UNKNOWN_FAMILY, deny, allow),
        ],
    )
    program += [allow, _Instruction(_RETURN, _ALLOW)]
    program += [deny, _Instruction(_RETURN, _DENY)]
    program += [unknown, _Instruction(_RETURN, _UNKNOWN_CALL)]
    return program


def _argument_check(name: str, number: int, checks: list[_Instruction]) -> list[_Instruction | str]:
    """Judge a call by the low half of its first argument."""
    after = f"after {name}"
    is_it = _Instruction(_JUMP_EQUAL, number, "", after)
    return [is_it, _Instruction(_LOAD, _FIRST_ARGUMENT_OFFSET), *checks, after]


def _assemble(program: list[_Instruction | str]) -> bytes:
    """Resolve the labels and pack the instructions as `struct sock_filter`."""
    labels: dict[str, int] = {}
    instructions: list[_Instruction] = []
    for item in program:
        if isinstance(item, str):
            labels[item] = len(instructions)
        else:
            instructions.append(item)
    packed = bytearray()
    for position, instruction in enumerate(instructions, start=1):
        then, otherwise = (
            labels[label] - position if label else 0 for label in (instruction.then, instruction.otherwise)
        )
        operand = instruction.operand
        if instruction.code == _JUMP:
            # The unconditional jump has a wide distance in its operand; the conditional ones reach 255 steps.
            operand, then = then, 0
        packed += struct.pack("=HBBI", instruction.code, then, otherwise, operand)
    return bytes(packed)
