"""Names of images: `[domain/]path[:tag][@digest]`, as written, in full and in docker's short form.

The grammar and the normalisation are those of the distribution project, which docker, containerd and BuildKit share:
a name without a registry is one of Docker Hub's, and a Hub name of one component belongs to `library`.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NoReturn

from dockerlang.errors import InputError
from dockerlang.oci.digest import Digest
from dockerlang.records import record, replace

DEFAULT_DOMAIN = "docker.io"
DEFAULT_TAG = "latest"
PATH_LIMIT = 255


@record(order=True)
class Reference:
    """The name of an image. `domain` may be empty in a reference that was only read, never in a normalised one."""

    domain: str
    path: str
    tag: str = ""
    digest: Digest | None = None

    def __str__(self) -> str:
        return self.name + self._suffix

    @property
    def name(self) -> str:
        """The repository: domain and path."""
        return f"{self.domain}/{self.path}" if self.domain else self.path

    @property
    def familiar_name(self) -> str:
        """The repository as docker prints it: without `docker.io/`, and without `library/` before one component."""
        if self.domain != DEFAULT_DOMAIN:
            return self.name
        namespace, _, last = self.path.partition("/")
        return last if namespace == "library" and last and "/" not in last else self.path

    @property
    def familiar(self) -> str:
        """The whole reference as docker prints it."""
        return self.familiar_name + self._suffix

    def with_default_tag(self) -> Reference:
        """The same with `:latest` where there is neither tag nor digest."""
        return self if self.tag or self.digest else replace(self, tag=DEFAULT_TAG)

    def resolved(self) -> Reference:
        """What is looked up: a digest wins over a tag, and `:latest` counts where there is neither."""
        return replace(self, tag="") if self.digest else self.with_default_tag()

    def matches(self, pattern: str) -> bool:
        """Whether the glob `pattern` fits the familiar form, with or without tag and digest; `*` does not cross `/`.

        Raises `InputError` for a malformed pattern.
        """
        from dockerlang.oci.pattern import matches

        return matches(pattern, self.familiar) or matches(pattern, self.familiar_name)

    @property
    def _suffix(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{tag}@{self.digest}" if self.digest else tag


class ReferenceProblem(Enum):
    """Why a text is no reference."""

    EMPTY = "the name is empty"
    FORMAT = "its form is not [domain/]path[:tag][@digest]"
    UPPERCASE = "a repository name must be lower case"
    TOO_LONG = f"a repository name has at most {PATH_LIMIT} characters"
    IDENTIFIER = "64 hexadecimal digits are an image ID, not a name"
    NOT_CANONICAL = "the name is not written in full"
    DIGEST_FORMAT = "its digest is malformed"
    DIGEST_ALGORITHM = "its digest must be a sha256 one"
    DIGEST_LENGTH = "its digest must have 64 digits"


class InvalidReferenceError(InputError):
    """A text that is no reference; `problem` says why."""

    def __init__(self, text: str, problem: ReferenceProblem) -> None:
        super().__init__(f"{text!r} is not an image reference: {problem.value}")
        self.problem = problem


def parse_reference(text: str) -> Reference:
    """The reference that a person means by `text`, in full: `busybox` is `docker.io/library/busybox`.

    Raises `InvalidReferenceError`.
    """
    if is_identifier(text):
        _refuse(text, ReferenceProblem.IDENTIFIER)
    domain, remainder = _split_domain(text)
    name = remainder.partition(":")[0]
    if name != name.lower():
        _refuse(text, ReferenceProblem.UPPERCASE)
    try:
        reference = read_reference(f"{domain}/{remainder}")
    except InvalidReferenceError as error:
        # The message must show what was written, not what was made of it.
        raise InvalidReferenceError(text, error.problem) from None
    return reference


def parse_reference_or_digest(text: str) -> Reference | Digest:
    """What `text` names: an image ID (64 digits, or a whole digest) or else a reference, normalised."""
    if is_identifier(text):
        return Digest("sha256", text)
    algorithm, separator, encoded = text.partition(":")
    if separator and algorithm == "sha256" and is_identifier(encoded):
        return Digest(algorithm, encoded)
    return parse_reference(text)


def parse_canonical_reference(text: str) -> Reference:
    """A reference that is already written in full; `InvalidReferenceError` for a short one."""
    reference = parse_reference(text)
    if str(reference) != text:
        _refuse(text, ReferenceProblem.NOT_CANONICAL)
    return reference


def read_reference(text: str) -> Reference:
    """The reference exactly as written, without any normalisation; raises `InvalidReferenceError`."""
    parts = split_reference(text)
    if parts is None:
        if not text:
            _refuse(text, ReferenceProblem.EMPTY)
        lowered = split_reference(text.lower())
        _refuse(text, ReferenceProblem.FORMAT if lowered is None else ReferenceProblem.UPPERCASE)
    domain, path, tag, digest = parts
    if len(path) > PATH_LIMIT:
        _refuse(text, ReferenceProblem.TOO_LONG)
    return Reference(domain, path, tag, _read_digest(text, digest) if digest else None)


def split_reference(text: str) -> tuple[str, str, str, str] | None:
    """Domain, path, tag and digest as the grammar alone divides `text`, empty where absent; None where it cannot."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return None
    domain, path, tag, digest = match.group("domain", "path", "tag", "digest")
    return domain or "", path, tag or "", digest or ""


