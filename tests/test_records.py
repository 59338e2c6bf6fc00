"""A record is what the standard decorator makes of the same class, in all that others can see of it."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import pytest

from dockerlang.records import fields_of, record


@record(order=True)
class Place:
    line: int
    column: int = 0


@record
class Named(Place):
    KIND: ClassVar[str] = "named"

    name: str = "a"
    tags: list[str] = field(default_factory=list)
    note: str = field(default="", compare=False, repr=False)

    @property
    def shout(self) -> str:
        return self.name.upper()


@dataclass(frozen=True, slots=True, order=True)
class StandardPlace:
    line: int
    column: int = 0


@dataclass(frozen=True, slots=True)
class StandardNamed(StandardPlace):
    KIND: ClassVar[str] = "named"

    name: str = "a"
    tags: list[str] = field(default_factory=list)
    note: str = field(default="", compare=False, repr=False)


@record(caches=True)
class Remembering:
    text: str

    @cached_property
    def length(self) -> int:
        return len(self.text)


@record
class Checked:
    number: int

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError(self.number)


ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, 2), {"name": "b"}),
    ((1, 2, "b", ["x"]), {"note": "n"}),
    ((), {"line": 3, "tags": []}),
]


@pytest.mark.parametrize(("positional", "named"), ARGUMENTS)
def test_it_holds_and_shows_the_same_values(positional: tuple[Any, ...], named: dict[str, Any]) -> None:
    ours, standard = Named(*positional, **named), StandardNamed(*positional, **named)
    for each in fields(standard):
        assert getattr(ours, each.name) == getattr(standard, each.name)
    assert repr(ours) == repr(standard).replace("StandardNamed", "Named")


def test_fields_are_known_to_the_standard_library() -> None:
    ours, standard = fields(Named), fields(StandardNamed)
    assert [(each.name, each.type, each.compare, each.repr) for each in ours] == [
        (each.name, each.type, each.compare, each.repr) for each in standard
    ]
    assert list(fields_of(Named)) == [each.name for each in ours]
    assert is_dataclass(Named)
    assert replace(Named(1), name="z") == Named(1, name="z")


def test_equality_goes_by_class_and_compared_fields() -> None:
    assert Named(1, note="x") == Named(1, note="y")
    assert Named(1) != Named(2)
    assert Place(1) != Named(1)
    assert Place(1) != StandardPlace(1)
    assert hash(Place(1, 2)) == hash(StandardPlace(1, 2))


def test_order_is_that_of_the_fields() -> None:
    places = [Place(2), Place(1, 5), Place(1, 2)]
    assert sorted(places) == [Place(1, 2), Place(1, 5), Place(2)]
    assert Place(1) <= Place(1) < Place(1, 1)
    assert Place(2) >= Place(2) > Place(1, 9)
    with pytest.raises(TypeError):
        assert Place(1) < 3  # type: ignore[operator]


def test_nothing_can_be_set_or_added() -> None:
    place = Place(1)
    with pytest.raises(FrozenInstanceError):
        place.line = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del place.line
    with pytest.raises(FrozenInstanceError):
        place.other = 2  # type: ignore[attr-defined]
    assert not hasattr(place, "__dict__")


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="line"):
        Place()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="row"):
        Place(1, row=2)  # type: ignore[call-arg]


def test_copies_and_pickles_are_equal() -> None:
    named = Named(1, 2, "b", ["x"], "note")
    for again in (copy.copy(named), copy.deepcopy(named), pickle.loads(pickle.dumps(named))):
        assert again == named
        assert again.note == "note"


def test_patterns_match_by_position() -> None:
    match Place(4, 5):
        case Place(line, column):
            assert (line, column) == (4, 5)


def test_properties_and_class_variables_stay() -> None:
    assert Named(1).shout == "A"
    assert Named.KIND == "named"
    remembering = Remembering("four")
    assert (remembering.length, remembering.length) == (4, 4)


def test_a_check_after_the_fields_are_set_is_made() -> None:
    assert Checked(1).number == 1
    with pytest.raises(ValueError, match="-1"):
        Checked(-1)


def test_two_threads_may_make_the_first_call_at_one_time() -> None:
    @record
    class Fresh:
        number: int

    later = Fresh.__init__
    assert Fresh(1).number == 1
    assert Fresh.__init__ is not later
    late = object.__new__(Fresh)
    later(late, 2)
    assert late == Fresh(2)
