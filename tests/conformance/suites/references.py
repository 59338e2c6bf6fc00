"""Image references: grammar, normalisation, familiar form and matching, a table for each function of the reference."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dockerlang.oci import reference as oci
from dockerlang.oci.digest import Digest
from dockerlang.oci.reference import InvalidReferenceError, Reference, ReferenceProblem
from tests.conformance.outcome import Outcome

Case = Mapping[str, Any]

# A recorded case names the error by the reference's constant.
_ERRORS = {
    ReferenceProblem.EMPTY: "ErrNameEmpty",
    ReferenceProblem.FORMAT: "ErrReferenceInvalidFormat",
    ReferenceProblem.UPPERCASE: "ErrNameContainsUppercase",
    ReferenceProblem.TOO_LONG: "ErrNameTooLong",
    ReferenceProblem.NOT_CANONICAL: "ErrNameNotCanonical",
    ReferenceProblem.DIGEST_FORMAT: "digest.ErrDigestInvalidFormat",
    ReferenceProblem.DIGEST_ALGORITHM: "digest.ErrDigestUnsupported",
    ReferenceProblem.DIGEST_LENGTH: "digest.ErrDigestInvalidLength",
}


def run(cases_file: Path) -> Iterator[Outcome]:
    """The outcome of every case in every table of `cases_file`; a table that is not known fails as a whole."""
    for table, cases in json.loads(cases_file.read_text(encoding="utf-8")).items():
        if table == "source":
            continue
        check = _TABLES.get(table)
        if check is None:
            yield Outcome(table, "a table this suite knows", "unknown")
            continue
        for number, case in enumerate(cases):
            name = f"{table}[{number}] {_title(case)}"
            expected, actual = check(case)
            yield Outcome(name, expected, actual)


def _title(case: object) -> str:
    if isinstance(case, str):
        return case[:80]
    assert isinstance(case, Mapping)
    words = (case.get(key) for key in ("input", "reference", "Reference", "FullName", "combined", "description"))
    return next((str(word)[:80] for word in words if word), "")


def _reference_parse(case: Case) -> tuple[object, object]:
    def fields(text: str) -> Case:
        reference = oci.read_reference(text)
        return _present(
            domain=reference.domain, repository=reference.name, tag=reference.tag, digest=_text(reference.digest)
        )

    return _without(case, "input"), _attempt(fields, case["input"])


def _with_name(case: Case) -> tuple[object, object]:
    return _without(case, "input"), _attempt(lambda text: {"name": str(oci.read_name(text))}, case["input"])


def _domain_and_path(case: Case) -> tuple[object, object]:
    return _without(case, "input"), _attempt(lambda text: _domain_path(oci.read_reference(text)), case["input"])


def _serialization(case: Case) -> tuple[object, object]:
    def fields(text: str) -> Case:
        # What is written must be read back as the same value.
        reference = oci.read_reference(str(oci.read_reference(text)))
        return _present(name=reference.name, tag=reference.tag, digest=_text(reference.digest))

    return _without(case, "input", "description"), _attempt(fields, case.get("input", ""))


def _combination(case: Case) -> tuple[object, object]:
    reference = replace(oci.read_name(case["name"]), tag=case.get("tag", ""))
    if "digest" in case:
        # The recorded digests are too short to be parsed; here only the composition is looked at.
        reference = replace(reference, digest=Digest(*case["digest"].split(":")))
    return case["combined"], str(reference)


def _parse_named(case: Case) -> tuple[object, object]:
    return _without(case, "input"), _attempt(
        lambda text: _domain_path(oci.parse_canonical_reference(text)), case["input"]
    )


def _repository_info(case: Case) -> tuple[object, object]:
    spellings = filter(None, (case["FamiliarName"], case["FullName"], case["AmbiguousName"]))
    described = [_attempt(_describe, spelling) for spelling in spellings]
    return [_without(case, "AmbiguousName")] * len(described), described


def _describe(text: str) -> Case:
    reference = oci.parse_reference(text)
    return {
        "RemoteName": reference.path,
        "FamiliarName": reference.familiar_name,
        "FullName": reference.name,
        "Domain": reference.domain,
    }


def _any_reference(case: Case) -> tuple[object, object]:
    return case.get("Expected", case["Equivalent"]), _attempt(
        lambda text: str(oci.parse_reference_or_digest(text)), case["Reference"]
    )


def _normalized_split(case: Case) -> tuple[object, object]:
    return _without(case, "input"), _attempt(lambda text: _domain_path(oci.parse_reference(text)), case["input"])


def _match(case: Case) -> tuple[object, object]:
    return case["expected"], _attempt(
        lambda text: oci.parse_reference(text).matches(case["pattern"]), case["reference"]
    )


def _docker_reference(case: Case) -> tuple[object, object]:
    return case["expected"], _attempt(lambda text: str(oci.parse_reference(text).resolved()), case["input"])


def _domain_grammar(case: Case) -> tuple[object, object]:
    return case["match"], oci.is_domain(case["input"])


def _name_grammar(case: Case) -> tuple[object, object]:
    expected = _without(case, "input")
    parts = oci.split_reference(case["input"])
    if parts is None or parts[2] or parts[3]:
        return expected, {"match": False}
    if "subs" not in case:
        return expected, {"match": True}
    domain, path = parts[:2]
    if len(case["subs"]) == 3:
        # A path of one component many times over is recorded as that component and the last one.
        component = path.partition("/")[0] + "/"
        last = re.sub(f"^(?:{re.escape(component)})+", "", path)
        return expected, {"match": True, "subs": [domain, component, last]}
    return expected, {"match": True, "subs": [domain, path]}


def _reference_grammar(case: Case) -> tuple[object, object]:
    # One input was computed and is not in the table; its parts are.
    text = case["input"] if "input" in case else "{}:{}@{}".format(*case["subs"])
    parts = oci.split_reference(text)
    if parts is None:
        return _without(case, "input"), {"match": False}
    domain, path, tag, digest = parts
    return _without(case, "input"), {"match": True, "subs": [f"{domain}/{path}" if domain else path, tag, digest]}


def _identifier_grammar(case: Case) -> tuple[object, object]:
    return case["match"], oci.is_identifier(case["input"])


def _valid_name(text: str) -> tuple[object, object]:
    return True, isinstance(_attempt(oci.parse_reference, text), Reference)


def _invalid_name(text: str) -> tuple[object, object]:
    return False, isinstance(_attempt(oci.parse_reference, text), Reference)


_TABLES: Mapping[str, Callable[[Any], tuple[object, object]]] = {
    "TestReferenceParse": _reference_parse,
    "TestWithNameFailure": _with_name,
    "TestDomainAndPath": _domain_and_path,
    "TestSerialization": _serialization,
    "TestWithTag": _combination,
    "TestWithDigest": _combination,
    "TestParseNamed": _parse_named,
    "TestParseRepositoryInfo": _repository_info,
    "TestParseAnyReference": _any_reference,
    "TestNormalizedSplitHostname": _normalized_split,
    "TestMatch": _match,
    "TestParseDockerRef": _docker_reference,
    "TestDomainRegexp": _domain_grammar,
    "TestFullNameRegexp": _name_grammar,
    "TestReferenceRegexp": _reference_grammar,
    "TestIdentifierRegexp": _identifier_grammar,
    "validRepoNames": _valid_name,
    "invalidRepoNames": _invalid_name,
}


def _attempt(function: Callable[[str], object], text: str) -> object:
    """What `function` makes of `text`, or the error in the form in which cases record it."""
    try:
        return function(text)
    except InvalidReferenceError as error:
        return {"err": {"error": _ERRORS.get(error.problem, error.problem.name)}}


def _domain_path(reference: Reference) -> Case:
    return {"domain": reference.domain, "path": reference.path}


def _present(**fields: str) -> Case:
    return {name: value for name, value in fields.items() if value}


def _without(case: Case, *names: str) -> Case:
    return {name: value for name, value in case.items() if name not in names}


def _text(digest: Digest | None) -> str:
    return str(digest) if digest else ""
