"""Calls of package managers, as values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlang.semantics.packages import Action, PackageCall, PackageSource, package_call, package_calls
from dockerlang.semantics.scripts import parse_script, script_of
from dockerlang.syntax import nodes, parse
from dockerlang.syntax.walk import walk

INDEX, FILE, PATH, URL, GIT = PackageSource


def calls(command: str) -> list[PackageCall]:
    """The calls in the RUN of this command."""
    document = parse(f"FROM image\nRUN {command}\n")
    (run,) = (node for node in walk(document) if isinstance(node, nodes.Run))
    script = script_of(run)
    assert script is not None
    found = list(package_calls(parse_script(script).invocations))
    for call in found:
        for package in call.packages:
            written = document.source.slice(package.span)
            assert package.text in written.replace("'", "").replace('"', "") or not package.is_static
    return found


def only(command: str) -> PackageCall:
    (call,) = calls(command)
    return call


@pytest.mark.parametrize(
    ("command", "packages"),
    [
        ("apt-get -y install curl=7.* git/stable ./a.deb -t sid", ["curl =7.*", "git /stable", "./a.deb file"]),
        ("apt -yq -o Dpkg::Use-Pty=0 install a.deb", ["a.deb file"]),
        ("apk add --virtual .deps --no-cache 'git~=2.45' a.apk", ["git ~=2.45", "a.apk file"]),
        ("dnf install -y httpd-2.4.6 https://x/y.rpm", ["httpd -2.4.6", "https://x/y.rpm url"]),
        ("microdnf module install nodejs:20", ["nodejs :20"]),
        ("zypper --non-interactive in -t pattern 'curl>=8'", ["curl >=8"]),
        (
            "pip3 install -r r.txt 'flask[async]~=3.0;os_name>3' ./own git+https://x/y@v1 tool @ https://x/t.whl",
            ["flask ~=3.0", "./own path", "git+https://x/y @v1 git", "tool @ https://x/t.whl url"],
        ),
        ("python3.12 -m pip install six", ["six"]),
        ("/venv/bin/pip install six.whl", ["six.whl file"]),
        ("uv pip install --system ruff==0.6", ["ruff ==0.6"]),
        ("npm install -g @angular/cli@17 left-pad owner/repo git+ssh://x/y#v2", [
            "@angular/cli @17", "left-pad", "owner/repo git", "git+ssh://x/y #v2 git",
        ]),
        ("yarn global add typescript@5", ["typescript @5"]),
        ("pnpm add --filter web ./local", ["./local path"]),
        ("gem install rails:7.1 -- --with-x", ["rails :7.1"]),
        ("gem install rake --version 13.2.1", ["rake :13.2.1"]),
        ("go install -ldflags '-s -w' example.com/tool@v1 ./cmd/...", ["example.com/tool @v1", "./cmd/... path"]),
        ("cargo install --locked ripgrep@13 --features pcre2", ["ripgrep @13"]),
        ("cargo install --git https://x/y --tag v1", ["https://x/y #v1 git"]),
        ("conda install -y -c conda-forge numpy=1.26 'scipy>1'", ["numpy =1.26", "scipy >1"]),
        ("composer require vendor/name:^1.2", ["vendor/name :^1.2"]),
    ],
)  # fmt: skip
def test_packages_with_versions_and_sources(command: str, packages: list[str]) -> None:
    call = only(command)
    assert call.action is Action.INSTALL
    shown = []
    for package in call.packages:
        source = "" if package.source is INDEX else package.source.value
        shown.append(" ".join(filter(None, [package.name, package.constraint, source])))
    assert shown == packages


@pytest.mark.parametrize(
    ("command", "manager", "action", "names"),
    [
        ("apt-get update", "apt-get", Action.UPDATE, []),
        ("apt-get purge -y gcc", "apt-get", Action.REMOVE, ["gcc"]),
        ("apt-get curl install", "apt-get", Action.INSTALL, ["curl"]),
        ("yum update -y", "yum", Action.UPGRADE, []),
        ("dnf clean all", "dnf", Action.CLEAN, []),
        ("apk del .deps", "apk", Action.REMOVE, [".deps"]),
        ("zypper ref", "zypper", Action.UPDATE, []),
        ("pip download six", "pip", Action.DOWNLOAD, ["six"]),
        ("npm ci", "npm", Action.INSTALL, []),
        ("go run example.com/x@v1 install y", "go", Action.RUN, ["example.com/x"]),
    ],
)
def test_actions(command: str, manager: str, action: Action, names: list[str]) -> None:
    call = only(command)
    assert (call.manager, call.action, [package.name for package in call.packages]) == (manager, action, names)


@pytest.mark.parametrize(
    "command",
    ["apt-get --help", "pip list", "npm run install", "python -m http.server", "uv sync", "go build ./x", "ls"],
)
def test_other_commands_are_none(command: str) -> None:
    assert calls(command) == []


def test_several_commands_and_their_options() -> None:
    update, install = calls("apt-get update && apt-get install -y --no-install-recommends \\\n  -t=sid curl")
    assert update.action is Action.UPDATE
    assert [option.name for option in install.options] == ["-y", "--no-install-recommends", "-t"]
    option = install.option("--target-release", "-t")
    assert option is not None
    assert option.value == "sid"


def test_what_a_variable_decides_is_not_static() -> None:
    (package,) = only("pip install flask==$VERSION").packages
    assert (package.name, package.version, package.is_static) == ("flask", "$VERSION", False)


WORDS = st.sampled_from(
    [
        "apt-get",
        "install",
        "-y",
        "--",
        "-",
        "pip",
        "@",
        "a=1",
        "--opt",
        "-t",
        "npm",
        "@",
        "@/",
        "git+",
        "://",
        "''",
        "-m",
        "#",
    ]
)


@given(
    st.lists(WORDS, max_size=8), st.sampled_from(["apt", "pip", "npm", "gem", "cargo", "conda", "go", "apk", "pipx"])
)
def test_any_words_can_be_read(words: list[str], manager: str) -> None:
    for call in calls(" ".join([manager, *words])):
        assert call.verb in call.invocation.arguments
        assert package_call(call.invocation) == call
        assert all(call.invocation.span.encloses(package.span) for package in call.packages)
