"""What a server can do, found out by asking. Every probe is a small document with the cursor written as `¦`."""

import json

from bench.lsp.client import Client, Failure, at

STAGES = (
    "ARG TAG=1\nFROM debian:12 AS build\nARG VERSION=2\nENV HOME=/root PORT=80\nFROM alpine AS tools\nFROM scratch\n"
)

COMPLETION = {
    "empty line": "FROM debian\n¦",
    "empty file": "¦",
    "keyword prefix": "FROM debian\nRU¦",
    "keyword prefix, lower case": "from debian\nru¦",
    "ONBUILD trigger": "FROM debian\nONBUILD ¦",
    "image name": "FROM ub¦",
    "image tag": "FROM ubuntu:¦",
    "stage in FROM": "FROM debian AS build\nFROM ¦",
    "FROM flag": "FROM --¦",
    "platform value": "FROM --platform=¦",
    "COPY flag": "FROM a\nCOPY --¦",
    "ADD flag": "FROM a\nADD --¦",
    "RUN flag": "FROM a\nRUN --¦",
    "HEALTHCHECK flag": "FROM a\nHEALTHCHECK --¦",
    "HEALTHCHECK argument": "FROM a\nHEALTHCHECK ¦",
    "stage in COPY --from": STAGES + "COPY --from=¦",
    "stage in COPY --from, prefix": STAGES + "COPY --from=bu¦ a b",
    "mount key": "FROM a\nRUN --mount=¦",
    "mount type": "FROM a\nRUN --mount=type=¦",
    "mount option": "FROM a\nRUN --mount=type=cache,¦",
    "stage in mount from": STAGES + "RUN --mount=type=bind,from=¦",
    "network value": "FROM a\nRUN --network=¦",
    "security value": "FROM a\nRUN --security=¦",
    "variable, $": "FROM a\nENV FOO=1\nARG BAR\nWORKDIR $¦",
    "variable, ${": "FROM a\nENV FOO=1\nARG BAR\nWORKDIR ${¦",
    "variable in RUN": "FROM a\nENV FOO=1\nARG BAR\nRUN echo $¦",
    "global ARG in FROM": "ARG TAG=1\nFROM debian:$¦",
    "predefined ARG": "FROM a\nARG ¦",
    "directive": "# ¦\nFROM a",
    "directive without space": "#¦\nFROM a",
    "escape value": "# escape=¦\nFROM a",
    "syntax value": "# syntax=¦\nFROM a",
    "check value": "# check=skip=¦\nFROM a",
    "context path": "FROM a\nCOPY ¦",
    "signal": "FROM a\nSTOPSIGNAL ¦",
    "port protocol": "FROM a\nEXPOSE 80/¦",
    "user": "FROM a\nUSER ¦",
    "label key": "FROM a\nLABEL ¦",
    "shell command in RUN": "FROM a\nRUN ap¦",
    "shell inside heredoc": "FROM a\nRUN <<EOF\nap¦\nEOF\n",
    "lint code in a comment": "# hadolint ignore=¦\nFROM a",
}

HOVER = {
    "keyword": "FR¦OM a",
    "keyword ONBUILD trigger": "FROM a\nONBUILD RU¦N ls",
    "AS": "FROM a A¦S b",
    "flag COPY --from": "FROM a\nCOPY --fr¦om=a b c",
    "flag RUN --mount": "FROM a\nRUN --mo¦unt=type=cache,target=/x ls",
    "mount option": "FROM a\nRUN --mount=type=cache,tar¦get=/x ls",
    "flag FROM --platform": "FROM --plat¦form=linux/amd64 a",
    "flag HEALTHCHECK": "FROM a\nHEALTHCHECK --inter¦val=3s CMD ls",
    "stage name in --from": "FROM a AS build\nFROM b\nCOPY --from=bu¦ild x y",
    "image": "FROM deb¦ian:12",
    "variable use": "FROM a\nENV FOO=bar\nWORKDIR $FO¦O",
    "variable use, two definitions": "FROM a\nENV FOO=bar\nENV FOO=qux\nWORKDIR ${FO¦O}",
    "variable use in RUN": "FROM a\nENV FOO=bar\nRUN echo $FO¦O",
    "variable definition": "FROM a\nENV FO¦O=bar",
    "ARG of the outer scope": "ARG V=1\nFROM a:$¦V",
    "predefined variable": "FROM --platform=$BUILD¦PLATFORM a",
    "directive": "# esc¦ape=`\nFROM a",
    "syntax directive": "# synt¦ax=docker/dockerfile:1\nFROM a",
    "heredoc marker": "FROM a\nRUN <<EO¦F\nls\nEOF",
    "shell command": "FROM a\nRUN apt-g¦et update",
    "port": "FROM a\nEXPOSE 80¦80",
    "lint code": "# hadolint ignore=DL3¦006\nFROM a",
}

