"""The package managers of distributions: their subcommands, their options with a value, and how they name versions."""

from __future__ import annotations

import re

from dockerlang.semantics.packages.manager import Manager, Reading, VerbPlace, read_location, reader
from dockerlang.semantics.packages.values import Action, PackageSource

_RPM_VERSION = re.compile(r"-(?:[0-9]|\$)")


def _read_apt(text: str) -> Reading:
    located = read_location(text, (".deb",), has_paths=False)
    if located is not None:
        return located
    # `name/release` takes it from one release.
    found = re.search(r"[=/]", text)
    if found is None:
        return text, "", PackageSource.INDEX
    return text[: found.start()], text[found.start() :], PackageSource.INDEX


def _read_rpm(text: str) -> Reading:
    located = read_location(text, (".rpm",), has_paths=False)
    if located is not None:
        return located
    # A module names its stream: `nodejs:20`.
    found = _RPM_VERSION.search(text) or re.search(":", text)
    if found is None:
        return text, "", PackageSource.INDEX
    return text[: found.start()], text[found.start() :], PackageSource.INDEX


_APT_VERBS = {
    "install": Action.INSTALL, "reinstall": Action.INSTALL, "build-dep": Action.INSTALL, "update": Action.UPDATE,
    "upgrade": Action.UPGRADE, "dist-upgrade": Action.UPGRADE, "full-upgrade": Action.UPGRADE,
    "safe-upgrade": Action.UPGRADE, "remove": Action.REMOVE, "purge": Action.REMOVE, "autoremove": Action.REMOVE,
    "autopurge": Action.REMOVE, "clean": Action.CLEAN, "autoclean": Action.CLEAN, "download": Action.DOWNLOAD,
    "source": Action.DOWNLOAD,
}  # fmt: skip
_APT_OPTIONS = (
    "t", "target-release", "default-release", "o", "option", "c", "config-file", "a", "host-architecture",
)  # fmt: skip
_APK_OPTIONS = (
    "t", "virtual", "X", "repository", "p", "root", "arch", "keys-dir", "cache-dir", "cache-max-age",
    "repositories-file", "wait", "progress-fd",
)  # fmt: skip
_YUM_VERBS = {
    "install": Action.INSTALL, "localinstall": Action.INSTALL, "groupinstall": Action.INSTALL,
    "reinstall": Action.INSTALL, "makecache": Action.UPDATE, "check-update": Action.UPDATE,
    "update": Action.UPGRADE, "upgrade": Action.UPGRADE, "distro-sync": Action.UPGRADE, "remove": Action.REMOVE,
    "erase": Action.REMOVE, "autoremove": Action.REMOVE, "clean": Action.CLEAN, "download": Action.DOWNLOAD,
}  # fmt: skip
_YUM_OPTIONS = (
    "enablerepo", "disablerepo", "repo", "repoid", "releasever", "installroot", "exclude", "x", "setopt", "config", "c",
    "color", "downloaddir", "destdir", "forcearch", "d", "debuglevel", "e", "errorlevel", "R", "randomwait", "advisory",
)  # fmt: skip
_ZYPPER_VERBS = {
    "install": Action.INSTALL, "in": Action.INSTALL, "refresh": Action.UPDATE, "ref": Action.UPDATE,
    "update": Action.UPGRADE, "up": Action.UPGRADE, "patch": Action.UPGRADE, "dist-upgrade": Action.UPGRADE,
    "dup": Action.UPGRADE, "remove": Action.REMOVE, "rm": Action.REMOVE, "clean": Action.CLEAN, "cc": Action.CLEAN,
    "download": Action.DOWNLOAD,
}  # fmt: skip
_ZYPPER_OPTIONS = ("t", "type", "r", "repo", "from", "C", "capability", "R", "root", "D", "reposd-dir", "c", "config")

APT = tuple(
    Manager(name, _APT_VERBS, _APT_OPTIONS, _read_apt, VerbPlace.ANYWHERE) for name in ("apt-get", "apt", "aptitude")
)
APK = Manager(
    "apk",
    {
        "add": Action.INSTALL, "update": Action.UPDATE, "upgrade": Action.UPGRADE, "del": Action.REMOVE,
        "fetch": Action.DOWNLOAD,
    },
    _APK_OPTIONS,
    reader(r"[=~<>]", (".apk",), has_paths=False),
    VerbPlace.FIRST_KNOWN,
)  # fmt: skip
YUM = tuple(
    Manager(name, _YUM_VERBS, _YUM_OPTIONS, _read_rpm, VerbPlace.FIRST_KNOWN)
    for name in ("dnf", "dnf5", "yum", "microdnf", "tdnf")
)
ZYPPER = Manager(
    "zypper",
    _ZYPPER_VERBS,
    _ZYPPER_OPTIONS,
    reader(r"[=<>]", (".rpm",), has_paths=False),
    VerbPlace.FIRST_KNOWN,
)

SYSTEM_MANAGERS = (*APT, APK, *YUM, ZYPPER)
