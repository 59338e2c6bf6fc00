"""One module a suite of recorded cases: `run(cases_file)` yields an `Outcome` for each."""
