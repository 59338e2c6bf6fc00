"""Dockerfiles to measure linters, formatters and language servers on.

    python -m bench.lint.corpus recorded OUT               the inputs of the recorded cases, one file each
    python -m bench.lint.corpus synthetic OUT [--count 2000] [--seed 1] [--plain]
    python -m bench.lint.corpus single OUT/Dockerfile --lines 500 [--seed 1] [--plain]

The synthetic files are realistic (apt, pip, npm and apk chains, stages, heredocs, comments), 10 to 60 lines long, and
the same for the same seed on every machine. `--plain` leaves every RUN out, so that the time that goes into shell
analysis can be told apart.
"""

import argparse
import json
import random
from pathlib import Path

from tests.conformance.folder import cases_file

# fmt: off
APT = [
    "build-essential", "ca-certificates", "curl", "git", "gnupg", "jq", "libffi-dev", "libpq-dev", "libssl-dev", "make",
    "nginx", "openssh-client", "pkg-config", "rsync", "tini", "tzdata", "unzip", "wget", "xz-utils", "zlib1g-dev",
]
APK = [
    "bash", "build-base", "ca-certificates", "curl", "git", "libffi-dev", "musl-dev", "nodejs", "openssl-dev",
    "postgresql-client", "python3", "tini", "tzdata",
]
PIP = [
    "alembic", "celery", "django", "fastapi", "flask", "gunicorn", "httpx", "numpy", "pandas", "psycopg2-binary",
    "pydantic", "redis", "requests", "sqlalchemy", "uvicorn",
]
NPM = ["eslint", "nodemon", "npm-check", "pm2", "prettier", "serve", "ts-node", "typescript", "vite", "yarn"]
APPS = [
    "api", "billing", "catalog", "checkout", "gateway", "inventory", "mailer", "metrics", "orders", "portal", "reports",
    "scheduler", "search", "worker",
]
# fmt: on
DIRS = ["/app", "/srv/app", "/opt/service", "/usr/src/app", "/workspace"]
COMMENTS = [
    "system packages needed by the wheels below",
    "dependencies first, so that a code change does not install them again",
    "the runtime image holds no compiler",
    "TODO: pin this once the mirror is up",
    "keep in step with the deployment chart",
    "hadolint ignore=DL3008",
    "run as somebody who owns nothing",
]


