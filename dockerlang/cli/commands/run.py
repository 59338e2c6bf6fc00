"""`dockerlang run`: a command in a new container."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from dockerlang.cli import completing, process_limits
from dockerlang.cli.option_groups import take
from dockerlang.cli.running import connecting, files, naming, refused, rights, sharing, volumes
from dockerlang.cli.session import Session

if TYPE_CHECKING:
    from dockerlang.store.store import Store


@click.command(context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False})
@click.argument("image", shell_complete=completing.images)
@click.argument("arguments", metavar="[COMMAND] [ARG]...", nargs=-1, type=click.UNPROCESSED)
@click.option("-i", "--interactive", is_flag=True, help="Pass standard input on to the process.")
@click.option("-t", "--tty", is_flag=True, help="Give the process a terminal.")
@click.option("-d", "--detach", is_flag=True, help="Leave the container running in the background; print its ID.")
@click.option("--rm", "is_removed", is_flag=True, help="Remove the container when its process has ended.")
@click.option("--name", default="", help="Name of the container.  [default: one made of its ID]")
@click.option("-e", "--env", "variables", multiple=True, metavar="NAME[=VALUE]", help="Set an environment variable.")
@click.option("-l", "--label", "labels", multiple=True, metavar="NAME[=VALUE]", help="Set a label.")
@click.option("-w", "--workdir", help="Directory to work in.  [default: the image's WORKDIR]")
@click.option("-u", "--user", metavar="USER[:GROUP]", help="Whom to run as.  [default: the image's USER]")
@click.option("--entrypoint", metavar="PROGRAM", help="Program to run instead of the image's ENTRYPOINT and CMD.")
@click.option(
    "--pull",
    "pull_policy",
    type=click.Choice(["missing", "always", "never"]),
    default="missing",
    show_default=True,
    help="When to pull the image.",
)
@files.options
@volumes.options
@connecting.options
@naming.options
@rights.options
@sharing.options
@process_limits.options
@click.option("--cpus", type=click.FloatRange(min=0.01), metavar="N", help="Processors' worth of time, as 1.5.")
@click.option("--memory-reservation", default="", metavar="SIZE", help="Memory that is kept for the container.")
@refused.options
@click.help_option("--help")
@click.pass_obj
def command(
    session: Session,
    /,
    *,
    image: str,
    arguments: tuple[str, ...],
    interactive: bool,
    tty: bool,
    detach: bool,
    is_removed: bool,
    name: str,
    variables: tuple[str, ...],
    labels: tuple[str, ...],
    workdir: str | None,
    user: str | None,
    entrypoint: str | None,
    pull_policy: str,
    cpus: float | None,
    memory_reservation: str,
    **values: Any,
) -> None:
    """Run a command in a new container of IMAGE, which is a name or an ID, also that of a build's step.

    Ends with the command's exit code; with 127 where it is not found, 126 where it cannot be executed, and 125 where
    dockerlang itself fails.

    \b
    Examples:
      dockerlang run --rm app
      dockerlang run -it --rm 3f2a9c01d4be sh
      dockerlang run --rm -v ./data:/data:ro -e LEVEL=debug app check /data
      dockerlang run -d --name web -p 8080:80 app
    """
    from dockerlang.containers.options import ContainerOptions, parse_environment
    from dockerlang.runtime import rootless
    from dockerlang.runtime.oci import runtime_called

    mounted = take(volumes.VolumeOptions, values)
    names = take(naming.NamingOptions, values)
    connected = take(connecting.ConnectingOptions, values)
    may = take(rights.RightsOptions, values)
    shared = take(sharing.SharingOptions, values)
    kept = take(files.FileOptions, values)
    limits = take(process_limits.ProcessLimits, values)
    options = ContainerOptions(
        command=arguments,
        entrypoint=entrypoint,
        env=(
            *kept.variables(),
            *(variable for text in variables if (variable := parse_environment(text)) is not None),
        ),
        user=user,
        working_dir=workdir,
        hostname=names.hostname,
        domain_name=names.domain_name,
        name=name,
        network=connected.chosen_network(),
        publications=connected.publications(),
        publishes_exposed=connected.publishes_exposed,
        exposed_ports=connected.exposed_ports(),
        labels=dict(label.partition("=")[::2] for label in (*kept.labels(), *labels)),
        mounts=mounted.all_mounts(),
        volumes_from=mounted.volumes_from,
        rights=may.rights(
            has_own_network=connected.network != "host",
            host_namespaces=shared.host_namespaces(hostname=names.hostname),
            out_of_memory_score=shared.out_of_memory_score,
        ),
        is_read_only=may.read_only,
        ulimits=limits.process_ulimits(),
        resources=limits.resources(cpus=cpus, memory_reservation=memory_reservation),
        shared_memory=limits.shared_memory(),
        extra_hosts=names.extra_hosts(),
        resolver=names.resolver(),
        is_interactive=interactive,
        has_terminal=tty,
        is_removed_afterwards=is_removed,
        is_detached=detach,
    )
    kept.refuse_used()
    mapping = rootless.enter()
    if mapping.warning:
        _warn(mapping.warning)
    process_limits.warn_of_missing_limits(options.resources)
    if detach:
        store = _store_with(session, image, pull_policy)
        from dockerlang.containers.detaching import run_in_background

        container_id = run_in_background(store, image, options, limits.runtime_name, _warn)
        kept.keep(container_id)
        click.echo(container_id)
        return
    with runtime_called(limits.runtime_name) as runtime:
        if options.wants_own_network:
            # It is set up while the rest is read.
            runtime.prepare_network()
        from dockerlang.containers.run import run_container

        store = _store_with(session, image, pull_policy)
        status = run_container(store, runtime, image, options, lambda container: kept.keep(container.id), _warn)
    sys.exit(status)


def _store_with(session: Session, image: str, pull_policy: str) -> Store:
    """The store, with the image in it if it can be had."""
    from dockerlang.store.store import Store

    store = Store.open(session.root)
    if pull_policy == "always" or (pull_policy == "missing" and store.find(image) is None):
        from dockerlang.cli.pulling import pull_to_run

        pull_to_run(store, image, is_missing=pull_policy == "missing")
    return store


def _warn(message: str) -> None:
    click.echo(f"warning: {message}", err=True)
