"""`dockerlang build`: an image from a Dockerfile, without a daemon."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dockerlang.cli.session import Session
from dockerlang.errors import InputError, UsageError

if TYPE_CHECKING:
    from dockerlang.builder.build import BuildRequest
    from dockerlang.diagnostics import Diagnostic
    from dockerlang.oci.platform import Platform
    from dockerlang.oci.reference import Reference
    from dockerlang.syntax import nodes


@click.command()
@click.argument("context", metavar="PATH", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-t", "--tag", "tags", multiple=True, metavar="NAME[:TAG]", help="Name the image. May be repeated.")
@click.option("-f", "--file", "file", default="", metavar="FILE", help="The Dockerfile.  [default: PATH/Dockerfile]")
@click.option(
    "--build-arg", "build_args", multiple=True, metavar="NAME[=VALUE]",
    help="Value of an ARG; without =VALUE, that of the environment variable. May be repeated.",
)  # fmt: skip
@click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", help="Add a label. May be repeated.")
@click.option("--target", default="", metavar="STAGE", help="The stage to build.  [default: the last]")
@click.option("--platform", default="", metavar="OS/ARCH", help="The platform to build for.  [default: this machine's]")
@click.option("--no-cache", is_flag=True, help="Run RUN, COPY and ADD again.")
@click.option(
    "--no-cache-filter", "no_cache_stages", multiple=True, metavar="STAGE",
    help="Run the steps of this stage again. May be repeated.",
)  # fmt: skip
@click.option(
    "--secret", "secrets", multiple=True, metavar="id=ID[,src=FILE|,env=NAME]",
    help="A secret for RUN --mount=type=secret. May be repeated.",
)  # fmt: skip
@click.option(
    "--network", type=click.Choice(["default", "host", "none"]), default="default",
    help="The network of RUN: the host's, or none.  [default: the host's]",
)  # fmt: skip
@click.option(
    "--allow", "allowed", multiple=True, type=click.Choice(["network.host"]),
    help="Let RUN ask for the host's network. May be repeated.",
)  # fmt: skip
@click.option(
    "--add-host", "hosts", multiple=True, metavar="NAME=ADDRESS",
    help="A line of /etc/hosts for RUN; NAME:ADDRESS, too. May be repeated.",
)  # fmt: skip
@click.option("--pull", is_flag=True, help="Pull base images even if they are in the store.")
@click.option("--iidfile", type=click.Path(dir_okay=False, path_type=Path), help="Write the image's ID to this file.")
@click.option("-q", "--quiet", is_flag=True, help="Print the image's ID and nothing else.")
@click.option(
    "--progress", type=click.Choice(["auto", "plain", "tty", "quiet"]), default="auto",
    help="How to show progress.  [default: auto: tty on a terminal, else plain]",
)  # fmt: skip
@click.option("--max-parallelism", type=click.IntRange(1, 64), default=4, show_default=True, help="Steps at one time.")
@click.pass_obj
def command(
    session: Session,
    context: Path,
    tags: tuple[str, ...],
    file: str,
    build_args: tuple[str, ...],
    labels: tuple[str, ...],
    target: str,
    platform: str,
    no_cache: bool,
    no_cache_stages: tuple[str, ...],
    secrets: tuple[str, ...],
    network: str,
    allowed: tuple[str, ...],
    hosts: tuple[str, ...],
    pull: bool,
    iidfile: Path | None,
    quiet: bool,
    progress: str,
    max_parallelism: int,
) -> None:
    """Build an image from the Dockerfile in PATH, whose files are the build context.

    Every step's result is an image of its own: `dockerlang images -a` lists them, and `dockerlang run -it ID sh` enters
    one. When a RUN fails, the last line of the message says how to enter the state before it.

    \b
    Examples:
      dockerlang build -t app .
      dockerlang build -t app -f docker/app.Dockerfile --build-arg VERSION=2 .
      dockerlang build --target test --no-cache .
    """
    from dockerlang.builder.failure import BuildFailure
    from dockerlang.cli.output.displays import display_for
    from dockerlang.runtime import rootless

    mapping = rootless.enter()
    if mapping.warning:
        click.echo(f"warning: {mapping.warning}", err=True)

    from dockerlang.builder.build import build
    from dockerlang.store.store import Store

    request = _request(
        context=context,
        tags=tags,
        file=file,
        build_args=_pairs(build_args, takes_environment=True),
        labels=_pairs(labels, takes_environment=False),
        target=target,
        platform=platform,
        no_cache=no_cache,
        no_cache_stages=no_cache_stages,
        secrets=secrets,
        network=network,
        allowed=frozenset(allowed),
        extra_hosts=tuple(_host(text) for text in hosts),
        max_parallelism=max_parallelism,
    )
    display = display_for("quiet" if quiet else progress)
    store = Store.open(session.root)

    def pull_base(reference: Reference, platform: Platform) -> None:
        from dockerlang.cli.pulling import pull_aside

        # A live display owns the terminal.
        pull_aside(store, reference, platform, is_quiet=quiet or sys.stderr.isatty() or progress in ("tty", "quiet"))

    request = replace(request, pull=pull_base, always_pulls=pull)
    try:
        with display:
            result = build(request, store, None, display.listen)
    except BuildFailure as failure:
        from dockerlang.cli.output.build_failure import print_failure

        print_failure(failure)
        sys.exit(1)
    if iidfile is not None:
        iidfile.write_text(str(result.image.id))
    if quiet:
        click.echo(str(result.image.id))
    else:
        display.finish(result, tags)


def _request(
    *,
    context: Path,
    tags: tuple[str, ...],
    file: str,
    build_args: dict[str, str],
    labels: dict[str, str],
    target: str,
    platform: str,
    no_cache: bool,
    no_cache_stages: tuple[str, ...],
    secrets: tuple[str, ...],
    network: str,
    allowed: frozenset[str],
    extra_hosts: tuple[tuple[str, str], ...],
    max_parallelism: int,
) -> BuildRequest:
    from dockerlang.builder.build import BuildRequest, find_dockerfile, read_dockerfile, read_ignore_file
    from dockerlang.builder.lower.options import BuildOptions
    from dockerlang.oci.platform import host_platform, parse_platform
    from dockerlang.oci.reference import parse_reference
    from dockerlang.runtime.process import Network

    def checks(document: nodes.Document) -> tuple[Diagnostic, ...]:
        from dockerlang.linter.buildkit import all_checks

        return all_checks(document)

    path = find_dockerfile(context, file)
    epoch = build_args.get("SOURCE_DATE_EPOCH", "")
    if epoch and not epoch.isdecimal():
        raise UsageError(f"SOURCE_DATE_EPOCH is `{epoch}`, which is no number of seconds")
    return BuildRequest(
        source=read_dockerfile(path),
        context=context.absolute(),
        ignore=read_ignore_file(context, path),
        options=BuildOptions(
            build_args=build_args,
            target=target,
            platform=parse_platform(platform) if platform else host_platform(),
            labels=labels,
            no_cache=no_cache,
            no_cache_stages=frozenset(no_cache_stages),
            epoch=int(epoch) if epoch else None,
            allowed=allowed,
            extra_hosts=extra_hosts,
        ),
        now=time.time_ns(),
        tags=tuple(parse_reference(tag).with_default_tag() for tag in tags),
        secrets=dict(_secret(text) for text in secrets),
        network=Network.NONE if network == "none" else Network.HOST,
        max_parallelism=max_parallelism,
        checks=checks,
    )


def _pairs(texts: tuple[str, ...], *, takes_environment: bool) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, has_value, value = text.partition("=")
        if has_value:
            pairs[name] = value
        elif not takes_environment:
            pairs[name] = ""
        elif name in os.environ:
            pairs[name] = os.environ[name]
    return pairs


def _host(text: str) -> tuple[str, str]:
    """`NAME=ADDRESS` or `NAME:ADDRESS`; an IPv6 address may stand in brackets."""
    import ipaddress

    name, _, address = text.partition("=" if "=" in text else ":")
    address = address.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        name = ""
    if not name or any(character.isspace() for character in name):
        raise UsageError(f"`--add-host {text}` is not understood", hint="write --add-host NAME=ADDRESS")
    return name, address


def _secret(text: str) -> tuple[str, bytes]:
    """`id=ID[,src=FILE|,env=NAME]`: without either, the variable named like the ID if there is one, else the file."""
    options = dict(part.partition("=")[::2] for part in text.split(","))
    identifier = options.get("id", "")
    unknown = set(options) - {"id", "src", "source", "env", "type"}
    if not identifier or unknown:
        raise UsageError(f"`--secret {text}` is not understood", hint="write --secret id=NAME,src=FILE")
    path = options.get("src") or options.get("source")
    variable = options.get("env") or (identifier if path is None and identifier in os.environ else None)
    if variable is not None:
        if variable not in os.environ:
            raise InputError(f"the secret `{identifier}`: the environment has no variable {variable}")
        return identifier, os.fsencode(os.environ[variable])
    try:
        return identifier, Path(path or identifier).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the secret `{identifier}`: {error.strerror}: {path or identifier}") from None
