"""RUN: a process over the layers below, and what it changed as a new layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dockerlang.builder.environment import Environment, Log, Result
from dockerlang.builder.graph import Exec
from dockerlang.builder.ops.mounts import process_mounts
from dockerlang.builder.process_output import ProcessOutput
from dockerlang.errors import DockerlangError
from dockerlang.oci.digest import Digest
from dockerlang.oci.layer import LayerWriter
from dockerlang.records import replace
from dockerlang.runtime import name_files
from dockerlang.runtime.capabilities import DEFAULT_CAPABILITIES, NAMES
from dockerlang.runtime.changes import changes
from dockerlang.runtime.devices import insecure_step_devices
from dockerlang.runtime.process import CONFINED, PRIVILEGED, File, Network, Process
from dockerlang.runtime.root import Root
from dockerlang.store.operation import Operation

if TYPE_CHECKING:
    from dockerlang.runtime.namespaces import NamespaceRuntime

# What the reference names the machine that a step sees.
HOSTNAME = "buildkitsandbox"


class ProcessFailed(DockerlangError):
    """The process of a RUN ended with another exit code than 0.

    `tail` holds the last lines of its output, `layer` what it had changed by then (None where that is not kept).
    """

    def __init__(self, code: int, tail: tuple[str, ...], layer: Digest | None) -> None:
        super().__init__(f"the command ended with exit code {code}")
        self.code = code
        self.tail = tail
        self.layer = layer


def run_process(op: Exec, inputs: tuple[Result, ...], environment: Environment, log: Log) -> Digest:
    """Run the process; the diff ID of the layer that it made. Raises `ProcessFailed`."""
    operation = environment.operation
    layers = inputs[0].layers
    runtime = environment.runtime.get()
    root = Root.create(operation.scratch("run"), operation.layer_trees(layers), is_volatile=True)
    with step_process(op, inputs, environment, runtime) as process:
        output = ProcessOutput(log, environment.secrets.values())
        code = runtime.run(process, root, sink=output.write, cancellation=environment.runtime.cancellation)
        output.end()
    if code:
        raise ProcessFailed(
            code, output.tail(), _commit(root, layers, operation) if environment.keeps_failures else None
        )
    return _commit(root, layers, operation)


@contextmanager
def step_process(
    op: Exec, inputs: tuple[Result, ...], environment: Environment, runtime: NamespaceRuntime
) -> Iterator[Process]:
    """The process of a step with all that it has, its mounts among them, which are there while the block runs."""
    network = Network.NONE if op.network == "none" else Network.HOST if op.network == "host" else environment.network
    if network is None:
        runtime.prepare_network()
    hostname = op.hostname or HOSTNAME
    is_insecure = op.security == "insecure"
    script = (File(op.script_path, op.script.encode("utf-8", "surrogateescape"), mode=0o755),) if op.script else ()
    with process_mounts(op.mounts, inputs, environment) as mounted:
        network = network or runtime.default_network()
        yield Process(
            args=op.args,
            env=(*op.environment, *op.proxy_environment, *mounted.variables),
            cwd=op.cwd,
            user=op.user,
            network=network,
            hostname=hostname,
            mounts=(*name_files.for_build_step(hostname, network, op.extra_hosts), *script, *mounted.mounts),
            ulimits=op.limits.ulimits,
            shared_memory=op.limits.shared_memory,
            resources=replace(environment.resources, parent=op.limits.cgroup_parent),
            capabilities=frozenset(NAMES) if is_insecure else DEFAULT_CAPABILITIES,
            security=PRIVILEGED if is_insecure else CONFINED,
            devices=insecure_step_devices() if is_insecure else (),
        )


def _commit(root: Root, layers: tuple[Digest, ...], operation: Operation) -> Digest:
    """What the process changed as a new layer on top of `layers`."""
    with operation.new_layer() as sink:
        writer = LayerWriter(sink)
        for entry, open_data in changes(root):
            if entry.size:
                with open_data() as data:
                    writer.add(entry, data)
            else:
                writer.add(entry)
        return operation.commit_with_tree(sink, writer.close(), layers, root.upper).diff_id
