"""Copy the list of dependencies first, install them, then copy the rest.

After `COPY . .` every change of any file makes the install run again; with the list alone copied before it, only a
change of the list does.

## Bad
```dockerfile
FROM python:3.12
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir -r requirements.txt
```

## Good
```dockerfile
FROM python:3.12
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Label, Severity
from dockerlang.linter.facts.sources import text_of
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.semantics.scripts import Invocation
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes

# What installs the dependencies of a project from a list of them, and the list.
_LISTS = {
    ("npm", "ci"): "package.json and package-lock.json",
    ("npm", "install"): "package.json and package-lock.json",
    ("npm", "i"): "package.json and package-lock.json",
    ("yarn", "install"): "package.json and yarn.lock",
    ("pnpm", "install"): "package.json and pnpm-lock.yaml",
    ("bundle", "install"): "Gemfile and Gemfile.lock",
    ("composer", "install"): "composer.json and composer.lock",
    ("poetry", "install"): "pyproject.toml and poetry.lock",
    ("go", "mod"): "go.mod and go.sum",
    ("cargo", "fetch"): "Cargo.toml and Cargo.lock",
}


@rule("copy-before-install", on=Stage, severity=Severity.INFO)
def copy_before_install(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    everything: nodes.Word | None = None
    for instruction in stage.instructions:
        if isinstance(instruction, nodes.Transfer) and instruction.flag("from") is None:
            whole = [source for source in instruction.sources if text_of(source) in (".", "./", "/", "*")]
            if everything is None and whole and isinstance(whole[0], nodes.Word):
                everything = whole[0]
        elif isinstance(instruction, nodes.Run) and everything is not None:
            for invocation in file.invocations(instruction):
                files = _files_of(invocation)
                if files:
                    yield Finding(
                        everything.span,
                        f"every change of a file makes `{file.text(invocation.name_span)}` install again",
                        help=f"copy {files} first, install, and copy the rest after that",
                        labels=(Label(invocation.span, "runs again after each change"),),
                    )
                    return


def _files_of(invocation: Invocation) -> str:
    """The files that an install needs to know what to install; empty for anything else."""
    operands = invocation.operands()
    if not operands:
        return ""
    verb = operands[0].text
    if invocation.name.startswith("pip") and verb == "install":
        listed = invocation.flag_value("r", "requirement")
        return listed or ""
    if invocation.name in ("npm", "yarn", "pnpm") and len(operands) > 1:
        # Single packages by name do not depend on the project's list.
        return ""
    return _LISTS.get((invocation.name, verb), "")
