"""Zips that lie: the file's reason, or one line for the zip, at no cost to the grader."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from support.submissions import by_student
from support.zips import OF_A_FILE, OF_THE_ZIP, many, overlapping
from triptych.errors import TriptychError
from triptych.grading.marking import Markers
from triptych.grading.store import Grade
from triptych.grading.submissions import find


@pytest.fixture
def zipped(tmp_path: Path):
    def zipped(data: bytes) -> Path:
        file = tmp_path / "export.zip"
        file.write_bytes(data)
        return file

    return zipped


def reasons(markers: Markers, path: Path) -> dict[str, str]:
    """Student -> why the file cannot be read, as the grader finds it."""
    found = {}
    for submission in markers.look(path).submissions:
        answer = submission.problem or markers.digest(submission.item)
        assert not (isinstance(answer, Grade) and answer.fault), answer
        found[submission.student] = answer.refused if isinstance(answer, Grade) else ""
        if submission.problem:
            found[submission.student] = submission.problem
    return found


@pytest.mark.parametrize("kind", OF_A_FILE)
def test_a_file_in_a_zip_that_cannot_be_read_is_a_row(kind: str, zipped, markers: Markers) -> None:
    make, reason = OF_A_FILE[kind]
    path = zipped(make())
    tracemalloc.start()
    found = reasons(markers, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20
    assert found.pop("ann") == ""
    ((_, problem),) = found.items()
    assert reason in problem


@pytest.mark.parametrize("kind", OF_A_FILE)
def test_reading_it_raises_nothing_else_wherever_that_happens(kind: str, zipped) -> None:
    assert by_student(find(zipped(OF_A_FILE[kind][0]())))["ann"] == ""


@pytest.mark.parametrize("kind", OF_THE_ZIP)
def test_a_zip_that_cannot_be_read_is_one_line(kind: str, zipped, markers: Markers) -> None:
    path = zipped(OF_THE_ZIP[kind])
    with pytest.raises(TriptychError, match=r"export.zip: .*; download the submissions again") as raised:
        markers.look(path)
    assert len(str(raised.value).splitlines()) == 1
    with pytest.raises(TriptychError):
        find(path)


@pytest.mark.slow
def test_a_zip_of_as_many_files_as_are_read_costs_the_grader_what_it_lists(zipped, markers: Markers) -> None:
    path = zipped(many(40_000, 100))
    tracemalloc.start()
    assert len(markers.look(path).submissions) == 40_000
    assert tracemalloc.get_traced_memory()[1] < 120 << 20  # 3 kB each, and nothing of the archive
    tracemalloc.stop()


@pytest.mark.slow
def test_one_file_listed_a_thousand_times_is_read_a_thousand_times_or_not_at_all(
    zipped, markers: Markers
) -> None:
    with pytest.raises(TriptychError, match="unpacks to more than 8 GB"):
        markers.look(zipped(overlapping(1_000)))
    found = reasons(markers, zipped(overlapping(50)))
    assert len(found) == 50
