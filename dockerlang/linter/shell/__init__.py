"""What RUN hands to a shell: the script as one text, and the commands in it with their places in the Dockerfile."""

from dockerlang.linter.shell.commands import ParsedScript, parse_script
from dockerlang.linter.shell.invocation import Argument, Invocation
from dockerlang.linter.shell.script import Script, exec_invocation, script_of

__all__ = ["Argument", "Invocation", "ParsedScript", "Script", "exec_invocation", "parse_script", "script_of"]
