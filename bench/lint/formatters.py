"""Compare Dockerfile formatters: time, crashes, changed meaning, stability.

    python -m bench.lint.formatters --node-modules DIR [--engines dockerfmt dprint ...] [--command 'dockerlang=CMD']

DIR holds the node_modules with @reteps/dockerfmt, @dprint/formatter, @dprint/dockerfile, dockerfile-utils, prettier and
prettier-plugin-sh. `--command NAME=CMD` adds a formatter that reads stdin and writes stdout (one process a file). Needs
the pip packages `dockerfile` (the parser of BuildKit, as the judge of meaning), `tree_sitter` and `tree_sitter_bash`.

Meaning is the list of instructions: keyword, flags, words, JSON or not, heredocs; the shell of a RUN is compared by its
leaves, without newlines, `;` and comments. MAINTAINER turned into a LABEL is counted as a change, since the image
differs. Only files that the reference converts are judged. A comment counts as lost if its text is gone.
"""

import argparse
import collections
import json
import re
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

import dockerfile
import tree_sitter
import tree_sitter_bash

from bench.lint import corpus

BASH = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
ENGINES = ["dockerfmt", "dprint", "dockerfile-utils", "prettier-plugin-sh"]


def leaves(script: str):
    """The words of a shell script: no newlines, `;` and comments; `...` and $(...) are the same."""
    found, todo = [], [BASH.parse(script.encode()).root_node]
    while todo:
        node = todo.pop()
        if node.child_count:
            todo += reversed(node.children)
        elif node.type not in ("comment", "\n", ";", ";;", "`", "$(", ")"):
            text = node.text.decode().replace("\\\n", "")
            text = text if node.type in ("string_content", "raw_string", "heredoc_content") else text.strip()
            if text:
                found.append(text)
    return tuple(found)


def unquoted(word: str) -> str:
    """A value as ENV and LABEL read it, variables left alone."""
    found, quote, index = [], "", 0
    while index < len(word):
        character, following = word[index], word[index + 1 : index + 2]
        if character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        elif character == "\\" and following and quote != "'" and (not quote or following in '"$\\'):
            found.append(following)
            index += 1
        else:
            found.append(character)
        index += 1
    return "".join(found)


def meaning(text: str):
    """A value that two Dockerfiles share if they mean the same; None if the parser refuses."""
    try:
        commands = dockerfile.parse_string(text)
    except Exception:
        return None
    found = []
    for command in commands:
        keyword, words, json_form = command.cmd.upper(), tuple(command.value), command.json
        heredocs = tuple((item.name, item.content) for item in command.heredocs)
        if keyword == "ONBUILD":
            inner = re.sub(r"(?is)^\s*onbuild\s+", "", command.original)
            found.append((keyword, None, False, (), meaning(inner) or (), heredocs))
            continue
        if keyword == "FROM" and len(words) == 3:
            words = (words[0], words[1].upper(), words[2])
        elif keyword == "HEALTHCHECK" and words:
            words = (words[0].upper(), *(words[1:] if json_form else leaves(" ".join(words[1:]))))
        elif keyword in ("RUN", "CMD", "ENTRYPOINT") and not json_form:
            words = leaves(" ".join(words))
            heredocs = tuple((name, leaves(content)) for name, content in heredocs)
        elif keyword in ("ENV", "LABEL"):
            words = tuple(map(unquoted, words))
        elif keyword in ("COPY", "ADD", "VOLUME"):
            json_form = False
        found.append((keyword, None, json_form, tuple(command.flags), words, heredocs))
    return found


def comments(text: str):
    return collections.Counter(line.strip().lstrip("#").strip() for line in text.split("\n") if re.match(r"\s*#", line))


def judge(text: str, result: dict):
    if not isinstance(result.get("once"), str):
        return "crash"
    before, after = meaning(text), meaning(result["once"])
    if after is None:
        return "no longer parses"
    if len(before) != len(after):
        return "instructions gained or lost"
    for one, two in zip(before, after):
        if one != two:
            part = ("keyword", "subcommand", "JSON form", "flags", "words", "heredoc")[
                next(index for index in range(6) if one[index] != two[index])
            ]
            return f"changed: {part} of {one[0]}"
    return "same"


