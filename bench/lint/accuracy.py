"""Does a linter call the files wrong that the reference calls wrong?

    python -m bench.lint.accuracy --hadolint PATH [--dockerlang 'CMD lint --format json']

A file counts as called wrong if hadolint gives a DL1000 (it could not parse), or, for dockerlang, a finding whose level
is `error` and whose code says that the build would fail (`--fatal REGEX`, default: codes that are no DL, SC or DLP
rule). Both are read as JSON: a list of objects with `file`, `level`, `code` and `message`. A file that makes the linter
fall over is not counted as flagged.
"""

import argparse
import collections
import json
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from bench.lint import corpus


def findings(command, files, crashed):
    """What the linter says about the files; one that makes it fall over is put into `crashed`, found by halving."""
    shown = subprocess.run(
        [*shlex.split(command), *map(str, files)], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    try:
        return json.loads(shown.stdout)
    except json.JSONDecodeError:
        if len(files) == 1:
            crashed[files[0].name] = shown.stderr.strip().split("\n")[0]
            return []
    half = len(files) // 2
    return findings(command, files[:half], crashed) + findings(command, files[half:], crashed)


def flagged(command, files, fatal):
    crashed, found = {}, {}
    for item in findings(command, files, crashed):
        if item["level"] == "error" and re.search(fatal, item["code"] or ""):
            found.setdefault(Path(item["file"]).name, item["message"])
    return found, crashed


def ratio(part, whole):
    return f"{part}/{whole} = {part / max(1, whole):.3f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadolint")
    parser.add_argument("--dockerlang")
    parser.add_argument("--fatal", default=r"^(?!DL|SC)")
    parser.add_argument("--top", type=int, default=12)
    options = parser.parse_args()
    engines = []
    if options.hadolint:
        engines.append(("hadolint", f"{options.hadolint} --no-fail -f json", "^DL1000$"))
    if options.dockerlang:
        engines.append(("dockerlang", options.dockerlang, options.fatal))
    with tempfile.TemporaryDirectory() as name:
        truth = {}
        for title, text, error in corpus.recorded():
            (Path(name) / title).write_bytes(text.encode())
            truth[title] = (text, error)
        files = sorted(Path(name).iterdir())
        for engine, command, fatal in engines:
            found, crashed = flagged(command, files, fatal)
            for group in ("own", "upstream"):
                chosen = {title: row for title, row in truth.items() if title.startswith(group)}
                wrong = {title for title, row in chosen.items() if row[1]}
                said = {title for title in found if title in chosen}
                hits = len(wrong & said)
                print(
                    f"- {engine}, {group}: {len(chosen)} files, {len(wrong)} wrong, {len(said)} flagged,"
                    f" precision {ratio(hits, len(said))}, recall {ratio(hits, len(wrong))},"
                    f" clean files flagged {len(said - wrong)} of {len(chosen) - len(wrong)}"
                )
            for text, count in collections.Counter(crashed.values()).most_common():
                titles = [title for title in crashed if crashed[title] == text]
                samples = [truth[title][0][:80] for title in titles[:3]]
                print(f"    - falls over: {count} × {text}, e.g. {titles[0]} {samples}")
            kinds = collections.Counter(
                re.sub(r"'[^']*'|\d+", "…", found[title])[:90].replace("\n", " ")
                for title in found
                if not truth[title][1]
            )
            for text, count in kinds.most_common(options.top):
                print(f"    - clean file flagged: {count} × {text}")


if __name__ == "__main__":
    main()
