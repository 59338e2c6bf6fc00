"""What each instruction and flag is for, in the words that hover and completion show.

The facts follow the Dockerfile reference; `tests/ide/test_guide.py` holds the tables against the syntax.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from dockerlang.records import record

REFERENCE = "https://docs.docker.com/reference/dockerfile/"


@record
class FlagGuide:
    """A flag: what it does, and the values that can be offered for it."""

    purpose: str
    values: tuple[str, ...] = ()


@record
class InstructionGuide:
    """An instruction: one sentence, the forms it is written in, one example, its flags."""

    keyword: str
    purpose: str
    forms: tuple[str, ...]
    example: str
    flags: Mapping[str, FlagGuide] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The section of the reference."""
        return f"{REFERENCE}#{self.keyword.lower()}"


def instruction_card(guide: InstructionGuide) -> str:
    """An instruction's purpose, forms and example, as Markdown."""
    forms = "\n".join(guide.forms)
    return (
        f"{guide.purpose}\n\n```dockerfile\n{forms}\n```\n\n"
        f"Example:\n\n```dockerfile\n{guide.example}\n```\n\n[Reference]({guide.url})"
    )


_CHOWN = FlagGuide("Owner of the copied files, as names or numbers: `user[:group]`.")
_CHMOD = FlagGuide("Permissions of the copied files, octal or symbolic: `755`, `u=rwX,go=rX`.")
_LINK = FlagGuide("Copy into a layer of its own, which stays cached when the layers below change.")
_EXCLUDE = FlagGuide("Leave out what matches this pattern; may be given several times.")

