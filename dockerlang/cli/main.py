"""The `dockerlang` command: finds the verb, hands it the session, turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn, cast

import click

from dockerlang import __version__
from dockerlang.cli.ending import requested_code, unwind_on_signals
from dockerlang.cli.session import Session, default_root
from dockerlang.errors import DockerlangError

COMMANDS = Path(__file__).with_name("commands")


class Verbs(click.Group):
    """A group whose commands are the files of `commands/`, each imported only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(
            path.stem.strip("_").replace("_", "-") for path in COMMANDS.glob("*.py") if path.stem != "__init__"
        )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = cmd_name.replace("-", "_")
        # A verb that is a Python keyword (`import`) has its file under the name with a final underscore.
        for name in (module, f"{module}_"):
            if (COMMANDS / f"{name}.py").is_file():
                return cast("click.Command", import_module(f"dockerlang.cli.commands.{name}").command)
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = self._near(args[0]) if args else ""
            raise click.UsageError(f"{error.format_message()}{near}", ctx) from None

    def _near(self, word: str) -> str:
        from difflib import get_close_matches

        matches = get_close_matches(word, [path.stem for path in COMMANDS.glob("*.py")], 1)
        return f" Did you mean '{matches[0].strip('_')}'?" if matches else ""


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory of the image store.  [default: $DOCKERLANG_ROOT, /var/lib/dockerlang for root, "
    "$XDG_DATA_HOME/dockerlang otherwise]",
)
@click.version_option(__version__, prog_name="dockerlang")
@click.pass_context
def dockerlang(context: click.Context, root: Path | None) -> None:
    """Everything around a Dockerfile: lint, format, build without a daemon, and the images that come out.

    \b
    Examples:
      dockerlang lint Dockerfile
      dockerlang format --check .
      dockerlang build -t app .
      dockerlang run --rm app
    """
    if context.invoked_subcommand != "lsp":
        # A server has an end of its own; every other command may have something to clear away.
        unwind_on_signals()
    context.obj = Session(root=(root or default_root()).absolute())


def main() -> NoReturn:
    """Run the command line; always ends the process."""
    try:
        code = _run()
    except KeyboardInterrupt:
        # Also one that came while an error was being told.
        code = 130
    sys.exit(code)


def _run() -> int:
    """Run the command and say what went wrong; the exit code."""
    try:
        code = dockerlang.main(standalone_mode=False, prog_name="dockerlang")
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        # docker ends with 125 for a wrong option and 1 for a missing argument; the linter's contract is 2.
        is_option = isinstance(error, click.UsageError) and not isinstance(error, click.MissingParameter)
        code = 2 if _is_source_command() else 125 if is_option else 1
    except DockerlangError as error:
        if requested_code():
            # Whatever failed, it did because everything was to end.
            return requested_code()
        click.echo(f"dockerlang: {error}", err=True)
        if error.hint:
            click.echo(f"  hint: {error.hint}", err=True)
        code = 2 if _is_source_command() else error.exit_code
    except RuntimeError:
        # Python makes one of whatever is raised while it names the parts of a new class, a signal's request too.
        if not requested_code():
            raise
        return requested_code()
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    return requested_code() or (code if isinstance(code, int) else 0)


def _is_source_command() -> bool:
    """Whether the verb reads Dockerfiles only: there 1 means findings, and 2 that it could not run."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    return any(word in {"lint", "format", "parse", "check", "explain"} for word in words[:2])