DEFINITION = {
    "COPY --from=stage": "FROM a AS build\nFROM b\nCOPY --from=bu¦ild x y",
    "COPY --from=0": "FROM a AS build\nFROM b\nCOPY --from=¦0 x y",
    "COPY --from=STAGE in another case": "FROM a AS build\nFROM b\nCOPY --from=BU¦ILD x y",
    "FROM stage": "FROM a AS build\nFROM bu¦ild",
    "mount from=stage": "FROM a AS build\nFROM b\nRUN --mount=type=bind,from=bu¦ild,target=/x ls",
    "variable": "FROM a\nENV FOO=1\nWORKDIR $FO¦O",
    "variable ${}": "FROM a\nARG FOO\nWORKDIR ${FO¦O:-x}",
    "variable in RUN": "FROM a\nENV FOO=1\nRUN echo $FO¦O",
    "variable in RUN heredoc": "FROM a\nENV FOO=1\nRUN <<EOF\necho $FO¦O\nEOF",
    "global ARG in FROM": "ARG TAG\nFROM a:$TA¦G",
    "stage ARG to global ARG": "ARG TAG=1\nFROM a\nARG TA¦G\nRUN echo $TAG",
    "variable of a parent stage": "FROM a AS base\nENV FOO=1\nFROM base\nWORKDIR $FO¦O",
    "heredoc end to start": "FROM a\nRUN <<EOF\nls\nEO¦F",
    "context file": "FROM a\nCOPY Docker¦file x",
}

RENAME = {
    "stage, at its definition": (
        "FROM a AS bu¦ild\nFROM build AS x\nCOPY --from=build a b\nRUN --mount=type=bind,from=build,target=/x ls"
    ),
    "stage, at its use": "FROM a AS build\nFROM b\nCOPY --from=bu¦ild a b",
    "stage, another case": "FROM a AS bu¦ild\nFROM b\nCOPY --from=BUILD a b",
    "variable, one stage": "FROM a\nENV FO¦O=1\nWORKDIR $FOO\nRUN echo ${FOO} \"$FOO\" '$FOO'",
    "variable, other stage untouched": "FROM a\nARG FO¦O=1\nWORKDIR $FOO\nFROM b\nARG FOO=2\nWORKDIR $FOO",
    "variable into a child stage": "FROM a AS base\nENV FO¦O=1\nFROM base\nWORKDIR $FOO",
    "global ARG and its redeclaration": "ARG FO¦O=1\nFROM a:$FOO\nARG FOO\nRUN echo $FOO",
    "variable in RUN heredoc": "FROM a\nENV FO¦O=1\nRUN <<EOF\necho $FOO\nEOF",
    "variable in COPY heredoc": "FROM a\nENV FO¦O=1\nCOPY <<EOF /x\n$FOO\nEOF",
    "variable over a continuation": "FROM a\nENV FO¦O=1 \\\n  BAR=$FOO\nWORKDIR $FO\\\nO",
    "heredoc name": "FROM a\nRUN <<EO¦F\nls\nEOF",
}

