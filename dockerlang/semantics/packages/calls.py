"""From a simple command to what it does to packages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlang.records import replace
from dockerlang.semantics.packages.languages import LANGUAGE_MANAGERS, PIP
from dockerlang.semantics.packages.manager import Manager, VerbPlace
from dockerlang.semantics.packages.systems import SYSTEM_MANAGERS
from dockerlang.semantics.packages.values import Action, Option, Package, PackageCall, PackageSource, told_apart
from dockerlang.semantics.scripts.invocation import Argument, Invocation
from dockerlang.text import Span

_MANAGERS = {manager.name: manager for manager in (*SYSTEM_MANAGERS, *LANGUAGE_MANAGERS)}
_PIP = re.compile(r"pip[0-9.]*")
_PYTHON = re.compile(r"python[0-9.]*")
_WITH_URLS = ("pip", "uv pip", "pipx")
_RUN_WITHOUT_ARGUMENTS = ("go", "pipx", "npm", "pnpm", "yarn")


def package_calls(invocations: Iterable[Invocation]) -> Iterator[PackageCall]:
    """Those of the commands that call a package manager."""
    for invocation in invocations:
        call = package_call(invocation)
        if call is not None:
            yield call


def package_call(invocation: Invocation) -> PackageCall | None:
    """What a command does to packages; None where it is another command, or a subcommand that changes none."""
    manager = _manager_of(invocation)
    if manager is None:
        return None
    arguments = list(invocation.arguments)
    if manager.ends_at_double_hyphen:
        # What stands behind it goes to the compiler.
        texts = [argument.text for argument in arguments]
        arguments = arguments[: texts.index("--")] if "--" in texts else arguments
    words = told_apart(arguments, manager.options_with_value, is_long_with_one_hyphen=manager.is_long_with_one_hyphen)
    operands = list(words.operands)
    while operands and operands[0].text in manager.prefixes:
        operands.pop(0)
    verb = _verb(manager, operands)
    if verb is None:
        return None
    action = manager.verbs[verb.text]
    index = operands.index(verb)
    behind = operands[index + 1 :]
    if manager.verb_place is VerbPlace.ANYWHERE:
        behind = [operand for operand in operands if operand.text != verb.text]
    if action is Action.RUN and manager.name in _RUN_WITHOUT_ARGUMENTS:
        # Behind the package come the program's own arguments.
        behind = behind[:1]
    has_packages = action not in (Action.CLEAN, Action.UPDATE)
    packages = tuple(_packages(manager, behind, words.options)) if has_packages else ()
    return PackageCall(manager.name, action, verb, words.options, packages, invocation)


def _manager_of(invocation: Invocation) -> Manager | None:
    name = invocation.name.rpartition("/")[2]
    if _PIP.fullmatch(name):
        return PIP
    if _PYTHON.fullmatch(name):
        return PIP if invocation.flag_value("m") == "pip" else None
    if name == "uv":
        return _MANAGERS["uv pip"] if invocation.arguments and invocation.arguments[0].text == "pip" else None
    return _MANAGERS.get(name)


def _verb(manager: Manager, operands: list[Argument]) -> Argument | None:
    if manager.verb_place is VerbPlace.FIRST:
        first = operands[0] if operands else None
        return first if first is not None and first.text in manager.verbs else None
    known = [operand for operand in operands if operand.text in manager.verbs]
    if manager.verb_place is VerbPlace.ANYWHERE:
        # apt-get takes the word wherever it stands; `install` says what the others are.
        known.sort(key=lambda operand: manager.verbs[operand.text] is not Action.INSTALL)
    return known[0] if known else None


def _packages(manager: Manager, operands: list[Argument], options: tuple[Option, ...]) -> Iterator[Package]:
    given = _given_for_all(manager, options)
    index = 0
    while index < len(operands):
        operand, text, span = operands[index], operands[index].text, operands[index].span
        is_static = operand.is_static
        index += 1
        if manager.name in _WITH_URLS and index + 1 < len(operands) and operands[index].text == "@":
            # `name @ url` is three words.
            url = operands[index + 1]
            text, span, is_static = f"{text} @ {url.text}", Span(span.start, url.span.end), is_static and url.is_static
            index += 2
        name, constraint, source = manager.read(text)
        package = Package(text, span, name, constraint, source, is_static)
        yield replace(package, constraint=given[0], source=given[1] or source) if given and not constraint else package
    if not operands and given is not None and given[1] is not None:
        option = next(option for option in options if option.name in ("--git", "--path"))
        yield Package(option.value or "", option.span, option.value or "", given[0], given[1])


def _given_for_all(manager: Manager, options: tuple[Option, ...]) -> tuple[str, PackageSource | None] | None:
    """The version and the source that options of gem and cargo give all packages."""
    values = {option.name: option.value or "" for option in options}
    if manager.name == "gem":
        version = values.get("-v") or values.get("--version")
        return (f":{version}", None) if version else None
    if manager.name != "cargo":
        return None
    reference = values.get("--rev") or values.get("--tag") or values.get("--branch")
    if "--git" in values:
        return f"#{reference}" if reference else "", PackageSource.GIT
    if "--path" in values:
        return "", PackageSource.PATH
    return (f"@{values['--version']}", None) if values.get("--version") else None
