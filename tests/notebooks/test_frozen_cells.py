"""What all four GPTs read, start from and write from is the same, to the letter."""

from __future__ import annotations

import pytest

from support import ROOT
from triptych.course import Course
from triptych.files import digest
from triptych.notebooks import raw

OURS = Course(ROOT)
#: Cells of the chapter's notebooks that nobody edits, and the digest of each: the text, the first weights,
#: the stored ones. Who changes one changes all four, every number of the section, and this line.
FROZEN = {
    "gpt-text": "cc8d0e83d9242d5774912499890d355bd47fe67dd6c2a11f9f22ade480cc8ee9",
    "gpt-start": "efb35d6dc9f4eef166589ca18ffb3685befe4b1558db91eca61f6f84316c5761",
    "gpt-stored": "5bce2b3e7ecf5687017c6b945f2a4623ccfa6f27a943832249b80601e5a43a09",
}


@pytest.mark.parametrize("cell", FROZEN)
def test_a_frozen_cell_is_the_same_in_every_framework(cell):
    found = {
        name: digest(raw.code_by_id(path, OURS.name(path))[cell])
        for name, path in OURS.siblings("models").items()
    }
    assert found == dict.fromkeys(OURS.chapter("models").notebooks, FROZEN[cell])