_ALL = (
    InstructionGuide(
        "FROM",
        "Begins a stage and chooses what it is based on: an image, an earlier stage, or nothing (`scratch`).",
        ("FROM [--platform=PLATFORM] IMAGE[:TAG][@DIGEST] [AS NAME]",),
        "FROM debian:12-slim AS build",
        {
            "platform": FlagGuide(
                "The platform of the base image and of the commands that run in this stage.",
                ("$BUILDPLATFORM", "$TARGETPLATFORM", "linux/amd64", "linux/arm64"),
            )
        },
    ),
    InstructionGuide(
        "RUN",
        "Runs a command and keeps what it changed as a new layer.",
        ("RUN [FLAGS] COMMAND", 'RUN [FLAGS] ["EXECUTABLE", "ARGUMENT", ...]', "RUN [FLAGS] <<EOF ... EOF"),
        "RUN --mount=type=cache,target=/root/.cache/pip \\\n    pip install -r requirements.txt",
        {
            "mount": FlagGuide("Files that the command sees and that no layer keeps; may be given several times."),
            "network": FlagGuide("The network of the command.", ("default", "none", "host")),
            "security": FlagGuide("Whether the command runs without the sandbox.", ("sandbox", "insecure")),
            "device": FlagGuide("A device of the builder, by its CDI name."),
        },
    ),
    InstructionGuide(
        "CMD",
        "What a container runs when nothing else is asked for; with an `ENTRYPOINT`, its default arguments.",
        ('CMD ["EXECUTABLE", "ARGUMENT", ...]', "CMD COMMAND"),
        'CMD ["python", "-m", "app"]',
    ),
    InstructionGuide(
        "LABEL",
        "Adds metadata to the image.",
        ("LABEL KEY=VALUE ...",),
        'LABEL org.opencontainers.image.title="app"',
    ),
    InstructionGuide(
        "MAINTAINER",
        "Sets the image's author. Deprecated: use the label `org.opencontainers.image.authors`.",
        ("MAINTAINER NAME",),
        "MAINTAINER someone@example.com",
    ),
    InstructionGuide(
        "EXPOSE",
        "Says on which ports a container listens. It publishes none of them.",
        ("EXPOSE PORT[-PORT][/PROTOCOL] ...",),
        "EXPOSE 8080 9000-9010/udp",
    ),
    InstructionGuide(
        "ENV",
        "Sets variables for the instructions that follow and for the container.",
        ("ENV NAME=VALUE ...",),
        'ENV PATH="/opt/app/bin:$PATH"',
    ),
    InstructionGuide(
        "ADD",
        "Copies files like `COPY`, and also downloads URLs, clones Git repositories and unpacks local archives.",
        ("ADD [FLAGS] SOURCE ... DESTINATION", 'ADD [FLAGS] ["SOURCE", ..., "DESTINATION"]'),
        "ADD --checksum=sha256:24454f83... https://example.com/tool.tar.gz /opt/",
        {
            "chown": _CHOWN,
            "chmod": _CHMOD,
            "link": _LINK,
            "exclude": _EXCLUDE,
            "keep-git-dir": FlagGuide("Keep the `.git` folder of a cloned repository."),
            "checksum": FlagGuide("Digest that the downloaded file, or commit that the repository, must have."),
            "unpack": FlagGuide("Whether archives are unpacked; by default local ones are, downloads are not."),
        },
    ),
    InstructionGuide(
        "COPY",
        "Copies files into the image, from the build context, from another stage or from another image.",
        ("COPY [FLAGS] SOURCE ... DESTINATION", 'COPY [FLAGS] ["SOURCE", ..., "DESTINATION"]'),
        "COPY --from=build --chown=65532:65532 /src/app /usr/local/bin/",
        {
            "from": FlagGuide("Where the files come from: an earlier stage, its number, a named context or an image."),
            "chown": _CHOWN,
            "chmod": _CHMOD,
            "link": _LINK,
            "exclude": _EXCLUDE,
            "parents": FlagGuide("Keep the sources' folders below the destination."),
        },
    ),
    InstructionGuide(
        "ENTRYPOINT",
        "The program that a container always runs; `CMD` and the command line give its arguments.",
        ('ENTRYPOINT ["EXECUTABLE", "ARGUMENT", ...]', "ENTRYPOINT COMMAND"),
        'ENTRYPOINT ["/usr/local/bin/app"]',
    ),
    InstructionGuide(
        "VOLUME",
        "Marks folders whose content lives outside the container's own layer.",
        ("VOLUME PATH ...", 'VOLUME ["PATH", ...]'),
        'VOLUME ["/var/lib/app"]',
    ),
    InstructionGuide(
        "USER",
        "Chooses who runs the commands that follow and the container. `COPY` is not affected.",
        ("USER USER[:GROUP]",),
        "USER 65532:65532",
    ),
    InstructionGuide(
        "WORKDIR",
        "Changes the folder of the instructions that follow and of the container; creates it where it is missing.",
        ("WORKDIR PATH",),
        "WORKDIR /app",
    ),
    InstructionGuide(
        "ARG",
        "Declares variables that the build can be given with `--build-arg`. Before the first `FROM` they are seen by "
        "`FROM` lines only.",
        ("ARG NAME[=DEFAULT] ...",),
        "ARG VERSION=1.2",
    ),
    InstructionGuide(
        "ONBUILD",
        "Keeps an instruction that runs when another build is based on this image.",
        ("ONBUILD INSTRUCTION",),
        "ONBUILD COPY . /app",
    ),
    InstructionGuide(
        "STOPSIGNAL",
        "The signal that asks the container to stop.",
        ("STOPSIGNAL SIGNAL",),
        "STOPSIGNAL SIGQUIT",
    ),
    InstructionGuide(
        "HEALTHCHECK",
        "A command by which the engine sees whether the container works: exit status 0 is healthy, 1 is not.",
        ("HEALTHCHECK [FLAGS] CMD COMMAND", "HEALTHCHECK NONE"),
        'HEALTHCHECK --interval=30s --timeout=3s CMD ["curl", "--fail", "http://localhost/"]',
        {
            "interval": FlagGuide("Time from one check to the next; 30s unless given.", ("30s", "1m", "5m")),
            "timeout": FlagGuide("Time after which a check has failed; 30s unless given.", ("3s", "10s", "30s")),
            "start-period": FlagGuide("Time in which failures do not count yet; 0s unless given.", ("10s", "1m")),
            "start-interval": FlagGuide("Time between checks during the start period; 5s unless given.", ("1s", "5s")),
            "retries": FlagGuide("Failures in a row that make the container unhealthy; 3 unless given.", ("3", "5")),
        },
    ),
    InstructionGuide(
        "SHELL",
        "The shell that reads the commands written without a JSON array from here on.",
        ('SHELL ["EXECUTABLE", "ARGUMENT", ...]',),
        'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
    ),
)

GUIDES: Mapping[str, InstructionGuide] = {guide.keyword: guide for guide in _ALL}

DIRECTIVES: Mapping[str, FlagGuide] = {
    "syntax": FlagGuide("The frontend that reads this file.", ("docker/dockerfile:1",)),
    "escape": FlagGuide("The character that continues lines and escapes.", ("`", "\\")),
    "check": FlagGuide("How the build's checks treat this file.", ("skip=", "error=true", "experimental=")),
}
