"""What RUN hands to a shell: the script as one text, and the commands in it with their places in the Dockerfile.

The library that reads shell text is loaded with the first script that is taken apart.
"""

from dockerlang.semantics.scripts.commands import ParsedScript, parse_script
from dockerlang.semantics.scripts.invocation import Argument, Invocation
from dockerlang.semantics.scripts.script import Script, exec_invocation, script_of

__all__ = ["Argument", "Invocation", "ParsedScript", "Script", "exec_invocation", "parse_script", "script_of"]