FAULTS = {
    "unknown instruction": "FROM a\nRUNN ls",
    "no FROM": "RUN ls",
    "empty file": "",
    "missing argument": "FROM a\nCOPY a",
    "unknown flag": "FROM a\nCOPY --frm=x a b",
    "unknown mount type": "FROM a\nRUN --mount=type=bnd,target=/x ls",
    "unknown mount option": "FROM a\nRUN --mount=type=cache,tgt=/x ls",
    "unterminated heredoc": "FROM a\nRUN <<EOF\nls",
    "heredoc body with keywords": "FROM a\nRUN <<EOF\nCOPYY\nfoo\nEOF\nRUN ls",
    "two heredocs": "FROM a\nRUN <<A <<B\nx\nA\ny\nB\nRUN ls",
    "heredoc, indented end": "FROM a\nRUN <<-EOF\n\tls\n\tEOF\nRUN ls",
    "unknown stage": "FROM a\nCOPY --from=nowhere x y",
    "duplicate stage": "FROM a AS x\nFROM b AS x",
    "undefined variable": "FROM a\nWORKDIR $NOPE",
    "undefined variable in FROM": "FROM a:$NOPE",
    "bad port": "FROM a\nEXPOSE 99999999",
    "bad signal": "FROM a\nSTOPSIGNAL SIGNOPE",
    "bad JSON form": "FROM a\nCMD ['ls']",
    "bad escape directive": "# escape=x\nFROM a",
    "lower case keyword": "FROM a\nrun ls",
    "MAINTAINER": "FROM a\nMAINTAINER me",
    "two CMD": "FROM a\nCMD a\nCMD b",
    "ENV without value": "FROM a\nENV A",
    "ENV old form": "FROM a\nENV A b",
    "empty line in a continuation": "FROM a\nRUN ls \\\n\n  -l",
    "shell mistake": "FROM a\nRUN echo $(ls *.txt) && rm -rf $DIR/*",
    "shell syntax error": "FROM a\nRUN if true; then",
    "secret in ENV": "FROM a\nENV PASSWORD=hunter2",
    "latest tag": "FROM debian:latest",
    "ADD instead of COPY": "FROM a\nADD x y",
    "WORKDIR relative": "FROM a\nWORKDIR x",
    "apt without -y": "FROM debian\nRUN apt-get install curl",
    "COPY of many into a file": "FROM a\nCOPY a b c",
    "unclosed quote": 'FROM a\nENV A="b',
    "unknown HEALTHCHECK type": "FROM a\nHEALTHCHECK FOO",
    "ONBUILD FROM": "FROM a\nONBUILD FROM b",
    "bad flag value": "FROM a\nHEALTHCHECK --interval=3 CMD ls",
    "bad variable modifier": "FROM a\nWORKDIR ${A:!b}",
}

RICH = """# syntax=docker/dockerfile:1
ARG TAG=12
FROM --platform=$BUILDPLATFORM debian:${TAG} AS build
ENV FOO=1 \\
    BAR="two"
RUN --mount=type=cache,target=/x set -e; \\
    # why
    echo $FOO | tee "/x/${BAR}"
RUN <<EOF
set -e
echo $FOO
EOF
COPY <<conf /etc/x.conf
port = $FOO
conf
HEALTHCHECK --interval=3s CMD ["ls"]
FROM alpine:3
COPY --from=build /x /y
EXPOSE 80/tcp
CMD ["sh"]
"""


def marked(text):
    """(text without the mark, line, character)."""
    before, _, after = text.partition("¦")
    return before + after, before.count("\n"), len(before) - (before.rfind("\n") + 1)


class Probe:
    def __init__(self, client, patience):
        self.client, self.patience, self.number = client, patience, 0

    def open(self, text):
        self.number += 1
        uri = f"file:///probe/{self.number}/Dockerfile"
        found, _ = self.client.wait_diagnostics(uri, self.client.open(uri, text), self.patience)
        return uri, found

    def ask(self, method, params):
        try:
            return self.client.request("textDocument/" + method, params, 10)[0]
        except Failure as failure:
            return f"ERROR {failure}"


def short(value, width=150):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("\n", "⏎").replace("|", "\\|")
    return text if len(text) <= width else text[: width - 1] + "…"


