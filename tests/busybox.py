"""A small base image for tests that run something: Debian's static busybox and a few users."""

from __future__ import annotations

import subprocess
from pathlib import Path

from dockerlang.oci.config import ContainerConfig, History, ImageConfig
from dockerlang.oci.layer import LayerWriter
from dockerlang.oci.platform import host_platform
from dockerlang.oci.reference import parse_reference
from dockerlang.oci.tar import Entry, Kind
from dockerlang.store.records import StoredImage
from dockerlang.store.store import Store

BUSYBOX = Path("/bin/busybox")
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_DIRECTORIES = {"bin": 0o755, "dev": 0o755, "etc": 0o755, "proc": 0o755, "root": 0o755, "sys": 0o755, "tmp": 0o1777}
_FILES = {
    "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nwww:x:1000:1001:www:/home/www:/bin/sh\n",
    "etc/group": b"root:x:0:\nwww:x:1001:\nextra:x:2000:www\n",
}


def add_busybox(store: Store, name: str = "busybox") -> StoredImage:
    """Put the image into a store under a name."""
    applets = subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True).stdout.split()
    with store.operation("test") as operation:
        with operation.new_layer() as sink:
            writer = LayerWriter(sink)
            for directory, mode in _DIRECTORIES.items():
                writer.add(Entry(directory.encode(), Kind.DIRECTORY, mode=mode))
            data = BUSYBOX.read_bytes()
            writer.add(Entry(b"bin/busybox", mode=0o755, size=len(data)), data)
            for applet in sorted(set(applets) - {"busybox"}):
                writer.add(Entry(f"bin/{applet}".encode(), Kind.SYMLINK, mode=0o777, link=b"/bin/busybox"))
            for path, content in _FILES.items():
                writer.add(Entry(path.encode(), size=len(content)), content)
            layer = sink.commit(writer.close())
        platform = host_platform()
        config = ImageConfig(
            architecture=platform.architecture,
            os="linux",
            config=ContainerConfig(env=(PATH,), cmd=("sh",), working_dir="/"),
            diff_ids=(layer.diff_id,),
            history=(History(created_by="COPY / / # buildkit"),),
        )
        image = operation.add_image(config.to_bytes())
        operation.tag(parse_reference(name).with_default_tag(), image)
        return image
