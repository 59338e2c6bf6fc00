"""`python -m tests.conformance SUITE [FILE]`: run recorded cases and show those that come out otherwise."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.conformance.folder import cases_file
from tests.conformance.report import Report, describe, run_suite
from tests.conformance.suites import SUITES


def main(arguments: list[str]) -> int:
    """Exit status 0 where nothing failed, 1 where something did, 2 where there are no cases."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("suite", choices=sorted(SUITES))
    parser.add_argument("file", nargs="?", type=Path, help="the cases; without it the files known for the suite")
    parser.add_argument("--only", metavar="NAME", help="only cases whose name holds NAME")
    parser.add_argument("-v", "--verbose", action="store_true", help="name the cases that passed or differ by design")
    options = parser.parse_args(arguments)

    found: list[Path | None] = [options.file] if options.file else [cases_file(name) for name in SUITES[options.suite]]
    files = [file for file in found if file is not None and file.is_file()]
    if len(files) < len(found):
        print(f"no cases for {options.suite}: give a FILE or set DOCKERLANG_CONFORMANCE", file=sys.stderr)
        return 2
    failed = False
    for file in files:
        report = run_suite(options.suite, file, lambda name: not options.only or options.only in name)
        show(report, verbose=options.verbose)
        print(f"{file.name}: {report.summary}" if len(files) > 1 else report.summary)
        failed = failed or bool(report.failed or report.stale)
    return 1 if failed else 0


def show(report: Report, *, verbose: bool) -> None:
    """Print what is to be said of single cases."""
    for outcome in report.failed:
        print("\n".join(describe(outcome)))
    for outcome in report.stale:
        print(f"STALE {outcome.name}: passes, but by_design.toml has a reason for a difference")
    if verbose:
        for outcome, reason in report.by_design:
            print(f"BY DESIGN {outcome.name}: {reason}")
        for outcome in report.passed:
            print(f"ok {outcome.name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