def spans(locations):
    locations = locations if isinstance(locations, list) else [locations] if isinstance(locations, dict) else []
    found = []
    for item in locations:
        span = item.get("range") or item.get("targetSelectionRange")
        found.append("{}:{}-{}".format(span["start"]["line"] + 1, span["start"]["character"], span["end"]["character"]))
    return ", ".join(found)


def flatten(capabilities, prefix=""):
    for key, value in capabilities.items():
        if isinstance(value, dict) and value:
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key} = {json.dumps(value)}"


def table(title, rows):
    print(f"\n### {title}\n\n| probe | answer |\n|---|---|")
    for name, answer in rows:
        print(f"| {name} | {answer} |", flush=True)


def completion(probe):
    for name, probed in COMPLETION.items():
        text, line, character = marked(probed)
        uri, _ = probe.open(text)
        answer = probe.ask("completion", at(uri, line, character))
        items = answer.get("items", []) if isinstance(answer, dict) else answer
        if isinstance(items, str):
            yield name, items
            continue
        labels = [item["label"] for item in items or []]
        yield name, f"{len(labels)}: {short(', '.join(labels), 130)}" if labels else "nothing"


def hover(probe):
    for name, probed in HOVER.items():
        text, line, character = marked(probed)
        uri, _ = probe.open(text)
        answer = probe.ask("hover", at(uri, line, character))
        contents = answer.get("contents") if isinstance(answer, dict) else answer
        yield name, short(contents.get("value", contents) if isinstance(contents, dict) else contents or "nothing", 130)


def definition(probe):
    for name, probed in DEFINITION.items():
        text, line, character = marked(probed)
        uri, _ = probe.open(text)
        answer = probe.ask("definition", at(uri, line, character))
        yield name, answer if isinstance(answer, str) else spans(answer) or "nothing"


def rename(probe):
    for name, probed in RENAME.items():
        text, line, character = marked(probed)
        uri, _ = probe.open(text)
        answer = probe.ask("rename", at(uri, line, character) | {"newName": "renamed"})
        if isinstance(answer, dict):
            edits = [edit for edits in (answer.get("changes") or {}).values() for edit in edits]
            edits += [edit for change in answer.get("documentChanges") or [] for edit in change["edits"]]
            answer = f"{len(edits)} edits: " + spans(
                sorted(edits, key=lambda edit: (edit["range"]["start"]["line"], edit["range"]["start"]["character"]))
            )
        yield name, answer or "nothing"


def faults(probe):
    for name, text in FAULTS.items():
        uri, found = probe.open(text)
        shown = [f"{'?EWIH'[item.get('severity', 0)]} {item.get('code')} {item['message']}" for item in found or []]
        actions = []
        for item in found or []:
            answer = probe.ask(
                "codeAction", {"textDocument": {"uri": uri}, "range": item["range"], "context": {"diagnostics": [item]}}
            )
            actions += [action["title"] for action in answer] if isinstance(answer, list) else []
        yield (
            name,
            short("; ".join(shown) or ("no report" if found is None else "nothing"), 150)
            + (f" **fix:** {short(', '.join(actions), 80)}" if actions else ""),
        )


