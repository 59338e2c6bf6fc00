"""Time Dockerfile linters.

    python -m bench.lint.run --hadolint PATH [--dockerlang 'CMD'] [--dockerlang-no-shell='--no-shellcheck']

Every engine is a command that takes files behind it (dockerlang: `CMD lint FILE...`; `--other NAME='CMD'` adds one).
What is measured, each in new processes:

    tiny    one file of 6 lines                                            median of --small-runs
    500     one file of 500 lines                                          median of --small-runs
    corpus  all synthetic files in one call                                median of --corpus-runs
    -P2     the same through `xargs -P2`, in eight portions
    again   the same once more with the result cache of the run before     dockerlang only
    edit    the same after one line was added to one file in a hundred     dockerlang only

dockerlang keeps its cache below XDG_CACHE_HOME (or what --cache-variable names): `tiny`, `500` and `corpus` start with
an empty folder each time, `tiny warm` and `again` with a filled one. Engines take turns inside each row, so that load
from outside meets all of them.

hadolint has no switch for ShellCheck (`--ignore SC...` only hides findings). Its share is told from three copies of the
corpus: as it is; with the pragma `# hadolint shell=powershell` before each stage and without SHELL (ShellCheck does not
look at such a RUN, the DL rules do); without RUN. `--shellcheck PATH` times ShellCheck alone on the same shell, one
file a script (files/s is then scripts/s). Peak RSS is the largest single process. Output goes to /dev/null; findings
are counted in a run of their own.
"""

import argparse
import os
import re
import shlex
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench.lint import corpus

TINY = """\
FROM python:3.12-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "app.py"]
"""
NOT_POSIX = "# hadolint shell=powershell\n"


def without_shellcheck(text: str) -> str:
    """The same file, but with nothing in it that ShellCheck reads."""
    text = re.sub(r"(?m)^SHELL .*\n", "", text)
    return re.sub(r"(?mi)^(FROM .*\n)", r"\1" + NOT_POSIX, text)


