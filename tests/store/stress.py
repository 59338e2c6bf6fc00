"""One process of the endurance test: builds, pulls, tags, runs, removes and prunes on a store that others use, too.

`python -m tests.store.stress ROOT REGISTRY SEED SECONDS`. Each command is a process of its own, forked from this one,
so that most of the time is spent in the store and not in loading modules. Prints what went wrong, and ends with 1 then.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

_EXPECTED = (
    "No such image",
    "No such container",
    "conflict: ",
    "Unable to find image",
    "is using its referenced image",
    "does not exist locally",
    "executable file not found",
)
"""What may fail because others have been faster; the image that is pulled has no programs."""


def commands(choice: random.Random, registry: str, directory: Path) -> list[list[str]]:
    """One thing to do, as the commands that it takes."""
    number, name = choice.randrange(3), f"app:{choice.randrange(3)}"
    match choice.randrange(10):
        case 0 | 1 | 2:
            instruction = choice.choice(["RUN echo {0} > /made", "COPY Dockerfile /copied{0}", "ENV A={0}"])
            lines = ["FROM busybox", "COPY Dockerfile /first", instruction.format(number), "RUN echo last > /last"]
            (directory / "Dockerfile").write_text("\n".join(lines) + "\n")
            return [["build", "-q", "-t", name, str(directory)]]
        case 3:
            return [["pull", "-q", f"{registry}/app:1"], ["tag", f"{registry}/app:1", name]]
        case 4:
            return [["tag", name, f"other:{number}"]]
        case 5:
            return [["rmi", name]]
        case 6:
            return [["rmi", "-f", f"{registry}/app:1", f"other:{number}"]]
        case 7:
            return [choice.choice([["image", "prune", "-f"], ["builder", "prune", "-af"], ["system", "prune", "-f"]])]
        case 8:
            return [["run", "--rm", choice.choice([name, "busybox"]), "cat", "/etc/passwd"]]
        case _:
            archive = str(directory / "saved.tar")
            return [["save", "-o", archive, name], ["load", "-i", archive]]


def run(root: str, arguments: list[str], directory: Path) -> tuple[int, str]:
    """Run a command to its end: exit code and error output."""
    errors = directory / "errors"
    child = os.fork()
    if child == 0:
        with errors.open("wb") as file, open(os.devnull, "r+b") as nothing:
            for stream, number in ((nothing, 0), (nothing, 1), (file, 2)):
                os.dup2(stream.fileno(), number)
        sys.argv = ["dockerlang", "--root", root, *arguments]
        from dockerlang.cli.entry import run as run_command

        ended = 1
        try:
            run_command()
        except SystemExit as ending:
            ended = ending.code if isinstance(ending.code, int) else 0
        except BaseException:
            traceback.print_exc()
        finally:
            # What is around belongs to the process that was forked.
            sys.stderr.flush()
            os._exit(ended)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, errors.read_text(errors="replace")


def main(root: str, registry: str, seed: str, seconds: str) -> int:
    import dockerlang.builder.build
    import dockerlang.cli.commands.build
    import dockerlang.cli.pulling
    import dockerlang.containers.run  # noqa: F401

    choice = random.Random(int(seed))
    deadline = time.monotonic() + float(seconds)
    done: Counter[str] = Counter()
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        while time.monotonic() < deadline:
            for arguments in commands(choice, registry, Path(name)):
                code, errors = run(root, arguments, Path(name))
                done[f"{arguments[0]} {code}"] += 1
                is_expected = code == 0 or (bool(errors) and any(words in errors for words in _EXPECTED))
                if not is_expected or "Traceback" in errors:
                    failures += 1
                    print(f"{' '.join(arguments)}: {code}\n{errors}", flush=True)
                if code:
                    break
    print(dict(sorted(done.items())), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