def rich(probe, capabilities):
    uri, _ = probe.open(RICH)
    whole = {"textDocument": {"uri": uri}}
    symbols = probe.ask("documentSymbol", whole)
    is_nested = any(item.get("children") for item in symbols or [])
    names = short(", ".join(item["name"] for item in symbols or []))
    yield "documentSymbol", f"{len(symbols or [])} at the top, nested: {is_nested}: {names}"
    yield (
        "foldingRange",
        short(
            [
                f"{item['startLine'] + 1}-{item['endLine'] + 1} {item.get('kind', '')}".strip()
                for item in probe.ask("foldingRange", whole) or []
            ]
        ),
    )
    yield (
        "documentLink",
        short([item.get("target", "(resolved later)") for item in probe.ask("documentLink", whole) or []]),
    )
    legend = (capabilities.get("semanticTokensProvider") or {}).get("legend")
    tokens = probe.ask("semanticTokens/full", whole)
    if legend and isinstance(tokens, dict):
        lines, line, character, shown = RICH.split("\n"), 0, 0, []
        data = tokens["data"]
        for index in range(0, len(data), 5):
            line, character = line + data[index], data[index + 1] + (0 if data[index] else character)
            shown.append(
                (line, lines[line][character : character + data[index + 2]], legend["tokenTypes"][data[index + 3]])
            )
        yield (
            "semanticTokens",
            f"{len(shown)} tokens: " + short(", ".join(f"{text}={type_}" for _, text, type_ in shown), 900),
        )
        yield (
            "semanticTokens in RUN heredoc body",
            short([f"{text}={type_}" for number, text, type_ in shown if number in (9, 10)]),
        )
        yield (
            "semanticTokens in COPY heredoc body",
            short([f"{text}={type_}" for number, text, type_ in shown if number == 13]),
        )
    style = {"options": {"tabSize": 4, "insertSpaces": True}}
    uri, _ = probe.open(
        "from  a as b\nrun   apt-get update && \\\n apt-get install -y curl\n"
        'copy [ "a","b" ]\nENV  A = 1\nRUN <<EOF\n  ls\nEOF\n'
    )
    yield (
        "formatting",
        short(
            [
                (edit["range"]["start"]["line"] + 1, edit["newText"])
                for edit in probe.ask("formatting", {"textDocument": {"uri": uri}} | style) or []
            ]
        ),
    )
    yield (
        "rangeFormatting",
        short(
            probe.ask(
                "rangeFormatting",
                {
                    "textDocument": {"uri": uri},
                    "range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 9}},
                }
                | style,
            )
        ),
    )
    yield "onTypeFormatting", short(probe.ask("onTypeFormatting", at(uri, 1, 30) | {"ch": "\n"} | style))
    uri, _ = probe.open("FROM a\nHEALTHCHECK --interval=\nEXPOSE \n")
    yield "signatureHelp, EXPOSE", short(probe.ask("signatureHelp", at(uri, 2, 7)), 200)
    yield "signatureHelp, flag value", short(probe.ask("signatureHelp", at(uri, 1, 23)), 200)
    uri, _ = probe.open("FROM a AS b\nFROM b\nENV X=1\nWORKDIR $X\n")
    yield "documentHighlight, stage", spans(probe.ask("documentHighlight", at(uri, 0, 10)))
    yield "documentHighlight, variable", spans(probe.ask("documentHighlight", at(uri, 2, 4)))
    yield "references", short(probe.ask("references", at(uri, 0, 10) | {"context": {"includeDeclaration": True}}))
    yield "prepareRename on a keyword", short(probe.ask("prepareRename", at(uri, 0, 1)))
    for method, params in (
        ("selectionRange", {"textDocument": {"uri": uri}, "positions": [{"line": 3, "character": 9}]}),
        (
            "inlayHint",
            {
                "textDocument": {"uri": uri},
                "range": {"start": {"line": 0, "character": 0}, "end": {"line": 4, "character": 0}},
            },
        ),
        ("codeLens", {"textDocument": {"uri": uri}}),
        ("documentColor", {"textDocument": {"uri": uri}}),
        ("linkedEditingRange", at(uri, 0, 10)),
        ("diagnostic", {"textDocument": {"uri": uri}}),
    ):
        yield method, short(probe.ask(method, params))


def main(options):
    client = Client(options.command)
    answer, _ = client.start()
    print("### server\n\n" + json.dumps(answer.get("serverInfo")) + "\n\n### advertised capabilities\n")
    for line in flatten(answer["capabilities"]):
        print(f"- `{line}`")
    probe = Probe(client, options.patience)
    table("completion", completion(probe))
    print("\nregistered later: " + (", ".join(client.registered) or "nothing"))
    table("hover", hover(probe))
    table("definition (line:from-to, lines from 1)", definition(probe))
    table("rename", rename(probe))
    table("diagnostics (E error, W warning, I information, H hint) and code actions", faults(probe))
    table("everything else", rich(probe, answer["capabilities"]))
    client.stop()
