"""Whether the commands of a file are read by shells in which blanks between words mean nothing."""

from __future__ import annotations

from dockerlang.syntax import nodes

_POSIX_SHELLS = frozenset({"sh", "ash", "bash", "dash", "ksh", "mksh", "busybox", "zsh"})


def has_known_shells(document: nodes.Document) -> bool:
    """Whether all shell commands of the file are surely for a POSIX shell.

    A SHELL of another kind, the escape character of Windows files and a Windows image speak against it. The whole file
    is judged at once: stages built on each other inherit their shells, ONBUILD hands them on.
    """
    if document.escape != "\\":
        return False
    return all(_speaks_for_posix(instruction) for instruction in document.instructions)


def _speaks_for_posix(instruction: nodes.Instruction) -> bool:
    match instruction:
        case nodes.OnBuild() if instruction.trigger is not None:
            return _speaks_for_posix(instruction.trigger)
        case nodes.Shell(command=nodes.ExecForm(elements=[program, *_])):
            return program.text.rsplit("/", 1)[-1] in _POSIX_SHELLS
        case nodes.From():
            words = [instruction.image, *(flag.value for flag in instruction.flags)]
            return not any(word is not None and "windows" in word.text.lower() for word in words)
        case _:
            return True