class Writer:
    """Collects the lines of one file; `slip` decides where a lint mistake goes."""

    def __init__(self, rng: random.Random, plain: bool):
        self.rng, self.plain, self.lines = rng, plain, []

    def slip(self, share: float = 0.2) -> bool:
        return self.rng.random() < share

    def pick(self, *choices):
        return self.rng.choice(choices)

    def some(self, names, low, high):
        return sorted(self.rng.sample(names, self.rng.randint(low, min(high, len(names)))))

    def add(self, text: str = ""):
        self.lines += text.split("\n")

    def comment(self):
        if self.slip(0.45):
            self.add("# " + self.rng.choice(COMMENTS))

    def version(self):
        return f"{self.rng.randint(0, 9)}.{self.rng.randint(0, 30)}.{self.rng.randint(0, 12)}"

    def run(self, parts, flags: str = ""):
        """One RUN whose commands are chained over continuation lines."""
        if self.plain:
            return
        joiner = " \\\n    && " if self.slip(0.85) else " && \\\n    "
        self.add("RUN " + flags + joiner.join(parts))

    def apt(self):
        self.comment()
        pinned = not self.slip(0.6)
        names = [
            f"{name}={self.version()}-{self.rng.randint(1, 4)}" if pinned else name for name in self.some(APT, 2, 8)
        ]
        update = "apt-get update" if not self.slip(0.1) else "apt update"
        install = (
            "apt-get install" + ("" if self.slip(0.15) else " -y") + ("" if self.slip() else " --no-install-recommends")
        )
        listed = " \\\n        ".join(names) if self.slip(0.7) else " ".join(names)
        parts = [update, f"{install} {listed}" if self.slip(0.5) else f"{install} \\\n        {listed}"]
        if not self.slip():
            parts.append("rm -rf /var/lib/apt/lists/*")
        flags = "--mount=type=cache,target=/var/cache/apt,sharing=locked " if self.slip(0.15) else ""
        if self.slip(0.08):
            self.run([parts[0]])
            parts = parts[1:]
        self.run(parts, flags)

    def apk(self):
        self.comment()
        names = [
            name if self.slip(0.5) else f"{name}~={self.rng.randint(1, 9)}.{self.rng.randint(0, 20)}"
            for name in self.some(APK, 1, 6)
        ]
        self.run(
            [f"apk add {'' if self.slip() else '--no-cache '}{' '.join(names)}"]
            + (["rm -rf /tmp/* /var/tmp/*"] if self.slip(0.3) else [])
        )

    def pip(self):
        self.comment()
        if self.slip(0.5):
            self.add("COPY requirements.txt ./")
            what = "-r requirements.txt"
        else:
            what = " ".join(name if self.slip(0.4) else f"{name}=={self.version()}" for name in self.some(PIP, 1, 6))
        self.run(
            [f"pip install {'' if self.slip() else '--no-cache-dir '}{what}"],
            "--mount=type=cache,target=/root/.cache/pip " if self.slip(0.2) else "",
        )

    def npm(self):
        self.comment()
        self.add("COPY package.json package-lock.json ./")
        self.run(
            ["npm ci --omit=dev", "npm cache clean --force"]
            if self.slip(0.6)
            else [f"npm install -g {' '.join(self.some(NPM, 1, 3))}"]
        )

    def shell(self):
        """Shell that is more than a list of commands, with the usual mistakes."""
        app, where = self.pick(*APPS), self.pick(*DIRS)
        bare = self.slip(0.3)
        variable = "$VERSION" if bare else '"${VERSION}"'
        self.run(
            self.pick(
                [
                    "set -eux; \\\n"
                    '    arch="$(dpkg --print-architecture)"; \\\n'
                    '    case "$arch" in \\\n'
                    "        amd64) target=x86_64 ;; \\\n"
                    "        arm64) target=aarch64 ;; \\\n"
                    '        *) echo "unsupported: $arch" >&2; exit 1 ;; \\\n'
                    "    esac; \\\n"
                    f"    curl -fsSL -o /tmp/{app}.tgz"
                    f' "https://downloads.example.com/{app}/{variable}/$target.tgz"; \\\n'
                    f"    tar -xzf /tmp/{app}.tgz -C /usr/local; \\\n"
                    f"    rm /tmp/{app}.tgz"
                ],
                [f"curl -fsSL https://downloads.example.com/{app}/{variable}.tar.gz | tar xz -C /opt"],
                [
                    "for name in api worker web; do \\\n"
                    f"        mkdir -p {where}/$name && chmod 755 {where}/$name; \\\n"
                    "    done"
                ],
                [
                    f"groupadd --system {app}",
                    f"useradd --system --gid {app} --home-dir {where} {app}",
                    f"chown -R {app}:{app} {where}",
                ],
                [f"cd {where}", "make -j`nproc`", "make install"],
                ['if [ "$DEBUG" == "1" ]; then pip install debugpy; fi'],
                [f"wget -q https://downloads.example.com/{app}.deb", f"dpkg -i {app}.deb", f"rm {app}.deb"],
                [f"sed -i 's/listen 80/listen 8080/' /etc/nginx/conf.d/{app}.conf", "nginx -t"],
                [
                    f'echo "export PATH=$PATH:{where}/bin" >> /etc/profile',
                    f"ln -s {where}/bin/{app} /usr/local/bin/{app}",
                ],
                [f"sudo chmod 777 {where}"],
            )
        )

    def heredoc(self):
        """Always with a blank line behind it: hadolint 2.15 refuses an instruction right after a heredoc."""
        app = self.pick(*APPS)
        if self.plain or self.slip(0.4):
            self.add(
                f"COPY <<EOF /etc/{app}/{app}.conf\n[server]\nport = {self.rng.randint(3000, 9000)}\n"
                f"workers = {self.rng.randint(1, 16)}\nEOF\n"
            )
        else:
            self.add(
                f"RUN <<EOF\nset -e\nmkdir -p /var/lib/{app}\nfor dir in cache spool log; do\n"
                f"    mkdir -p /var/lib/{app}/$dir\ndone\ntest -d /etc/{app} || mkdir /etc/{app}\nEOF\n"
            )

    def env(self):
        pairs = self.some(
            [
                "LANG=C.UTF-8",
                "PYTHONUNBUFFERED=1",
                "NODE_ENV=production",
                "TZ=UTC",
                "PORT=8080",
                "PATH=/opt/bin:$PATH",
                'LOG_LEVEL="info"',
                "HOME=/root",
            ],
            1,
            4,
        )
        if self.slip(0.15):
            key, _, value = pairs[0].partition("=")
            self.add(f"ENV {key} {value}")
        else:
            self.add("ENV " + (" \\\n    ".join(pairs)))

    def labels(self):
        self.add(
            f'LABEL org.opencontainers.image.title="{self.pick(*APPS)}" \\\n'
            f'      org.opencontainers.image.version="{self.version()}"'
        )

    def copy(self, stages):
        where = self.pick(*DIRS)
        if stages and self.slip(0.5):
            stage, owner = self.rng.choice(stages), "--chown=1000:1000 " if self.slip(0.3) else ""
            self.add(f"COPY --from={stage} {owner}{where}/dist {where}/dist")
        elif self.slip(0.2):
            self.add(f"ADD {self.pick('src/', 'config.yml', 'app.tar.gz')} {where}/")
        else:
            link, source = "--link " if self.slip(0.1) else "", self.pick(".", "src", "src/ conf/")
            self.add(f"COPY {link}{source} {self.pick('.', where + '/')}")

    def workdir(self):
        self.add("WORKDIR " + (self.pick("app", "build") if self.slip(0.15) else self.pick(*DIRS)))

    def tail(self):
        if self.slip(0.35):
            self.add(
                "HEALTHCHECK --interval=30s --timeout=3s \\\n    CMD curl -f http://localhost:8080/health || exit 1"
            )
        if self.slip(0.6):
            self.add(f"EXPOSE {self.pick('8080', '80 443', '3000/tcp', '5432', '70000' if self.slip(0.2) else '9090')}")
        if not self.slip(0.35):
            self.add(f"USER {self.pick('nobody', '1000:1000', 'app', 'root')}")
        if self.slip(0.3):
            self.add('ENTRYPOINT ["tini", "--"]')
        command = self.pick(
            '["python", "-m", "app"]',
            '["node", "server.js"]',
            '["/usr/local/bin/app"]',
            '["nginx", "-g", "daemon off;"]',
        )
        self.add("CMD " + ("python -m app --port $PORT" if self.slip(0.2) else command))
        if self.slip(0.04):
            self.add('CMD ["sh"]')


