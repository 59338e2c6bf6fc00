"""The package manager does not match the base image.

Debian has no apk, Alpine no apt-get; the RUN fails with "not found" once it is reached. Only well-known images are
judged, by their names and tags.

## Bad
```dockerfile
FROM debian:12
RUN apk add --no-cache curl
```

## Good
```dockerfile
FROM python:3.12-alpine
RUN apk add --no-cache curl
FROM example.com/own
RUN apk add --no-cache curl
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Severity
from dockerlang.errors import InputError
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.rule import Finding, rule
from dockerlang.oci.reference import parse_reference
from dockerlang.semantics.stages import Stage
from dockerlang.syntax import nodes

# Which manager an image of that name has; images with variants are told by their tags.
_BY_NAME = {
    "debian": "apt-get",
    "ubuntu": "apt-get",
    "alpine": "apk",
    "centos": "yum",
    "fedora": "dnf",
    "rockylinux": "dnf",
    "almalinux": "dnf",
}
_ALSO = {
    "yum": ("yum", "dnf", "microdnf"),
    "dnf": ("yum", "dnf", "microdnf"),
    "apt-get": ("apt-get", "apt"),
    "apk": ("apk",),
}
_OFFICIAL = frozenset(
    {"python", "node", "golang", "ruby", "php", "nginx", "redis", "postgres", "httpd", "rust", "openjdk"}
)
_DEBIAN_TAGS = ("bookworm", "bullseye", "buster", "trixie", "slim")
_MANAGERS = frozenset({"apt-get", "apt", "apk", "yum", "dnf", "microdnf"})


@rule("wrong-package-manager", on=Stage, severity=Severity.WARNING)
def wrong_package_manager(stage: Stage, file: LintedFile) -> Iterator[Finding]:
    image = file.scopes.image_of(file.ancestry(stage)[-1])
    expected = _manager_of(image) if image else None
    if expected is None:
        return
    for instruction in stage.instructions:
        if not isinstance(instruction, nodes.Run):
            continue
        for invocation in file.invocations(instruction):
            if invocation.name in _MANAGERS and invocation.name not in _ALSO[expected]:
                yield Finding(
                    invocation.name_span,
                    f"`{image}` has no `{invocation.name}`",
                    help=f"it has `{expected}`",
                )


def _manager_of(text: str) -> str | None:
    try:
        image = parse_reference(text)
    except InputError:
        return None
    library, _, name = image.path.rpartition("/")
    if image.domain != "docker.io" or library != "library":
        return None
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name in _OFFICIAL and "alpine" in image.tag:
        return "apk"
    if name in _OFFICIAL and image.tag.endswith(_DEBIAN_TAGS):
        return "apt-get"
    return None
