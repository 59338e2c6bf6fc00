"""Makes the pictures of README.md from real runs: `python docs/make_pictures.py` rewrites docs/images.

Each command runs on a terminal of our own making; what it draws there, colours and repainting included, becomes an SVG.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 104, 60

LINTED = """\
FROM python AS build
ADD main.py /app/
RUN echo $VERSION > /app/version

FROM python:3.12-slim
ARG API_TOKEN
COPY --from=biuld /app /app
CMD ["python", "/app/main.py"]
"""

FAILING = """\
FROM busybox:1 AS build
WORKDIR /src
RUN printf 'int main() {\\\\n' > main.c
RUN test -s main.c && \\
    grep -q return main.c || { echo "main.c: no return"; exit 3; }
"""


@dataclass
class Screen:
    """The lines of a terminal, as far as rich moves about in it: up, to the start, erase, and on."""

    lines: list[str] = field(default_factory=lambda: [""])
    row: int = 0

    def write(self, text: str) -> None:
        for piece in re.findall(r"\x1b\[\?25[lh]|\x1b\[\d*[AK]|\r|\n|[^\x1b\r\n]+|\x1b", text):
            if piece == "\n":
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            elif piece.endswith("A") and piece.startswith("\x1b["):
                self.row = max(self.row - int(piece[2:-1] or 1), 0)
            elif piece == "\x1b[2K":
                self.lines[self.row] = ""
            elif piece != "\r" and not piece.startswith("\x1b[?25"):
                self.lines[self.row] += piece


def run_on_terminal(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What a command leaves on a terminal of `WIDTH` columns, with the escape sequences of its colours."""
    size = {"COLUMNS": str(WIDTH), "LINES": str(HEIGHT), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **size, **environment}, stdin=terminal, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    data = b""
    while True:
        try:
            chunk = os.read(controller, 65536)
        except OSError:  # the last writer is gone
            break
        if not chunk:
            break
        data += chunk
    process.wait()
    os.close(controller)
    screen = Screen()
    screen.write(data.decode())
    return "\n".join(screen.lines).rstrip("\n")


def draw(name: str, shown: list[tuple[str, str]]) -> None:
    """An SVG of commands and what they printed."""
    with open(os.devnull, "w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, color_system="truecolor", highlight=False)
        for number, (line, output) in enumerate(shown):
            if number:
                console.print()
            console.print(Text("$ ", "bold green") + Text(line, "bold"))
            console.print(Text.from_ansi(output))
    # The default identifier is made of the content; this one keeps differences small.
    console.save_svg(str(IMAGES / f"{name}.svg"), title="dockerlang", unique_id=name)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    program = str(Path(sys.executable).with_name("dockerlang"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"DOCKERLANG_ROOT": str(folder / "store"), "XDG_CACHE_HOME": str(folder / "cache")}

        def shown(line: str, where: Path) -> tuple[str, str]:
            return line, run_on_terminal([program, *line.split()[1:]], where, environment)

        (folder / "lint").mkdir()
        (folder / "lint" / "Dockerfile").write_text(LINTED)
        draw("lint", [shown("dockerlang lint Dockerfile", folder / "lint")])

        base = folder / "busybox"
        subprocess.run([sys.executable, str(ROOT / "examples" / "make_busybox.py"), str(base)], check=True)
        for line in (f"dockerlang load -i {base}", "dockerlang tag busybox busybox:1"):
            shown(line, folder)
        shown("dockerlang build -t example/base:1 examples/base", ROOT)
        draw("build", [shown("dockerlang build -t example/site:1 examples/site", ROOT)])

        (folder / "failing").mkdir()
        (folder / "failing" / "Dockerfile").write_text(FAILING)
        draw("failure", [shown("dockerlang build .", folder / "failing")])


if __name__ == "__main__":
    main()
