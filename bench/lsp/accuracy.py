"""Does a server call the files wrong that the reference calls wrong? Precision and recall over the recorded files."""

import collections
import re

from bench.lint import corpus
from bench.lsp.client import Client


def kind(error):
    """An error's text without what changes from file to file."""
    error = re.sub(r"dockerfile parse error on line \d+: ", "", error)
    error = re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`", "…", error)
    return re.sub(r"\d+", "N", error)[:80]


def ratio(part, whole):
    return f"{part}/{whole} = {part / whole:.3f}" if whole else f"{part}/0"


def reports(options):
    """Yields (name, text, the reference's error, diagnostics or None)."""
    client = Client(options.command)
    client.start()
    for number, (name, text, error) in enumerate(corpus.recorded()):
        uri = f"file:///recorded/{number}/Dockerfile"
        found, _ = client.wait_diagnostics(uri, client.open(uri, text), options.patience)
        yield name, text, error, found
        client.close(uri)
    client.stop()


def main(options):
    rows = list(reports(options))
    for group in ("own", "upstream"):
        print(f"\n### ast_{group}.json\n")
        chosen = [row for row in rows if row[0].startswith(group)]
        silent = sum(row[3] is None for row in chosen)
        if silent:
            print(f"{silent} files without any report")
        for title, counts in (
            ("Error severity", lambda item: item.get("severity", 1) == 1),
            ("any severity", lambda item: True),
        ):
            flagged = [
                (name, text, error, [item for item in found or [] if counts(item)])
                for name, text, error, found in chosen
            ]
            hits = sum(bool(error and found) for _, _, error, found in flagged)
            wrong = sum(bool(error) for _, _, error, _ in flagged)
            said = sum(bool(found) for _, _, _, found in flagged)
            print(
                f"{title}: {len(chosen)} files, {wrong} wrong for the reference, {said} flagged;"
                f" precision {ratio(hits, said)}, recall {ratio(hits, wrong)},"
                f" clean files flagged {said - hits} of {len(chosen) - wrong}"
            )
            if title == "Error severity":
                errors = flagged
        if not options.top:
            continue
        missed = collections.Counter(kind(error) for _, _, error, found in errors if error and not found)
        print("\nmissed, by the reference's message:")
        for text, count in missed.most_common(options.top):
            print(f"- {count} × {text}")
        false = collections.Counter(
            re.sub(r"'[^']*'|\d+", "…", item["message"])[:90]
            for _, _, error, found in errors
            if not error
            for item in {one["message"]: one for one in found}.values()
        )
        print("\nclean files flagged with an Error, by the server's message:")
        for text, count in false.most_common(options.top):
            print(f"- {count} × {text}")
        if options.examples:
            for name, text, error, found in errors:
                if not error and found:
                    print(f"  {name}: {found[0]['message']}: {text[:120]!r}")
    if not options.top:
        return
    severities = collections.Counter(
        (item.get("severity"), item.get("code"), re.sub(r"'[^']*'|\d+", "…", item["message"])[:80])
        for row in rows
        for item in row[3] or []
    )
    print("\n### every kind of diagnostic seen (severity, code, message, count)\n")
    for (severity, code, message), count in sorted(severities.items(), key=lambda pair: (-pair[1], str(pair[0]))):
        print(f"- {severity} | {code} | {message} | {count}")
