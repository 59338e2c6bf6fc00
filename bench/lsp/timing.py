"""How fast a server starts, reports and answers, on documents of several lengths."""

import re
import statistics
import time

from bench.lint import corpus
from bench.lsp.client import Client, Failure, at

URI = "file:///bench/Dockerfile"
TYPED = " && curl -fsSL https://example.com/tool-$VERSION.tgz | tar xz -C /usr/local --strip-components=1"


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def find(lines, pattern):
    """(line, character) of group 1 of every match."""
    found = []
    for number, line in enumerate(lines):
        found += [(number, match.start(1)) for match in re.finditer(pattern, line)]
    return found or [(0, 0)]


def requests(text):
    """method -> list of params."""
    lines = text.split("\n")
    keyword, blank = find(lines, r"^([A-Z]+) "), find(lines, r"^()$")
    source, stage = find(lines, r"COPY --from=([a-z])"), find(lines, r"^FROM \S+ (?:AS|as) (\w)")
    whole = {"textDocument": {"uri": URI}}
    style = {**whole, "options": {"tabSize": 4, "insertSpaces": True}}
    everywhere = {"start": {"line": 0, "character": 0}, "end": {"line": len(lines), "character": 0}}
    return {
        "completion": [at(URI, *place) for place in blank + find(lines, r"COPY --()") + find(lines, r"COPY --from=()")],
        "hover": [at(URI, *place) for place in keyword + source],
        "documentSymbol": [whole],
        "definition": [at(URI, *place) for place in source],
        "references": [at(URI, *place) | {"context": {"includeDeclaration": True}} for place in source],
        "documentHighlight": [at(URI, *place) for place in source],
        "semanticTokens/full": [whole],
        "formatting": [style],
        "rename": [at(URI, *place) | {"newName": "renamed"} for place in stage],
        "foldingRange": [whole],
        "codeAction": [whole | {"range": everywhere, "context": {"diagnostics": []}}],
    }


def startup(command, runs):
    seconds = []
    for _ in range(runs):
        client = Client(command)
        seconds.append(client.start()[1])
        client.stop()
    return seconds


def row(title, seconds, extra=""):
    print(
        f"| {title:<36} | {len(seconds):4} | {statistics.median(seconds) * 1000:8.2f}"
        f" | {percentile(seconds, 0.95) * 1000:8.2f} | {max(seconds) * 1000:8.2f} | {extra} |",
        flush=True,
    )


def requested(client, method, params, count, budget, edit=None):
    seconds, start = [], time.perf_counter()
    for number in range(count):
        if edit:
            edit(number)
        seconds.append(client.request(f"textDocument/{method}", params[number % len(params)])[1])
        if time.perf_counter() - start > budget and number >= 4:
            break
    return seconds


def document(command, length, options):
    text = corpus.single(length, options.seed)
    lines = text.split("\n")
    candidates = find(lines, r"^(RUN) (?!<<|--).*[^\\]$")
    place = candidates[len(candidates) // 2][0]
    opened = []
    for _ in range(options.opens):
        client = Client(command)
        client.start()
        report, seconds = client.wait_diagnostics(URI, client.open(URI, text), options.patience)
        opened.append(seconds)
        if len(opened) < options.opens:
            client.stop()
    print(f"\n{len(lines) - 1} lines, {len(text)} bytes, {len(report or [])} diagnostics at first\n")
    print("| what | n | p50 ms | p95 ms | max ms | note |\n|---|--:|--:|--:|--:|---|")
    row("didOpen to diagnostics, new process", opened)

    column, seconds, missed = len(lines[place]), [], 0
    typed = (TYPED * 8)[: options.edits]
    begun = time.perf_counter()
    for number, character in enumerate(typed):
        start = client.insert(URI, place, column + number, character)
        report, taken = client.wait_diagnostics(URI, start, options.patience)
        missed += report is None
        seconds.append(taken)
        if time.perf_counter() - begun > options.budget * 2 and number > 10:
            break
    client.drop_diagnostics()
    row("didChange to diagnostics", seconds, f"{missed} without a report" if missed else "")

    start = time.perf_counter()
    for number in range(options.edits):
        client.insert(URI, place, column, "x")
    client.request("textDocument/completion", at(URI, 0, 0))
    total = time.perf_counter() - start
    last = client.drop_diagnostics(1.0)
    row(
        f"{options.edits} edits at once, then completion",
        [total],
        f"last report after {(last - start) * 1000:.0f} ms" if last else "no report",
    )

    def edit(number):
        client.insert(URI, place, column, "y" if number % 2 else " ")

    for method, params in requests(text).items():
        try:
            settled = requested(client, method, params, options.requests, options.budget)
            row(method, settled)
            client.drop_diagnostics()
            row(method + ", after an edit", requested(client, method, params, options.requests, options.budget, edit))
            client.drop_diagnostics()
        except Failure as failure:
            print(f"| {method:<36} | 0 | | | | {failure} |", flush=True)
    print(f"\npeak RSS {client.stop():.1f} MiB")


def main(options):
    starts = startup(options.command, options.starts)
    print("| what | n | p50 ms | p95 ms | max ms | note |\n|---|--:|--:|--:|--:|---|")
    row("process start to initialize answered", starts)
    for length in options.lines:
        document(options.command, length, options)