def read_name(text: str) -> Reference:
    """A repository without tag or digest, exactly as written; `InvalidReferenceError` for anything else."""
    parts = split_reference(text)
    if parts is None or parts[2] or parts[3]:
        _refuse(text, ReferenceProblem.FORMAT)
    if len(parts[1]) > PATH_LIMIT:
        _refuse(text, ReferenceProblem.TOO_LONG)
    return Reference(parts[0], parts[1])


def is_domain(text: str) -> bool:
    """Whether `text` can stand for a registry: a host name, or an IPv6 address in brackets, and a port if any."""
    return _DOMAIN.fullmatch(text) is not None


def is_identifier(text: str) -> bool:
    """Whether `text` is a whole image ID: 64 lower-case hexadecimal digits."""
    return _IDENTIFIER.fullmatch(text) is not None


# `fullmatch` and ASCII classes throughout: `$` matches before a final newline and `\w` takes every script's letters.
_HOST_PART = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PATH_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAME = rf"(?:(?P<domain>{_HOST})/)?(?P<path>{_PATH_PART}(?:/{_PATH_PART})*)"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"

_DOMAIN = re.compile(_HOST)
_REFERENCE = re.compile(rf"{_NAME}(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")


def _split_domain(text: str) -> tuple[str, str]:
    """The registry and the rest of a reference, with what docker leaves unsaid filled in."""
    first, slash, rest = text.partition("/")
    if slash and first == "index.docker.io":
        domain, remainder = DEFAULT_DOMAIN, rest
    elif slash and (first == "localhost" or "." in first or ":" in first or first != first.lower()):
        domain, remainder = first, rest
    else:
        domain, remainder = DEFAULT_DOMAIN, text
    if domain == DEFAULT_DOMAIN and "/" not in remainder:
        remainder = f"library/{remainder}"
    return domain, remainder


def _read_digest(text: str, digest: str) -> Digest:
    algorithm, _, encoded = digest.partition(":")
    if algorithm != algorithm.lower():
        _refuse(text, ReferenceProblem.DIGEST_FORMAT)
    if algorithm != "sha256":
        _refuse(text, ReferenceProblem.DIGEST_ALGORITHM)
    if len(encoded) != 64:
        _refuse(text, ReferenceProblem.DIGEST_LENGTH)
    if not is_identifier(encoded):
        _refuse(text, ReferenceProblem.DIGEST_FORMAT)
    return Digest(algorithm, encoded)


def _refuse(text: str, problem: ReferenceProblem) -> NoReturn:
    raise InvalidReferenceError(text, problem)
