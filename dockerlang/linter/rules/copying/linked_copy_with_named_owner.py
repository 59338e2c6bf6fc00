"""With --link an owner must be a number.

`--link` makes the layer without looking at the image below it, so there is no `/etc/passwd` to find a name in, and the
build fails.

## Bad
```dockerfile
FROM debian:12
COPY --link --chown=www-data:www-data site /var/www/
```

## Fixed
```dockerfile
FROM debian:12
COPY --chown=www-data:www-data site /var/www/
```

## Good
```dockerfile
FROM debian:12
COPY --link --chown=33:33 site /var/www/
COPY --chown=www-data site /var/www/
COPY --link --chown=$OWNER site /var/www/
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlang.diagnostics import Fix, Safety, Severity
from dockerlang.linter.linted_file import LintedFile
from dockerlang.linter.repairs.removal import remove_word
from dockerlang.linter.rule import Finding, rule
from dockerlang.linter.words import has_variable, unquoted
from dockerlang.syntax import nodes


@rule("linked-copy-with-named-owner", on=nodes.Copy | nodes.Add, severity=Severity.ERROR)
def linked_copy_with_named_owner(instruction: nodes.Copy | nodes.Add, file: LintedFile) -> Iterator[Finding]:
    link, owner = instruction.flag("link"), instruction.flag("chown")
    if not isinstance(link, nodes.SwitchFlag) or not link.is_on or owner is None or owner.value is None:
        return
    # With --chmod the link is not made at all.
    if has_variable(owner.value) or instruction.flag("chmod") is not None:
        return
    names = [name for name in unquoted(owner.value).split(":") if name and not name.isdigit()]
    if names:
        yield Finding(
            owner.value.span,
            f"`{names[0]}` is a name, and --link sees no image to look it up in",
            Fix("leave out --link", (remove_word(file.document, link.span),), Safety.UNSAFE),
            help="give the numbers of user and group, or leave out --link",
        )
