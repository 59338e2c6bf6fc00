"""A root directory for tests that run something: busybox, its commands, and three users."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PASSWD = (
    "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nwww:x:1000:1001:www:/home/www:/bin/sh\n"
)
GROUP = "root:x:0:\ndaemon:x:1:\nwww:x:1001:\nextra:x:2000:www\n"


def make_tree(directory: Path) -> Path:
    """Fill a new directory; gives it back."""
    for name in ("bin", "dev", "etc", "home", "proc", "root", "sys", "tmp"):
        (directory / name).mkdir(parents=True)
    (directory / "tmp").chmod(0o1777)
    busybox = shutil.which("busybox") or "/bin/busybox"
    shutil.copy(busybox, directory / "bin" / "busybox")
    for applet in subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split():
        if applet != "busybox":
            os.symlink("/bin/busybox", directory / "bin" / applet)
    (directory / "etc" / "passwd").write_text(PASSWD)
    (directory / "etc" / "group").write_text(GROUP)
    return directory
