"""Records: frozen classes with slots, as `@dataclass(frozen=True, slots=True)` makes them, but cheap to define.

The standard decorator compiles half a dozen methods for each class when it is defined. With two hundred classes that is
a quarter of the time that a short command takes, most of it for classes that are never used. Here a method is compiled
when it is first called. For everybody else a record is a dataclass: `fields`, `replace` and type checkers know it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")
Method = Callable[..., Any]

_fields: dict[type, dict[str, Field[Any]]] = {}


@overload
def record(kind: type[T], /) -> type[T]: ...


@overload
def record(*, order: bool = False, caches: bool = False) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(kind: type[T] | None = None, /, *, order: bool = False, caches: bool = False) -> Any:
    """Make a class a record: immutable, compared and hashed by its fields; with `order` also sorted by them.

    With `caches` it may have cached properties.

    Fields are annotations, with a default or `dataclasses.field(default=, default_factory=, compare=, repr=)`.
    """
    if kind is None:
        return lambda given: _made(given, order=order, caches=caches)
    return _made(kind, order=order, caches=caches)


def fields_of(kind: type) -> Mapping[str, Field[Any]]:
    """The fields of a record by name, in order; cheaper than `dataclasses.fields`. `type` is the annotation's text."""
    return _fields[kind]


if TYPE_CHECKING:
    # As checkers know it: by this name alone do they look at the fields.
    from dataclasses import replace as replace  # noqa: PLC0414
else:

    def replace(value: T, /, **changes: Any) -> T:
        """A record, or a dataclass, like this one, with other values in some fields."""
        kind = type(value)
        if kind not in _fields:
            return dataclasses.replace(value, **changes)
        for name in _fields[kind]:
            if name not in changes:
                changes[name] = getattr(value, name)
        return kind(**changes)


def _made(kind: type[T], *, order: bool, caches: bool) -> type[T]:
    found: dict[str, Field[Any]] = {}
    for parent in reversed(kind.__mro__[1:]):
        found.update(_fields.get(parent, {}))
    inherited = frozenset(found)
    contents = dict(kind.__dict__)
    for name, annotation in contents.get("__annotations__", {}).items():
        if str(annotation).startswith("ClassVar"):
            continue
        default = contents.pop(name, MISSING)
        found[name] = default if isinstance(default, Field) else field(default=default)
        found[name].type = annotation
    for name in ("__dict__", "__weakref__"):
        contents.pop(name, None)
    methods: dict[str, object] = {
        "__slots__": (*(name for name in found if name not in inherited), *(["__dict__"] if caches else [])),
        "__match_args__": tuple(found),
        "__dataclass_fields__": _DataclassFields(),
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__reduce__": _reduce,
        "__repr__": _show,
    }
    compiled = {"__init__": _initializer, "__eq__": _equality, "__hash__": _hash}
    if order:
        compiled["__lt__"] = _order
        methods["__le__"] = lambda self, other: self == other or self < other
        methods["__gt__"] = lambda self, other: other < self
        methods["__ge__"] = lambda self, other: self == other or other < self
    made: type[T] = type(kind)(kind.__name__, kind.__bases__, {**methods, **contents})  # type: ignore[misc]
    made.__qualname__ = kind.__qualname__
    _fields[made] = found
    for name, make in compiled.items():
        if name not in contents:
            setattr(made, name, _later(made, name, make))
    return made


# ---------------------------------------------------------------- methods that are the same for all records


def _refuse(self: object, name: str, *_value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _reduce(self: object) -> tuple[type, tuple[object, ...]]:
    return type(self), tuple(getattr(self, name) for name in _fields[type(self)])


def _show(self: object) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, found in _fields[type(self)].items() if found.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


# ---------------------------------------------------------------- methods that are made for each when first called


def _later(kind: type, name: str, make: Callable[[type], Method]) -> Method:
    """A method that puts another in its place at the first call; what `make` compiles is called from then on.

    Threads may come here at one time: each puts the same in place.
    """

    def method(self: Any, *args: Any, **keywords: Any) -> Any:
        made = make(kind)
        setattr(kind, name, made)
        return made(self, *args, **keywords)

    return method


def _initializer(kind: type) -> Method:
    names: dict[str, Any] = {"MISSING": MISSING}
    parameters, body = [], []
    for name, found in _fields[kind].items():
        names[f"set_{name}"] = getattr(kind, name).__set__
        value = name
        if found.default_factory is not MISSING:
            names[f"make_{name}"] = found.default_factory
            parameters.append(f"{name}=MISSING")
            value = f"make_{name}() if {name} is MISSING else {name}"
        elif found.default is not MISSING:
            names[f"default_{name}"] = found.default
            parameters.append(f"{name}=default_{name}")
        else:
            parameters.append(name)
        body.append(f"set_{name}(self, {value})")
    if hasattr(kind, "__post_init__"):
        body.append("self.__post_init__()")
    return _compiled("__init__", ["self", *parameters], body or ["pass"], names)


def _equality(kind: type) -> Method:
    both = " and ".join(f"self.{name} == other.{name}" for name in _compared(kind)) or "True"
    body = ["if other.__class__ is self.__class__:", f" return {both}", "return NotImplemented"]
    return _compiled("__eq__", ["self", "other"], body, {})


def _hash(kind: type) -> Method:
    own = "".join(f"self.{name}, " for name in _compared(kind))
    return _compiled("__hash__", ["self"], [f"return hash(({own}))"], {})


def _order(kind: type) -> Method:
    key = attrgetter(*_compared(kind))

    def is_less(self: object, other: object) -> Any:
        return key(self) < key(other) if other.__class__ is self.__class__ else NotImplemented

    return is_less


def _compared(kind: type) -> list[str]:
    return [name for name, found in _fields[kind].items() if found.compare]


def _compiled(name: str, parameters: Iterable[str], body: Iterable[str], names: dict[str, Any]) -> Method:
    lines = "".join(f" {line}\n" for line in body)
    exec(f"def {name}({', '.join(parameters)}):\n{lines}", names)
    made: Method = names[name]
    return made


class _DataclassFields:
    """What the functions of `dataclasses` ask a class for, made when they do."""

    def __get__(self, instance: object, owner: type) -> dict[str, Field[Any]]:
        plain = [(name, found.type, _copy(found)) for name, found in _fields[owner].items()]
        twin: Any = dataclasses.make_dataclass(owner.__name__, plain, frozen=True, repr=False, eq=False)
        known: dict[str, Field[Any]] = twin.__dataclass_fields__
        type.__setattr__(owner, "__dataclass_fields__", known)
        return known


def _copy(found: Field[Any]) -> Any:
    return (
        field(default_factory=found.default_factory, compare=found.compare, repr=found.repr)
        if found.default_factory is not MISSING
        else field(default=found.default, compare=found.compare, repr=found.repr)
    )
