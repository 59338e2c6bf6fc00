"""Chooses how a build is shown."""

from __future__ import annotations

import os
import sys

from dockerlang.cli.output.progress import Display, PlainDisplay, QuietDisplay

KINDS = ("auto", "none", "plain", "quiet", "rawjson", "tty")


def display_for(kind: str) -> Display:
    """The display that `--progress` names; `auto` is live on a terminal and plain elsewhere."""
    is_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if kind in ("quiet", "none"):
        return QuietDisplay()
    if kind == "rawjson":
        from dockerlang.cli.output.raw_progress import RawJsonDisplay

        return RawJsonDisplay()
    if kind == "plain" or not is_terminal:
        return PlainDisplay()
    from dockerlang.cli.output.live_progress import LiveDisplay

    return LiveDisplay()
