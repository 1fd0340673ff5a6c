"""A zip that was handed in where a notebook was asked for."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from support.submissions import by_student, notebook
from triptych.grading.marking import plain
from triptych.grading.submissions import BOUNDS, find, look
from triptych.notebooks.untrusted import Unreadable


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


CLASS = {
    "Ann Lee_1_assignsubmission_file/work.zip": zipped(
        **{"hw/jax.ipynb": notebook("x = 1"), "hw/plot.png": b"x"}
    ),
    "Bo Ray_2_assignsubmission_file/jax.ipynb": notebook("x = 2"),
    "Bo Ray_2_assignsubmission_file/old.zip": zipped(**{"jax.ipynb": notebook("x = 3")}),
    "Cy Fox_3_assignsubmission_file/a.ZIP": zipped(**{"essay.pdf": b"%PDF"}),
    "Dee Dow_4_assignsubmission_file/b.zip": b"PK\x03\x04",
}


def test_a_students_zip_is_looked_into_where_there_is_no_notebook(pack) -> None:
    handin = look(pack(CLASS))
    rows = by_student(handin.submissions)
    assert rows == {
        "Ann Lee": "",
        "Bo Ray": "",
        "Cy Fox": "an archive (a.ZIP) without a notebook for this chapter in it",
        "Dee Dow": "an archive (b.zip), not a notebook; unpack it, or ask for the notebook itself",
    }
    assert [s.source.partition("/")[2] for s in handin.submissions[:2]] == [
        "work.zip/hw/jax.ipynb",
        "jax.ipynb",
    ]
    assert handin.submissions[0].read() == notebook("x = 1")
    assert [i.source.partition("/")[2] for i in handin.ignored] == ["old.zip"]


def test_zips_beside_each_other_are_students(put, tmp_path: Path) -> None:
    for name in ("ann", "bo"):
        put(f"{name}.zip", zipped(**{"jax.ipynb": notebook()}))
    assert by_student(find(tmp_path / "class")) == {"ann": "", "bo": ""}


def test_what_lies_in_a_students_zip_can_be_sent_to_a_marking_process(pack) -> None:
    (ann, *_) = find(pack(CLASS))
    again = plain.unpacked(plain.packed(ann))
    assert again == ann and again.read() == notebook("x = 1")


def test_a_zip_in_a_zip_is_bounded(put, pack, tmp_path: Path) -> None:
    bounds = replace(BOUNDS, notebook=1 << 20, own=20)
    put("ann/deep.zip", zipped(**{"inner.zip": zipped(**{"jax.ipynb": notebook()})}))
    put("bo/many.zip", zipped(**{f"{number}.ipynb": notebook() for number in range(30)}))
    put("cy/bomb.zip", zipped(**{"jax.ipynb": b" " * (2 << 20)}))
    put("dee/outside.zip", zipped(**{"../../evil.ipynb": notebook()}))
    put("eve/large.zip", b"PK\x05\x06" * (1 << 20))
    found = {s.student: s for s in find(tmp_path / "class", bounds=bounds)}
    assert found["ann"].problem == "an archive (deep.zip) without a notebook for this chapter in it"
    assert "an archive (many.zip), not a notebook" in found["bo"].problem
    with pytest.raises(Unreadable, match="the notebook has 2 MB, more than the 1 MB"):
        found["cy"].read(bounds)
    assert "leads outside" in found["dee"].problem
    assert "an archive (large.zip), not a notebook" in found["eve"].problem


def test_a_students_zip_that_was_exchanged_is_not_read(put, tmp_path: Path) -> None:
    path = put("ann.zip", zipped(**{"jax.ipynb": notebook()}))
    (found,) = find(tmp_path / "class")
    path.write_bytes(zipped(**{"other.ipynb": notebook()}))
    with pytest.raises(Unreadable, match="not the one that was looked at"):
        found.read()