BASES = {
    "apt": [
        "python:3.12-slim",
        "debian:12",
        "debian",
        "ubuntu:24.04",
        "ubuntu:latest",
        "node:20-bookworm",
        "golang:1.22",
        "eclipse-temurin:21-jre",
        "ruby:3.3",
    ],
    "apk": ["alpine:3.20", "python:3.12-alpine", "node:20-alpine", "nginx:1.27-alpine", "alpine", "golang:1.22-alpine"],
}


def stage(writer: Writer, stages, name, goal):
    """One build stage; stops growing at `goal` lines."""
    family = writer.pick("apt", "apt", "apk")
    base = writer.rng.choice(stages) if stages and writer.slip(0.15) else writer.rng.choice(BASES[family])
    platform = "--platform=$BUILDPLATFORM " if writer.slip(0.08) else ""
    writer.add(f"FROM {platform}{base}" + (f" {'as' if writer.slip(0.1) else 'AS'} {name}" if name else ""))
    if writer.slip(0.06):
        writer.add(f"MAINTAINER ops@{writer.pick(*APPS)}.example.com")
    if writer.slip(0.3) and family == "apt":
        writer.add('SHELL ["/bin/bash", "-o", "pipefail", "-c"]')
    if writer.slip(0.4):
        writer.add(f"ARG VERSION={writer.version()}")
    writer.add()
    getattr(writer, family)()
    writer.add()
    writer.workdir()
    steps = [
        writer.env,
        writer.pip,
        writer.npm,
        writer.shell,
        writer.shell,
        lambda: writer.copy(stages),
        writer.heredoc,
        getattr(writer, family),
        writer.labels,
    ]
    while len(writer.lines) < goal:
        writer.rng.choice(steps)()
        if writer.slip(0.35):
            writer.add()


def dockerfile(rng: random.Random, lines: int, plain: bool = False) -> str:
    writer = Writer(rng, plain)
    if writer.slip(0.3):
        writer.add("# syntax=docker/dockerfile:1")
    if writer.slip(0.15):
        writer.add("ARG REGISTRY=registry.example.com\nARG TAG")
    count = max(1, min(lines // 18, 40)) if writer.slip(0.8) else 1
    stages = []
    names = ["base", "deps", "build", "test", "assets"] + [f"stage{number}" for number in range(40)]
    for number in range(count):
        last = number == count - 1
        name = None if last and writer.slip(0.6) else ("runtime" if last else names[number])
        stage(writer, stages, name, (lines - 5) * (number + 1) // count)
        if name:
            stages.append(name)
    writer.tail()
    return "\n".join(writer.lines) + "\n"


def synthetic(count: int, seed: int = 1, plain: bool = False):
    """Yields (name, text)."""
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        goal = rng.randint(12, 56)
        text = dockerfile(rng, goal, plain)
        while not 10 <= text.count("\n") <= 60 and not plain:
            text = dockerfile(rng, goal, plain)
        yield f"Dockerfile.{number:05d}", text


def single(lines: int, seed: int = 1, plain: bool = False) -> str:
    return dockerfile(random.Random(f"single/{seed}/{lines}"), lines, plain)


def recorded():
    """Yields (name, text, the reference's error or None); upstream's files only where they are at hand."""
    for source in ("upstream", "own"):
        path = cases_file(f"ast_{source}.json")
        for number, case in enumerate(json.loads(path.read_text())["cases"] if path else []):
            yield f"{source}-{number:03d}.Dockerfile", case["input"], case["convert"].get("error")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["recorded", "synthetic", "single"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--lines", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="no RUN at all")
    options = parser.parse_args()
    if options.kind == "single":
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(single(options.lines, options.seed, options.plain))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    files = recorded() if options.kind == "recorded" else synthetic(options.count, options.seed, options.plain)
    written = 0
    for name, text, *_ in files:
        (options.out / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        written += 1
    print(f"{written} files in {options.out}")


if __name__ == "__main__":
    main()
