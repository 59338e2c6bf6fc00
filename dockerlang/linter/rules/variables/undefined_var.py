"""BuildKit: use only variables that are set.

A variable that neither ARG nor ENV nor the base image sets is empty, and the build goes on without a word. ARGs
before the first FROM are not seen in a stage until the stage repeats `ARG NAME`.

What a base image sets is known only for `scratch` and for images at hand. Without that knowledge a name in capitals
is given the benefit of the doubt, unless it looks like a slip of one that is set or the file sets it later.

## Bad
```dockerfile
FROM alpine
ARG ASSETS=assets/
COPY $ASSET /srv/
```

## Fixed
```dockerfile
FROM alpine
ARG ASSETS=assets/
COPY $ASSETS /srv/
```

## Good
```dockerfile
FROM alpine
ARG ASSETS=assets/
COPY $ASSETS /srv/
ENV PATH=$JAVA_HOME/bin:$PATH
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.edits import Edit
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import variables
from dockerlang.semantics.predefined import is_proxy_argument
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes


@rule("UndefinedVar", on=Stage, severity=Severity.WARNING)
def undefined_var(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    set_later = _set_in(stage)
    for instruction in stage.instructions:
        scope = file.scope_at(instruction)
        known = set(scope.bindings)
        for part in _expanded_parts(instruction):
            seen: set[str] = set()
            for variable in variables(part):
                name = variable.name
                if name in known or name in seen or is_proxy_argument(name):
                    continue
                seen.add(name)
                near = get_close_matches(name, known, 1, cutoff=0.75)
                if scope.is_complete or near or name in set_later or not name.isupper():
                    fix = _fix(variable, near, file)
                    yield Finding(variable.span, f"`${name}` is not set here", fix, help=_help(name, near, file))
            if isinstance(instruction, nodes.Arg) and isinstance(part, nodes.Declaration):
                # The arguments of one line see those before them.
                known.add(part.name.text)


def _fix(variable: nodes.Variable, near: list[str], file: LintedFile) -> Fix | None:
    if not near or variable.name in file.scopes.globals.bindings:
        return None
    return Fix(f"write `${near[0]}`", (Edit(variable.name_span, near[0]),), Safety.UNSAFE)


def _help(name: str, near: list[str], file: LintedFile) -> str:
    if name in file.scopes.globals.bindings:
        return f"repeat `ARG {name}` in this stage to see the global argument"
    return f"did you mean `${near[0]}`?" if near else f"declare it before: `ARG {name}`"


def _set_in(stage: Stage) -> frozenset[str]:
    names: set[str] = set()
    for instruction in stage.instructions:
        if isinstance(instruction, nodes.Arg):
            names.update(declaration.name.text for declaration in instruction.declarations)
        elif isinstance(instruction, nodes.Env):
            names.update(pair.name.text for pair in instruction.pairs)
    return frozenset(names)


def _expanded_parts(instruction: nodes.Instruction) -> Iterable[nodes.Node]:
    """The parts of an instruction in which variables expand; section 1.9 of the language."""
    flags = {flag.name: flag.value for flag in instruction.flags}
    match instruction:
        case nodes.Env() | nodes.Label():
            # Each name and each value is expanded for itself.
            return [part for pair in instruction.pairs for part in (pair.name, pair.value) if part is not None]
        case nodes.Arg():
            return instruction.declarations
        case nodes.Transfer():
            values = [flags.get(name) for name in ("chown", "chmod", "checksum")]
            arguments = [*instruction.sources, instruction.destination]
            return [part for part in (*values, *arguments) if part is not None]
        case nodes.Workdir(path=word) | nodes.User(user=word) | nodes.StopSignal(signal=word):
            return (word,) if word is not None else ()
        case nodes.Volume():
            return instruction.paths
        case nodes.Expose():
            return instruction.ports
        case nodes.Run():
            options = [option for mount in instruction.mounts for option in mount.options]
            return [option.value for option in options if option.value is not None and option.key != "from"]
        case _:
            return ()
