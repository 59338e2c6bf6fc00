"""Records of builds: one that goes while another is written disturbs nobody."""

from __future__ import annotations

from dockerlang.store.builds import BuildRecord, Builds
from dockerlang.store.store import Store


def test_a_record_that_goes_while_the_oldest_are_looked_for(store: Store) -> None:
    builds = Builds(store.layout)
    builds.write(BuildRecord("aaaaaaaaaaaa", 1.0, "Dockerfile", "."))
    # As one is that was listed a moment ago.
    (store.layout.builds / "bbbbbbbbbbbb.json").symlink_to("gone")
    builds.write(BuildRecord("cccccccccccc", 2.0, "Dockerfile", "."))
    assert [build.id for build in builds.all()] == ["cccccccccccc", "aaaaaaaaaaaa"]
