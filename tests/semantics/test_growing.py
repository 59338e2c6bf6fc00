"""What grows: every value stays as it was, and growth shares what it can."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockerlang.semantics.growing import Settings, Trail

NAMES = st.sampled_from(["a", "b", "c", "d"])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers())))
def test_a_trail_is_the_list_that_was_made(moves: list[tuple[int, int]]) -> None:
    """Growing out of any earlier value, not only the last one, changes no other value."""
    made: list[tuple[Trail[int], list[int]]] = [(Trail([7]), [7])]
    for place, item in moves:
        trail, model = made[place % len(made)]
        made.append((trail.plus(item), [*model, item]))
    for trail, model in made:
        assert list(trail) == model
        assert [trail[index] for index in range(-len(model), len(model))] == model * 2
        assert list(trail[1:]) == model[1:]


@given(st.lists(st.tuples(st.integers(0, 30), NAMES, st.text(max_size=2))))
def test_settings_are_the_mapping_that_was_made(moves: list[tuple[int, str, str]]) -> None:
    made: list[tuple[Settings, dict[str, str]]] = [(Settings({"a": "0", "z": "1"}), {"a": "0", "z": "1"})]
    for place, name, value in moves:
        settings, model = made[place % len(made)]
        made.append((settings.plus(name, value), {**model, name: value}))
    for settings, model in made:
        assert list(settings.items()) == list(model.items())
        assert list(settings.assignments()) == [f"{name}={value}" for name, value in model.items()]
        assert len(settings) == len(model)
        assert settings.get("never") is None
        for name in "abcdz":
            assert settings.get(name, "none") == model.get(name, "none")
            assert (name in settings) == (name in model)
