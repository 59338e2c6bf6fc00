"""Writes docs/language.md, the reference of the tree: `python docs/make_language.py`.

Names, fields and descriptions come from the classes of `dockerlang.syntax.nodes`, the syntax from the grammar, and the
trees of the examples from the parser.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

from dockerlang.syntax import nodes, parse
from dockerlang.syntax.dump import Places, text_of

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = {
    "FROM": "FROM --platform=$BUILDPLATFORM golang:1.23 AS build",
    "RUN": "RUN --mount=type=cache,target=/root/.cache go build ./...",
    "CMD": 'CMD ["serve", "--port", "80"]',
    "LABEL": 'LABEL org.opencontainers.image.title="Site"',
    "MAINTAINER": "MAINTAINER me@example.org",
    "EXPOSE": "EXPOSE 80 53/udp",
    "ENV": "ENV HOME=/srv PORT=${PORT:-80}",
    "ADD": "ADD --keep-git-dir https://example.org/site.git#v1 /src/",
    "COPY": "COPY --from=build --link /out/site /usr/bin/",
    "ENTRYPOINT": 'ENTRYPOINT ["/usr/bin/site"]',
    "VOLUME": "VOLUME /srv/data",
    "USER": "USER www:www",
    "WORKDIR": "WORKDIR /srv",
    "ARG": "ARG PORT=80 DEBUG",
    "ONBUILD": "ONBUILD COPY . /srv",
    "STOPSIGNAL": "STOPSIGNAL SIGINT",
    "HEALTHCHECK": "HEALTHCHECK --interval=30s --retries=3 CMD wget -q localhost",
    "SHELL": 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
}
PARTS: tuple[type[nodes.Node], ...] = (
    nodes.Name, nodes.Word, nodes.ImageName, nodes.Port, nodes.JsonString, nodes.Heredoc, nodes.ShellForm,
    nodes.ExecForm, nodes.Pair, nodes.Declaration, nodes.Flag, nodes.SwitchFlag, nodes.DurationFlag, nodes.NumberFlag,
    nodes.ModeFlag, nodes.MountFlag, nodes.MountOption,
)  # fmt: skip
PIECES: tuple[type[nodes.Node], ...] = (
    nodes.Literal, nodes.Escaped, nodes.SingleQuoted, nodes.DoubleQuoted, nodes.Variable, nodes.Malformed,
    nodes.JsonEscape,
)  # fmt: skip
ITEMS: tuple[type[nodes.Node], ...] = (nodes.Document, nodes.Blank, nodes.Comment, nodes.Directive, nodes.Instruction)


def main() -> None:
    """Write the page."""
    (ROOT / "docs" / "language.md").write_text(page(), encoding="utf-8")


def page() -> str:
    """The whole page."""
    lines = [
        "# The tree of a Dockerfile",
        "",
        "`from dockerlang.syntax import parse` gives the tree of any text; `dockerlang parse FILE` prints it.",
        "The syntax is stated in [grammar/](../grammar/README.md); this page lists what the tree is made of.",
        "Every node has a `span` of offsets into the source. Made by `python docs/make_language.py`.",
        "",
        "## Documents and their items",
        *(line for kind in ITEMS for line in described(kind, nodes.Node)),
        "",
        "## Instructions",
        "",
        "Each has what `Instruction` has, and what is listed here.",
        *(line for keyword in nodes.INSTRUCTIONS for line in instruction(keyword)),
        "",
        "## Parts of instructions",
        *(line for kind in PARTS for line in described(kind, nodes.Node)),
        "",
        "## Pieces of words",
        *(line for kind in PIECES for line in described(kind, nodes.Node)),
    ]
    return "\n".join(lines) + "\n"


def instruction(keyword: str) -> list[str]:
    """The section of one instruction: its class, its rule in the grammar, and an example with its tree."""
    kind = nodes.INSTRUCTIONS[keyword]
    grammar = (ROOT / "grammar" / "dockerfile.lark").read_text(encoding="utf-8")
    rule = re.search(rf"^{keyword.lower()}:\s+(.*)$", grammar, re.MULTILINE)
    assert rule is not None
    example = EXAMPLES[keyword]
    tree = text_of(parse(example), Places.HIDDEN)
    return [
        *described(kind, nodes.Instruction),
        "",
        f"Rule: `{keyword.lower()}: {' '.join(rule[1].split())}`",
        "",
        "```dockerfile",
        example,
        "```",
        "```",
        *tree.rstrip().splitlines(),
        "```",
    ]


def described(kind: type[nodes.Node], base: type[nodes.Node]) -> list[str]:
    """A class: its name, its docstring, and the fields that it adds to `base`."""
    inherited = {field.name for field in fields(base)} if kind is not base else {"span"}
    text = inspect.cleandoc(kind.__doc__ or "").splitlines()
    lines = ["", f"### `{kind.__name__}`", "", *text]
    own = [field for field in fields(kind) if field.name not in inherited]
    if own:
        lines += ["", "| field | type |", "|---|---|"]
        lines += [f"| `{field.name}` | `{str(field.type).replace('|', '∣')}` |" for field in own]
    return lines


if __name__ == "__main__":
    main()
