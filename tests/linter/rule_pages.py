"""Reads the blocks of a rule's page: what it calls bad, fixed and good."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r"^## (Bad|Fixed|Good)$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Section:
    """The Dockerfiles of one section, and what surrounds them by the language of its block."""

    dockerfiles: list[str] = field(default_factory=list)
    around: dict[str, str] = field(default_factory=dict)


def read_page(page: str) -> dict[str, Section]:
    """The sections of a page by their headings."""
    parts = _HEADING.split(page)
    sections: dict[str, Section] = {}
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        section = sections.setdefault(heading, Section())
        for language, block in _BLOCK.findall(text):
            if language == "dockerfile":
                section.dockerfiles.append(block)
            else:
                section.around[language] = block
    return sections
