"""`RUN --device`: `NAME[,required[=BOOL]]` or `name=NAME,...`; a name is one of the Container Device Interface."""

from __future__ import annotations

from dockerlang.records import record

_TRUE = frozenset({"1", "t", "true"})
_FALSE = frozenset({"0", "f", "false"})


class InvalidDevice(ValueError):
    """The value asks for no device that can be."""


@record
class Device:
    """A device that a process asks for; without one that is required the step fails."""

    name: str
    is_required: bool = False


def parse_device(text: str) -> Device:
    """The device that a flag's value names. Raises `InvalidDevice`."""
    name, is_required = "", False
    for index, field in enumerate(text.split(",")):
        key, has_value, value = field.partition("=")
        if index == 0 and (not has_value or "/" in key):
            # A device of a class: `vendor.com/class=name`, or the class alone.
            name = field
        elif key.lower() == "required":
            is_required = not has_value or _boolean(value)
        elif not has_value:
            raise InvalidDevice(f"`{field}` is no key=value pair")
        elif key.lower() != "name":
            raise InvalidDevice(f"a device has no option `{key}`")
        elif name:
            raise InvalidDevice(f"the device is already named `{name}`")
        else:
            name = value
    if not name:
        raise InvalidDevice("the device has no name")
    return Device(name, is_required)


def _boolean(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise InvalidDevice(f"`{text}` is neither true nor false")
    return text.lower() in _TRUE
