"""The digest that keys of remembered results are made with."""

from __future__ import annotations

# As type checkers know it; `typing` itself takes long to import.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import blake2b as blake2b  # noqa: PLC0414
else:
    try:
        # `hashlib` loads OpenSSL first, which takes longer than all else that a remembered run does.
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b  # noqa: F401

SIZE = 32
"""Bytes of a digest."""
