"""What an ordinary user does, run as a program: enters his namespace, runs steps, and prints what came of them as JSON.

Arguments: an empty directory, then for each step the user and the script.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dockerlang.runtime import rootless
from dockerlang.runtime.changes import changes
from dockerlang.runtime.namespaces import NamespaceRuntime
from dockerlang.runtime.output import Stream
from dockerlang.runtime.process import Process
from dockerlang.runtime.root import Root
from dockerlang.runtime.running import ProcessNotStarted
from tests.runtime.busybox_tree import PATH, make_tree


def main() -> None:
    directory = Path(sys.argv[1])
    mapping = rootless.enter()
    # Whoever has entered is root, and need not enter again.
    assert rootless.enter().is_native
    assert os.geteuid() == 0
    tree = make_tree(directory / "tree")
    steps = []
    with NamespaceRuntime() as runtime:
        for number, (user, script) in enumerate(zip(sys.argv[2::2], sys.argv[3::2], strict=True)):
            root = Root.create(directory / str(number), (tree,))
            steps.append(run(runtime, Process(("sh", "-c", script), (PATH,), user=user), root))
    print(json.dumps({"warning": mapping.warning, "is_native": mapping.is_native, "steps": steps}))


def run(runtime: NamespaceRuntime, process: Process, root: Root) -> dict[str, object]:
    output: list[bytes] = []

    def sink(stream: Stream, data: bytes) -> None:
        output.append(data)

    try:
        status = runtime.run(process, root, sink=sink, timeout=30)
    except ProcessNotStarted as error:
        return {"error": str(error), "hint": error.hint}
    entries = [[entry.path.decode(), entry.uid, entry.gid, oct(entry.mode)] for entry, _ in changes(root)]
    return {"status": status, "output": b"".join(output).decode(), "changes": entries}


if __name__ == "__main__":
    main()