def stdin_engine(command, files):
    results, times = {}, []
    for file in files:
        begun = time.perf_counter()
        shown = subprocess.run(shlex.split(command), input=file.read_bytes(), capture_output=True, check=False)
        times.append((time.perf_counter() - begun) * 1000)
        if shown.returncode:
            results[str(file)] = {"error": shown.stderr.decode(errors="replace")[:200]}
        else:
            again = subprocess.run(shlex.split(command), input=shown.stdout, capture_output=True, check=False)
            results[str(file)] = {"once": shown.stdout.decode(), "twice": again.stdout.decode()}
    times.sort()
    return results, {
        "ready": 0,
        "total": sum(times),
        "median": times[len(times) // 2],
        "p95": times[int(len(times) * 0.95)],
        "rss": 0,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--node-modules", type=Path, metavar="DIR")
    parser.add_argument("--engines", nargs="*", default=ENGINES)
    parser.add_argument("--command", action="append", default=[], metavar="NAME=CMD")
    parser.add_argument("--count", type=int, default=300, help="synthetic files next to the recorded ones")
    parser.add_argument("--show", type=int, default=0, help="examples of each kind of change")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, texts = Path(name), {}
        for group, files in (("recorded", corpus.recorded()), ("synthetic", corpus.synthetic(options.count))):
            (folder / group).mkdir()
            for title, text, *error in files:
                if (error and error[0]) or meaning(text) is None:
                    continue
                path = folder / group / title
                path.write_bytes(text.encode())
                texts[path] = text
        listing, out = folder / "list", folder / "out"
        listing.write_text("\n".join(map(str, texts)) + "\n")
        groups = collections.Counter(path.parent.name for path in texts)
        print(f"{groups['recorded']} recorded files that the reference accepts, {groups['synthetic']} synthetic\n")
        columns = ["load ms", "ms a file", "p95", "RSS MiB", "same", "crash", "changed", "not stable", "comment lost"]
        print("| engine | group | " + " | ".join([*columns, "untouched"]) + " |")
        print("|---|---|" + "--:|" * (len(columns) + 1))
        details = []
        engines = [(engine, None) for engine in (options.engines if options.node_modules else [])]
        engines += [(text.partition("=")[0], text.partition("=")[2]) for text in options.command]
        for engine, command in engines:
            if command:
                results, times = stdin_engine(command, texts)
            else:
                shown = subprocess.run(
                    [
                        "node",
                        str(Path(__file__).with_name("formatters.mjs")),
                        str(options.node_modules),
                        engine,
                        str(listing),
                        str(out),
                    ],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                if shown.returncode:
                    details.append(f"{engine}: did not run: {shown.stderr.strip().splitlines()[-1:]}")
                    continue
                results, times = json.loads(out.read_text()), json.loads(shown.stdout.splitlines()[-1])
            for group in ("recorded", "synthetic"):
                verdicts, unstable, lost, untouched, examples = collections.Counter(), 0, 0, 0, {}
                for path, text in texts.items():
                    if path.parent.name != group:
                        continue
                    result = results[str(path)]
                    verdict = judge(text, result)
                    verdicts[verdict] += 1
                    examples.setdefault(verdict, []).append((path.name, text, result))
                    unstable += result.get("once") != result.get("twice")
                    lost += bool(result.get("once") and comments(text) - comments(result["once"]))
                    untouched += result.get("once") == text
                changed = sum(verdicts.values()) - verdicts["same"] - verdicts["crash"]
                print(
                    f"| {engine} | {group} | {times['ready']:.0f} | {times['median']:.2f} | {times['p95']:.2f}"
                    f" | {times['rss']:.0f} | {verdicts['same']} | {verdicts['crash']} | {changed} | {unstable}"
                    f" | {lost} | {untouched} |",
                    flush=True,
                )
                for verdict, count in verdicts.most_common():
                    if verdict != "same":
                        errors = collections.Counter(
                            re.sub(r"\d+", "N", item[2].get("error") or "returned nothing")[:90]
                            for item in examples[verdict]
                        )
                        details.append(
                            f"{engine}, {group}: {count} × {verdict}"
                            + (f" {errors.most_common(3)}" if verdict == "crash" else "")
                        )
                        for title, text, result in examples[verdict][: options.show]:
                            outcome = result.get("once") or result.get("error") or ""
                            details.append(f"    {title}: {text[:160]!r} -> {outcome[:160]!r}")
        print("\n" + "\n".join(line if line.startswith(" ") else f"- {line}" for line in details))


if __name__ == "__main__":
    main()
