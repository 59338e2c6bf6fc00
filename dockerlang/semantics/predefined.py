"""Arguments that exist without being declared: the automatic platform arguments, the proxies, and build switches.

Section 1.10 of the language.
"""

from __future__ import annotations

from collections.abc import Mapping

from dockerlang.oci.platform import Platform

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""`PATH` of a stage whose base image sets none."""

AUTOMATIC_ARGUMENTS: Mapping[str, str] = {
    "BUILDPLATFORM": "platform of the machine that builds, such as `linux/amd64`",
    "BUILDOS": "operating system of BUILDPLATFORM",
    "BUILDOSVERSION": "version of the operating system of BUILDPLATFORM",
    "BUILDARCH": "architecture of BUILDPLATFORM",
    "BUILDVARIANT": "variant of BUILDPLATFORM's architecture",
    "TARGETPLATFORM": "platform that is built for, such as `linux/arm64`",
    "TARGETOS": "operating system of TARGETPLATFORM",
    "TARGETOSVERSION": "version of the operating system of TARGETPLATFORM",
    "TARGETARCH": "architecture of TARGETPLATFORM",
    "TARGETVARIANT": "variant of TARGETPLATFORM's architecture",
    "TARGETSTAGE": "name of the stage that is built, `default` where it has none",
}
"""Visible in FROM lines, and in a stage after a bare `ARG NAME`. Each with what it says."""

PROXY_ARGUMENTS = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
"""Given with `--build-arg`, they reach RUN without a declaration; their case does not matter."""

SPECIAL_ARGUMENTS: Mapping[str, str] = {
    "SOURCE_DATE_EPOCH": "time in seconds since 1970 that the image and its history carry",
    "BUILDKIT_SYNTAX": "image of another Dockerfile frontend",
    "BUILDKIT_DOCKERFILE_CHECK": "options of the checks, in place of the `check` directive",
    "BUILDKIT_CACHE_MOUNT_NS": "namespace of the ids of cache mounts",
    "BUILDKIT_CONTEXT_KEEP_GIT_DIR": "keep `.git` of a context that is a git repository",
    "BUILDKIT_INLINE_CACHE": "keep what the cache needs in the image's config",
    "BUILDKIT_MULTI_PLATFORM": "an index even for one platform",
    "BUILDKIT_SANDBOX_HOSTNAME": "host name that RUN sees",
    "BUILDKIT_BUILD_NAME": "name of the build in progress and history",
    "BUILDKIT_SBOM_SCAN_CONTEXT": "scan the build context for the bill of materials",
    "BUILDKIT_SBOM_SCAN_STAGE": "stages to scan for the bill of materials",
}
"""Build arguments that steer the build itself. Each with what it does."""

_NOT_IN_ENVIRONMENT = frozenset({"BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"})


def is_automatic(name: str) -> bool:
    """Whether the build itself gives the argument its value."""
    return name in AUTOMATIC_ARGUMENTS


def is_proxy_argument(name: str) -> bool:
    """Whether the argument is one of the proxy settings, in any case."""
    return name.lower() in PROXY_ARGUMENTS


def is_in_environment(name: str) -> bool:
    """Whether declaring the argument in a stage makes it a variable there; two arguments only steer the scanner."""
    return name not in _NOT_IN_ENVIRONMENT


def automatic_values(target: Platform, build: Platform, stage: str = "") -> dict[str, str]:
    """The values of the automatic arguments; `stage` is the name of the stage that is built."""
    values: dict[str, str] = {}
    for prefix, platform in (("BUILD", build), ("TARGET", target)):
        values[f"{prefix}PLATFORM"] = str(platform)
        values[f"{prefix}OS"] = platform.os
        values[f"{prefix}OSVERSION"] = platform.os_version
        values[f"{prefix}ARCH"] = platform.architecture
        values[f"{prefix}VARIANT"] = platform.variant
    return {**values, "TARGETSTAGE": stage or "default"}
