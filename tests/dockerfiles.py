"""Generated Dockerfiles: well-formed ones of every instruction, and text made of all that is special in them."""

from __future__ import annotations

from hypothesis import strategies as st

SPECIAL = " \t\r\n\\`'\"#$<>[]{}(),=-:|&;!aF1\ufeff\xa0\u2003\x00é😀\udc80"
FRAGMENTS = (
    "FROM", "RUN", "copy", "ENV", "ONBUILD", "HEALTHCHECK", "CMD", "AS", "NONE", "--from=", "--mount=", "--", "<<E",
    "<<-E", "E", "\nE\n", "\\\n", "`\n", "\\ \n", "\\\r\n", "\n#c\n", "# escape=`", "\n\n", '["a", "b"]', "$A",
    "${A:-b}", "&&", "a=b", "case x in", "$(", "\n  ",
)  # fmt: skip
KEYWORDS = (
    "FROM", "RUN", "CMD", "LABEL", "MAINTAINER", "EXPOSE", "ENV", "ADD", "COPY", "ENTRYPOINT", "VOLUME", "USER",
    "WORKDIR", "ARG", "ONBUILD", "STOPSIGNAL", "HEALTHCHECK", "SHELL",
)  # fmt: skip
SHELL_PARTS = (
    "a", "echo", "&&", "||", ";", "|", "'x  y'", '"x  $y"', '"$(a  b)"', "$(a", ")", "(", "${a:-b  c}", "`a  b`", "\\ ",
    "\\'", "#", "'", '"', "case", "esac", "in", "a)", ";;", "2>&1", "<<<", "$'a'", "if", "fi", "\\;", "é",
)  # fmt: skip


def junk() -> st.SearchStrategy[str]:
    """Any text, rich in what the scanner and the grammar look for."""
    pieces = st.one_of(st.sampled_from(FRAGMENTS), st.text(SPECIAL, max_size=6), st.text(max_size=4))
    return st.lists(pieces, max_size=30).map("".join)


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    """A Dockerfile that means something, written in a careless style."""
    escape = draw(st.sampled_from("\\\\\\`"))
    ending = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    lines = [draw(st.sampled_from(["", "", "# syntax=docker/dockerfile:1\n", "#check=skip=all\n"]))]
    if escape == "`":
        lines.append("# escape = `\n")
    lines.append("FROM scratch\n")
    lines += draw(st.lists(st.one_of(_between(), instructions(escape)), max_size=12))
    text = "".join(lines).replace("\n", ending)
    return draw(st.sampled_from(["", "", "", "\ufeff"])) + (text if draw(st.booleans()) else text.removesuffix(ending))


def _between() -> st.SearchStrategy[str]:
    return st.sampled_from(["\n", "\n\n\n", "# a comment\n", "   #indented \n", "#\n", "  \t\n"])


def instructions(escape: str) -> st.SearchStrategy[str]:
    """One instruction with its line ending; also broken ones."""
    keyword = st.sampled_from(KEYWORDS)
    gap = _gaps(escape)
    shell = st.tuples(_cased(st.sampled_from(["RUN", "CMD", "ENTRYPOINT"])), gap, _shell(escape))
    words = st.tuples(_cased(keyword), gap, _words(escape))
    array = st.tuples(_cased(st.sampled_from(["RUN", "CMD", "COPY", "VOLUME", "SHELL"])), gap, _array(gap))
    flags = st.tuples(_cased(st.sampled_from(["COPY", "ADD", "RUN"])), gap, _flags(), gap, _words(escape))
    pairs = st.tuples(_cased(st.sampled_from(["ENV", "LABEL", "ARG"])), gap, _pairs(gap))
    health = st.tuples(
        _cased(st.just("HEALTHCHECK")), gap, st.just("--interval=1s "), _cased(st.just("CMD")), gap, _shell(escape)
    )
    trigger = st.tuples(_cased(st.just("ONBUILD")), gap, st.one_of(shell, words, array).map("".join))
    stage = st.tuples(
        _cased(st.just("FROM")),
        gap,
        st.sampled_from(["a", "b:1", "$C"]),
        gap,
        _cased(st.just("AS")),
        gap,
        st.sampled_from("xy"),
    )
    line = st.one_of(shell, words, array, flags, pairs, health, trigger, stage).map("".join)
    indented = st.tuples(
        st.sampled_from(["", "", "  ", "\t"]), line, st.sampled_from(["", "", "  "]), st.just("\n")
    ).map("".join)
    return st.one_of(indented, _heredoc(escape))


def _cased(keyword: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(keyword, st.sampled_from([str.upper, str.lower, str.title])).map(lambda pair: pair[1](pair[0]))


def _gaps(escape: str) -> st.SearchStrategy[str]:
    broken = [
        f" {escape}\n  ",
        f"{escape}\n ",
        f"  {escape}  \n\t",
        f" {escape}\n# inside\n    ",
        f" {escape}\n\n   ",
        f" {escape}\n {escape}\n ",
    ]
    return st.sampled_from([" ", " ", "  ", "\t", *broken])


def _shell(escape: str) -> st.SearchStrategy[str]:
    part = st.sampled_from(SHELL_PARTS)
    gap = st.one_of(_gaps(escape), st.sampled_from(["", f"{escape}\n", f"{escape}\n#c\n"]))
    return st.lists(st.tuples(part, gap).map("".join), min_size=1, max_size=8).map(lambda parts: "".join(parts) + "z")


def _words(escape: str) -> st.SearchStrategy[str]:
    word = st.sampled_from(
        ["a", "b/c", "$A", "'q r'", '"s  t"', "80/tcp", f"x{escape}\ny", "--z", "<<", "${B:-c}", "é", "u:v"]
    )
    return st.lists(st.tuples(word, _gaps(escape)).map("".join), min_size=1, max_size=5).map(
        lambda words: "".join(words) + "z"
    )


def _array(gap: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    blank = st.one_of(st.just(""), gap)
    element = st.tuples(blank, st.sampled_from(['"a"', '"b  c"', '"\\u00e9"', '"\\\\"', '","']), blank).map("".join)
    return st.lists(element, max_size=4).map(lambda elements: f"[{','.join(elements)}]")


def _flags() -> st.SearchStrategy[str]:
    flag = st.sampled_from(
        ["--from=a", "--chown=1:2", "--link", "--mount=type=cache,target=/x", "--chmod='6  44'", "--", "--network=none"]
    )
    return st.lists(flag, min_size=1, max_size=3).map("  ".join)


def _pairs(gap: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.sampled_from(["A=b", "C='d  e'", 'F="g  $h"', "I=", "J", "K=l\\ m", "N=${o:-p}"])
    return st.lists(st.tuples(pair, gap).map("".join), min_size=1, max_size=4).map(lambda pairs: "".join(pairs) + "Z=z")


def _heredoc(escape: str) -> st.SearchStrategy[str]:
    mark = st.sampled_from(
        ["run   <<E", "COPY  <<-'E'   /x", f"RUN cat <<E  {escape}\n  >  /y", "ONBUILD RUN  <<E", "copy <<E <<F /x/\nE"]
    )
    body = st.lists(st.sampled_from(["", "  x  ", "\ty", "# no comment", "FROM z", "$A", "a \\"]), max_size=4)
    close = st.sampled_from(["E\n", "\tE\n", "F\n", ""])
    return st.tuples(mark, body, close).map(lambda parts: "\n".join([parts[0], *parts[1]]) + "\n" + parts[2])
