"""Measure and probe a Dockerfile language server.

    python -m bench.lsp.run time     'dockerlang-lsp'
    python -m bench.lsp.run features 'node .../docker-langserver --stdio'
    python -m bench.lsp.run accuracy 'dockerlang-lsp'

`time` prints, for documents of 50, 500 and 5,000 lines: start, didOpen to the first report, single-character edits to
the report, requests with the document at rest and straight after an edit, peak RSS. `features` prints the advertised
capabilities and what comes back from about 130 probes. `accuracy` compares errors with the recorded reference. Any
server that speaks over stdio and pushes its diagnostics will do.
"""

import argparse

from bench.lsp import accuracy, features, timing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["time", "features", "accuracy"])
    parser.add_argument("command", help="the server's command line, in quotes")
    parser.add_argument("--lines", type=int, nargs="+", default=[50, 500, 5000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--starts", type=int, default=15, help="processes for the start time")
    parser.add_argument("--opens", type=int, default=5, help="processes for the first report")
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--requests", type=int, default=200, help="of each kind")
    parser.add_argument("--budget", type=float, default=10, help="seconds at most for each kind of request")
    parser.add_argument("--patience", type=float, default=5, help="seconds to wait for a report")
    parser.add_argument("--top", type=int, default=25, help="messages of each kind to list; 0 for the sums alone")
    parser.add_argument("--examples", action="store_true")
    options = parser.parse_args()
    {"time": timing, "features": features, "accuracy": accuracy}[options.what].main(options)


if __name__ == "__main__":
    main()
