"""The version: the same wherever it stands, and what a citation needs."""

from __future__ import annotations

import re
from datetime import date

import pytest
import yaml

from support import ROOT
from triptych import __version__

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
RELEASES = re.findall(r"^## \[(.+)\](?: - (.+))?$", CHANGELOG, re.MULTILINE)


def test_the_changelog_begins_with_this_version_and_the_citation_names_it():
    newest, day = next(release for release in RELEASES if release[0] != "Unreleased")
    assert newest == __version__ == CITATION["version"]
    assert date.fromisoformat(day) == CITATION["date-released"]


def test_versions_and_days_of_the_changelog_go_back_in_time():
    released = [(tuple(map(int, version.split("."))), day) for version, day in RELEASES if day]
    assert released == sorted(released, reverse=True)
    assert all(date.fromisoformat(day) for _, day in released)


def test_changes_stand_under_the_headings_of_keep_a_changelog():
    known = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE)) <= known


@pytest.mark.parametrize("key", ["cff-version", "message", "title", "authors"])
def test_the_citation_has_what_the_format_requires(key):
    assert CITATION[key]
    assert CITATION["cff-version"] == "1.2.0"
    assert all(author.get("name") for author in CITATION["authors"])
