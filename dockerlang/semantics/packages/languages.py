"""The package managers of programming languages: subcommands, options with a value, and how they name versions."""

from __future__ import annotations

import re

from dockerlang.semantics.packages.manager import Manager, Reading, VerbPlace, read_location, reader
from dockerlang.semantics.packages.values import Action, PackageSource

_INSTALL = {"install": Action.INSTALL}
_PIP_FILES = (".whl", ".zip", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz")
_PIP_NAME = re.compile(r"[A-Za-z0-9._-]+")
_PIP_OPTIONS = (
    "abi", "b", "build", "c", "cache-dir", "cert", "client-cert", "config-settings", "constraint", "e", "editable",
    "exists-action", "extra-index-url", "f", "find-links", "global-option", "i", "implementation", "index-url",
    "install-option", "log", "m", "no-binary", "only-binary", "platform", "prefix", "progress-bar", "proxy", "python",
    "python-version", "r", "report", "requirement", "retries", "root", "root-user-action", "src", "t", "target",
    "timeout", "trusted-host", "upgrade-strategy",
)  # fmt: skip
_NPM_OPTIONS = (
    "cache", "loglevel", "prefix", "registry", "tag", "userconfig", "workspace", "w", "omit", "include", "C",
    "fetch-retries", "fetch-timeout", "maxsockets", "cafile", "proxy", "https-proxy", "noproxy", "script-shell",
)  # fmt: skip
_GEM_OPTIONS = (
    "source", "s", "install-dir", "i", "bindir", "n", "platform", "http-proxy", "p", "config-file", "P", "trust-policy",
    "v", "version",
)  # fmt: skip
_GO_OPTIONS = (
    "asmflags", "buildmode", "C", "compiler", "covermode", "coverpkg", "exec", "gccgoflags", "gcflags", "installsuffix",
    "ldflags", "mod", "modfile", "o", "overlay", "p", "pgo", "pkgdir", "tags", "toolexec",
)  # fmt: skip
_CARGO_OPTIONS = (
    "version", "git", "branch", "tag", "rev", "path", "root", "registry", "index", "F", "features", "target",
    "target-dir", "profile", "j", "jobs", "bin", "example", "color", "config", "message-format", "Z",
)  # fmt: skip
_CONDA_OPTIONS = ("n", "name", "p", "prefix", "c", "channel", "f", "file", "solver", "repodata-fn", "platform", "r")
_COMPOSER_OPTIONS = ("d", "working-dir", "prefer-install", "ignore-platform-req", "apcu-autoloader-prefix")


def _read_pip(text: str) -> Reading:
    name, at, location = text.partition(" @ ")
    if at:
        kind = PackageSource.GIT if location.startswith("git+") else PackageSource.URL
        return name, f"@ {location}", kind
    located = read_location(text, _PIP_FILES, has_paths=True)
    if located is not None:
        return located
    # Behind the name: extras in brackets, the constraint, and a marker behind `;`.
    found = _PIP_NAME.match(text)
    if found is None:
        return text, "", PackageSource.INDEX
    rest = re.sub(r"\A\s*\[[^]]*\]", "", text[found.end() :]).partition(";")[0].strip()
    return found[0], rest, PackageSource.INDEX


def _read_npm(text: str) -> Reading:
    located = read_location(text, (".tgz", ".tar", ".tar.gz"), has_paths=False)
    if located is not None:
        return located
    # An `@` at the start belongs to the name of a scope.
    found = re.compile("[@#]").search(text, 1)
    if found is not None:
        kind = PackageSource.GIT if found[0] == "#" else PackageSource.INDEX
        return text[: found.start()], text[found.start() :], kind
    # `owner/name` is a repository of GitHub.
    is_repository = "/" in text and not text.startswith("@")
    return text, "", PackageSource.GIT if is_repository else PackageSource.INDEX


_PIP_VERBS = {**_INSTALL, "uninstall": Action.REMOVE, "download": Action.DOWNLOAD, "wheel": Action.DOWNLOAD}
PIP = Manager("pip", _PIP_VERBS, _PIP_OPTIONS, _read_pip)
UV_PIP = Manager("uv pip", _PIP_VERBS, (*_PIP_OPTIONS, "p"), _read_pip, prefixes=("pip",))
PIPX = Manager(
    "pipx",
    {**_INSTALL, "upgrade": Action.UPGRADE, "uninstall": Action.REMOVE, "run": Action.RUN},
    _PIP_OPTIONS,
    _read_pip,
    VerbPlace.FIRST_KNOWN,
)
_NPM_VERBS = {
    "install": Action.INSTALL, "i": Action.INSTALL, "add": Action.INSTALL, "ci": Action.INSTALL,
    "update": Action.UPGRADE, "upgrade": Action.UPGRADE, "uninstall": Action.REMOVE, "remove": Action.REMOVE,
    "rm": Action.REMOVE, "exec": Action.RUN, "dlx": Action.RUN,
}  # fmt: skip
NODE = (
    Manager("npm", _NPM_VERBS, _NPM_OPTIONS, _read_npm),
    Manager("pnpm", _NPM_VERBS, (*_NPM_OPTIONS, "filter", "F", "dir", "store-dir"), _read_npm),
    Manager(
        "yarn", _NPM_VERBS, ("cwd", "cache-folder", "registry", "network-timeout"), _read_npm, prefixes=("global",)
    ),
)
GEM = Manager(
    "gem",
    {**_INSTALL, "i": Action.INSTALL, "update": Action.UPGRADE, "uninstall": Action.REMOVE, "cleanup": Action.CLEAN,
     "fetch": Action.DOWNLOAD},
    _GEM_OPTIONS,
    reader(":", (".gem",)),
    VerbPlace.FIRST_KNOWN,
    ends_at_double_hyphen=True,
)  # fmt: skip
GO = Manager(
    "go",
    {**_INSTALL, "get": Action.INSTALL, "run": Action.RUN},
    _GO_OPTIONS,
    reader("@", (".go",), has_paths=False),
    is_long_with_one_hyphen=True,
)
CARGO = Manager("cargo", {**_INSTALL, "uninstall": Action.REMOVE}, _CARGO_OPTIONS, reader("@"))
CONDA = tuple(
    Manager(
        name,
        {
            **_INSTALL,
            "create": Action.INSTALL,
            "update": Action.UPGRADE,
            "remove": Action.REMOVE,
            "clean": Action.CLEAN,
        },
        _CONDA_OPTIONS,
        reader(r"[=<>!~]", (".conda", ".tar.bz2"), has_paths=False),
    )
    for name in ("conda", "mamba", "micromamba")
)
COMPOSER = Manager(
    "composer",
    {**_INSTALL, "require": Action.INSTALL, "req": Action.INSTALL, "update": Action.UPGRADE, "remove": Action.REMOVE,
     "clear-cache": Action.CLEAN},
    _COMPOSER_OPTIONS,
    reader(r"[:=]", has_paths=False),
    prefixes=("global",),
)  # fmt: skip

LANGUAGE_MANAGERS = (PIP, UV_PIP, PIPX, *NODE, GEM, GO, CARGO, *CONDA, COMPOSER)