def spawn(command, env=None):
    """(seconds, peak RSS in MiB, exit code) of one process and its children."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - start, usage.ru_maxrss / 1024, process.returncode


def scripts(text: str):
    """The shell of each RUN that is no heredoc, without flags."""
    for rest in re.findall(r"(?m)^RUN ((?:.*\\\n)*.*)", text):
        body = re.sub(r"^(--\S+\s+)*", "", rest)
        if not body.startswith(("<<", "[")):
            yield "#!/bin/sh\n" + body + "\n"


class Engine:
    def __init__(self, name, command, cached=False):
        self.name, self.command, self.cached = name, command, cached

    def line(self, files, parallel=0):
        if parallel:
            script = 'list=$1; portion=$2; shift 2; xargs -a "$list" -P2 -n "$portion" "$@"'
            return ["sh", "-c", script, "sh", str(files), str(-(-parallel // 8)), *self.command]
        return [*self.command, *map(str, files)]


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.cache = folder / "cache"

    def env(self, fresh):
        if fresh and self.cache.exists():
            shutil.rmtree(self.cache)
        self.cache.mkdir(exist_ok=True)
        return {**os.environ, self.options.cache_variable: str(self.cache), "NO_COLOR": "1"}

    def row(self, title, engines, files, runs, fresh=True, parallel=False, count=0, before=None):
        """Prints one line an engine. `before` runs, untimed, ahead of every timed process: it fills a cache, say."""
        results = {engine.name: [] for engine in engines}
        for _ in range(runs):
            for engine in engines:
                env = self.env(fresh)
                if before:
                    before(engine, env)
                results[engine.name].append(spawn(engine.line(files, count if parallel else 0), env))
        first = None
        for engine in engines:
            seconds = [result[0] for result in results[engine.name]]
            median = statistics.median(seconds)
            first = first or median
            rate = f"{count / median:9.0f}" if count else " " * 9
            memory = max(result[1] for result in results[engine.name])
            print(
                f"| {title:<22} | {engine.name:<28} | {median * 1000:9.1f} | {min(seconds) * 1000:9.1f} | {rate}"
                f" | {memory:7.1f} | {median / first:6.2f} |",
                flush=True,
            )


def write(folder, files):
    folder.mkdir(parents=True)
    for name, text in files:
        (folder / name).write_text(text)
    return sorted(folder.iterdir())


def fill(files):
    """Something to run before a timed process, so that its cache knows the files."""
    return lambda engine, env: spawn(engine.line(files), env)


def findings(engine, files, env):
    """Lines of output that carry a rule code."""
    shown = subprocess.run(
        engine.line(files),
        capture_output=True,
        text=True,
        env=env,
        stdin=subprocess.DEVNULL,
        errors="replace",
        check=False,
    )
    text = shown.stdout + shown.stderr
    return {
        kind: len(re.findall(pattern, text)) for kind, pattern in (("DL", r"\bDL\d{4}\b"), ("SC", r"\bSC\d{4}\b"))
    } | {"exit": shown.returncode}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadolint", default=shutil.which("hadolint"))
    parser.add_argument("--dockerlang", help="command; `lint FILE...` is appended")
    parser.add_argument(
        "--dockerlang-no-shell",
        metavar="SWITCH",
        help="switch that turns ShellCheck off; adds a second dockerlang engine",
    )
    parser.add_argument(
        "--other", action="append", default=[], metavar="NAME=CMD", help="another linter that takes many files"
    )
    parser.add_argument("--shellcheck", help="also time ShellCheck itself, on the scripts of all RUN of the corpus")
    parser.add_argument("--cache-variable", default="XDG_CACHE_HOME")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--small-runs", type=int, default=15)
    parser.add_argument("--corpus-runs", type=int, default=3)
    options = parser.parse_args()

    hadolint = [Engine("hadolint", [options.hadolint])] if options.hadolint else []
    ours = []
    if options.dockerlang:
        ours.append(Engine("dockerlang", [*shlex.split(options.dockerlang), "lint"], cached=True))
        if options.dockerlang_no_shell:
            ours.append(
                Engine(
                    "dockerlang, no shell", [*ours[0].command, *shlex.split(options.dockerlang_no_shell)], cached=True
                )
            )
    shellcheck = [Engine("shellcheck", [options.shellcheck, "-f", "json"])] if options.shellcheck else []
    others = [
        Engine(name, shlex.split(command)) for name, _, command in (text.partition("=") for text in options.other)
    ]
    engines = hadolint + ours + others

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bench = Bench(options, folder)
        texts = list(corpus.synthetic(options.count, options.seed))
        whole = write(folder / "whole", texts)
        off = write(folder / "off", ((name, without_shellcheck(text)) for name, text in texts))
        plain = write(folder / "plain", corpus.synthetic(options.count, options.seed, plain=True))
        size, lines, runs = (
            sum(len(text) for _, text in texts),
            sum(text.count("\n") for _, text in texts),
            sum(len(re.findall(r"(?m)^RUN", text)) for _, text in texts),
        )
        shell = [script for _, text in texts for script in scripts(text)]
        alone = write(
            folder / "shell", ((f"{number:05d}.sh", script) for number, script in enumerate(sorted(set(shell))))
        )
        del texts
        singles = write(
            folder / "single",
            [
                ("tiny", TINY),
                ("big", corpus.single(500)),
                ("big-off", without_shellcheck(corpus.single(500))),
                ("big-plain", corpus.single(500, plain=True)),
            ],
        )
        big, big_off, big_plain, tiny = singles
        listing = folder / "list"
        listing.write_text("\n".join(map(str, whole)) + "\n")
        print(f"corpus: {len(whole)} files, {lines} lines, {runs} RUN, {size} bytes\n")
        print(f"| {'what':<22} | {'engine':<28} | median ms |    min ms |   files/s | RSS MiB |  ratio |")
        print("|---|---|--:|--:|--:|--:|--:|")

        small = options.small_runs
        bench.row("tiny", engines, [tiny], small)
        bench.row("500 lines", engines, [big], small)
        bench.row("500, no ShellCheck", hadolint, [big_off], small)
        bench.row("500, no RUN", engines, [big_plain], small)
        if ours:
            bench.row("tiny warm", ours, [tiny], small, before=fill([tiny]))

        bench.row("corpus", engines, whole, options.corpus_runs, count=len(whole))
        bench.row("corpus -P2", hadolint + ours, listing, options.corpus_runs, parallel=True, count=len(whole))
        bench.row("corpus, no ShellCheck", hadolint, off, options.corpus_runs, count=len(whole))
        bench.row("corpus, no RUN", engines, plain, options.corpus_runs, count=len(whole))
        if ours:

            def edited(engine, env):
                fill(whole)(engine, env)
                for path in whole[::100]:
                    path.write_text(path.read_text() + "# changed\n")

            bench.row("corpus again", ours, whole, options.corpus_runs, before=fill(whole), count=len(whole))
            bench.row("corpus, 1 % edited", ours, whole, options.corpus_runs, before=edited, count=len(whole))
        if shellcheck:
            bench.row("one script", shellcheck, alone[:1], small)
            bench.row("100 scripts", shellcheck, alone[:100], options.corpus_runs, count=100)
            bench.row("each script once", shellcheck, alone, options.corpus_runs, count=len(alone))
            listing.write_text("\n".join(map(str, alone)) + "\n")
            bench.row(
                "each script once, -P2", shellcheck, listing, options.corpus_runs, parallel=True, count=len(alone)
            )
            print(f"\n{len(shell)} scripts, {len(alone)} of them different")
        print()
        for engine in hadolint + ours:
            print(f"findings of {engine.name}: {findings(engine, whole, bench.env(True))}")


if __name__ == "__main__":
    main()
