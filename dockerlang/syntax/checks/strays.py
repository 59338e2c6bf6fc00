"""Lines that are no instruction because they belong to something else: to the line before them, to a shell, to another
language, to a merge that was not finished.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockerlang.syntax import nodes
from dockerlang.syntax.checks.unfinished import ASSIGNMENT, Explanation, explain_unfinished, named

_SHELL_WORDS = frozenset(
    {
        ".", ":", "[", "[[", "addgroup", "adduser", "apk", "apt", "apt-get", "apt-key", "awk", "bash", "brew", "bun",
        "bundle", "bunzip2", "bzip2", "cargo", "case", "cat", "cd", "chgrp", "chmod", "chown", "cmake", "composer",
        "conda", "cp", "curl", "deno", "dnf", "do", "docker", "done", "dotnet", "dpkg", "echo", "elif", "else", "esac",
        "eval", "exec", "exit", "export", "fi", "find", "for", "gem", "git", "go", "gradle", "grep", "groupadd",
        "gunzip", "gzip", "if", "install", "java", "javac", "kill", "ldconfig", "ln", "locale-gen", "ls", "make",
        "meson", "microdnf", "mkdir", "mv", "mvn", "ninja", "node", "npm", "npx", "openssl", "pacman", "perl", "php",
        "pip", "pip3", "pipx", "pnpm", "poetry", "printf", "pwd", "python", "python3", "read", "return", "rm", "rmdir",
        "rpm", "ruby", "rustup", "sed", "service", "set", "sh", "shift", "sleep", "source", "sudo", "systemctl", "tar",
        "tee", "test", "then", "touch", "unset", "until", "unzip", "update-alternatives", "useradd", "usermod", "uv",
        "wget", "while", "xargs", "yarn", "yum", "zypper",
    }
)  # fmt: skip
_OPERATORS = ("&&", "||", "|", ";", ">", ">>", "<", ")", "}", "then", "fi", "done", "esac", "else")
_CONFLICT = re.compile(r"<{7}|\|{7}|={7}|>{7}")


def explain_stray(
    run: Sequence[nodes.Invalid], before: nodes.Item | None, document: nodes.Document
) -> Explanation | None:
    """Why the first line of `run` stands there, lines that are no instruction; `before` is what stands above them."""
    line = run[0]
    return (
        (explain_unfinished(run, before, document) if isinstance(before, nodes.Instruction) else None)
        or _before_instruction(line)
        or _other_language(line)
        or _shell(line, document.escape)
    )


def is_conflict(line: nodes.Invalid) -> bool:
    """Whether the line is one of the marks that a merge leaves where two sides differ."""
    return _CONFLICT.fullmatch(line.keyword.text) is not None


def _other_language(line: nodes.Invalid) -> Explanation | None:
    word = line.keyword.text
    no_instruction = f"`{word}` is no instruction"
    if word.startswith(("```", "~~~")):
        return (
            "a fence of Markdown is no instruction",
            "remove it: it belongs to the text that the file was copied from",
        )
    if word.startswith(("//", "/*", "*/", "<!--", "%%", "rem ", "REM")) or (word in (";", "--") and " " in line.text):
        return no_instruction, "a comment begins with `#`"
    if word.startswith(("{%", "{{", "<%", "<?")):
        return no_instruction, "this is a template: a Dockerfile has to be made of it first"
    if (word.startswith("<") and word.endswith(">")) or word.upper() == "<!DOCTYPE":
        return no_instruction, "this looks like HTML: was an error page saved in place of the file?"
    if word in ("services:", "version:", "volumes:", "networks:"):
        return no_instruction, "this looks like a file for `docker compose`, not like a Dockerfile"
    if word.startswith("{"):
        return no_instruction, "this looks like JSON; an instruction is `KEYWORD arguments`"
    if word.endswith(":") or word.startswith("---"):
        return no_instruction, "this looks like YAML; an instruction is `KEYWORD arguments`"
    if word in ("INCLUDE", "IMPORT", "EXTENDS"):
        return no_instruction, "a Dockerfile includes no other: build on a stage (`FROM stage`) or on an image"
    if word.upper() in ("IF", "ELSE", "ENDIF", "FOR") and word.isupper():
        return no_instruction, "there are no conditions: write them in a RUN, or choose a stage with an ARG in FROM"
    return None


def _before_instruction(line: nodes.Invalid) -> Explanation | None:
    """`1 FROM x`, `$ RUN y`, `- RUN z`, `Step 1/3 : FROM x`."""
    bare = line.keyword.text.lstrip("+-*>$#0123456789.:|")
    if bare and bare != line.keyword.text and bare.upper() in nodes.INSTRUCTIONS:
        mark = line.keyword.text.removesuffix(bare)
        return f"`{mark}` stands before {bare}", f"remove it: the line begins with {bare}"
    words = line.text.split()
    at = next((at for at, word in enumerate(words[:5]) if word in nodes.INSTRUCTIONS), 0)
    before = words[:at]
    if at and (words[0] == "Step" or all(not any(map(str.isalpha, word)) for word in before)):
        mark = " ".join(before)
        return f"`{mark}` stands before {words[at]}", f"remove it: the line begins with {words[at]}"
    return None


def _shell(line: nodes.Invalid, escape: str) -> Explanation | None:
    word = line.keyword.text
    command = word.lower()
    rest = line.text[len(word) :].strip()
    message = f"`{word}` is no instruction but a command for a shell"
    if ASSIGNMENT.fullmatch(word):
        shown = line.text.strip() if len(line.text) < 60 else word
        return f"`{word}` is no instruction", f"write `ENV {shown}`, or `ARG {shown}` for the build alone"
    if word in _OPERATORS or word.startswith(("&&", "||")):
        return (
            f"`{word}` cannot begin an instruction",
            f"write `RUN` first, or {named(escape)} at the end of the line before",
        )
    if command not in _SHELL_WORDS and not word.startswith(("./", "/", "~/", "../", "$")):
        return None
    match command:
        case "cd" if rest:
            return message, f"write `WORKDIR {rest}`"
        case "export" if rest:
            return message, f"write `ENV {rest}`"
        case "sudo" if rest:
            return message, f"write `RUN {_short(rest)}`: it runs as root anyway, or as the USER of the line"
    return message, f"write `RUN {_short(line.text.strip())}`"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
