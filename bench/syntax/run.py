"""Parsing alone: speed, memory, the cost of the grammar, and of an edit.

    python -m bench.syntax.run [--count 300] [--runs 5]

Speed is counted in lines a second of processor time, the best of the runs, over synthetic files (`bench.lint.corpus`),
the same without RUN, and one long file. Memory is what the trees hold, traced by Python, over the bytes of the text.
What happens once in a process (modules, the tables, regular expressions) is told apart. The peer is BuildKit's
own parser in Go, where the pip package `dockerfile` is installed: it makes a flat list of instructions, without places
inside them, and does not take words apart.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence

from bench.lint.corpus import single, synthetic
from dockerlang.edits import Edit
from dockerlang.syntax import grammar, nodes, parse
from dockerlang.syntax.reparse import reparse
from dockerlang.text import Span

LOAD = """
import re, time
times = [time.perf_counter()]
from dockerlang.syntax import grammar, parse
times.append(time.perf_counter())
parse({text!r})
times.append(time.perf_counter())
for parsers in (False, True):
    grammar.parse_line.cache_clear()
    grammar.parse_word.cache_clear()
    if parsers:
        grammar._parser.cache_clear()
        re.purge()
    start = time.perf_counter()
    parse({text!r})
    times.append(times[-1] + time.perf_counter() - start)
print(*(after - before for before, after in zip(times, times[1:])))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300, help="synthetic files")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    corpora = {
        f"{options.count} files": [text for _, text in synthetic(options.count)],
        f"{options.count} files without RUN": [text for _, text in synthetic(options.count, plain=True)],
        "one file of 5,000 lines": [single(5000)],
    }
    print(f"Python {sys.version.split()[0]}\n")
    print(
        "| texts | lines | lines a second | BuildKit's parser | bytes of tree a byte of text |\n|---|---|---|---|---|"
    )
    for name, texts in corpora.items():
        lines = sum(text.count("\n") for text in texts)
        ours = lines / fastest(parse, texts, options.runs)
        theirs = peer(texts, lines, options.runs)
        print(f"| {name} | {lines:,} | {ours:,.0f} | {theirs} | {memory(texts):.1f} |")
    print()
    load(options.runs, corpora[f"{options.count} files"][0])
    edit(options.runs)


def fastest(read: Callable[[str], object], texts: Sequence[str], runs: int) -> float:
    """Seconds of processor time that reading all texts takes at best, with nothing remembered from the run before."""
    times = []
    for _ in range(runs):
        forget()
        gc.collect()
        start = time.process_time()
        for text in texts:
            read(text)
        times.append(time.process_time() - start)
    return min(times)


def peer(texts: Sequence[str], lines: int, runs: int) -> str:
    if importlib.util.find_spec("dockerfile") is None:
        return "not installed"
    import dockerfile

    return f"{lines / fastest(dockerfile.parse_string, texts, runs):,.0f}"


def memory(texts: Sequence[str]) -> float:
    """Bytes that the trees of all texts hold together, to each byte of text."""
    forget()
    gc.collect()
    tracemalloc.start()
    documents = [parse(text) for text in texts]
    forget()
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert documents
    return held / sum(len(text.encode()) for text in texts)


def forget() -> None:
    grammar.parse_line.cache_clear()
    grammar.parse_word.cache_clear()


def load(runs: int, text: str) -> None:
    rows = []
    for _ in range(runs + 1):
        done = subprocess.run(
            [sys.executable, "-c", LOAD.format(text=text)], stdout=subprocess.PIPE, text=True, check=True
        )
        rows.append([float(part) * 1000 for part in done.stdout.split()])
    module, first, again, anew = (statistics.median(column) for column in zip(*rows[1:], strict=True))
    print(f"New process, median of {runs}: `import dockerlang.syntax` {module:.1f} ms, the first file {first:.1f} ms,")
    print(f"again {again:.1f} ms; the tables, with the regular expressions compiled anew, {anew - again:.1f} ms.\n")


def edit(runs: int) -> None:
    """One character typed in the middle of 5,000 lines, at another place each time."""
    document = parse(single(5000))
    commands = [found for found in document.instructions if isinstance(found, nodes.Run)]
    times = []
    for number in range(runs * 20):
        at = commands[number * 7 % len(commands)].statement.end
        start = time.perf_counter()
        reparse(document, Edit(Span(at, at), "x"))
        times.append(time.perf_counter() - start)
    print(
        f"One character typed in 5,000 lines: median {statistics.median(times) * 1000:.2f} ms, worst"
        f" {max(times) * 1000:.2f} ms."
    )


if __name__ == "__main__":
    main()
