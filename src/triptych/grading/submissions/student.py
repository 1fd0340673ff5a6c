"""Which of a student's files are submissions, and what stands in the place of a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from triptych.grading.submissions import layout
from triptych.grading.submissions.files import Bounds, SubmittedItem
from triptych.grading.submissions.layout import is_file, is_noise, is_notebook, is_packed
from triptych.grading.submissions.model import Submission
from triptych.grading.submissions.nested import NestedFile, files_within
from triptych.grading.submissions.platforms import Owner
from triptych.notebooks.untrusted import Unreadable

#: Zips of a student that are looked into.
_ZIPS = 3

Ignored = list[tuple[SubmittedItem, str]]


def of_one(
    files: Sequence[tuple[SubmittedItem, Owner]], chapter: str, bounds: Bounds
) -> tuple[list[Submission], Ignored]:
    """A student's notebooks, as yet without the student's name; and the other files, each with the reason.

    Without a notebook, those in the student's zips; without any there, one submission that
    says what was handed in instead.
    """
    ignored: Ignored = []
    owners = {item.path: owner for item, owner in files}
    own = [item for item, _ in files if is_file(item) and not is_noise(item.path)]
    kept = layout.chosen(own, chapter, lambda item, why: ignored.append((item, why)))
    notebooks = [item for item in kept if is_notebook(item.path)]
    looked_into = False
    if not notebooks:
        for outer in [item for item in kept if item.path.suffix.lower() == ".zip"][:_ZIPS]:
            inner = _within(outer, chapter, bounds, ignored)
            if inner is None:
                continue
            looked_into = True
            owners |= dict.fromkeys((item.path for item in inner), owners[outer.path])
            notebooks += inner
    notebooks = notebooks or [item for item in kept if item.problem]
    submissions: list[Submission] = []
    seen: set[PurePosixPath] = set()
    for item in notebooks:
        problem = item.problem
        if item.path in seen:
            problem = "a second file of the same name; only the first is graded"
        seen.add(item.path)
        owner = owners[item.path]
        submissions.append(
            Submission("", "", str(item.path), item, owner.late, problem=problem, turn=owner.turn)
        )
    if not submissions:
        checkpoints = any(layout.CHECKPOINTS in item.path.parts for item, _ in files)
        problem, source = _instead(kept or own, bool(own) and not kept, checkpoints)
        if looked_into:
            problem = f"an archive ({PurePosixPath(source).name}) without a notebook for this chapter in it"
        late = any(owner.late for _, owner in files)
        submissions.append(Submission("", "", source or files[0][1].name, late=late, problem=problem))
    shown = {submission.source for submission in submissions}
    unpacked = {item.outer.path for item in notebooks if isinstance(item, NestedFile)}
    for item in kept:
        if str(item.path) not in shown and item.path not in unpacked:
            ignored.append((item, item.problem or "not a notebook"))
    return submissions, ignored


def _within(
    outer: SubmittedItem, chapter: str, bounds: Bounds, ignored: Ignored
) -> list[SubmittedItem] | None:
    """The notebooks in a student's zip; None where it cannot be read."""
    try:
        inner = [item for item in files_within(outer, bounds) if not is_noise(item.path)]
    except Unreadable:
        return None
    kept = layout.chosen(inner, chapter, lambda item, why: ignored.append((item, why)))
    return [item for item in kept if is_notebook(item.path)]


def _instead(files: Sequence[SubmittedItem], courses: bool, checkpoints: bool) -> tuple[str, str]:
    """What stands in the place of a notebook: a problem for the teacher, and the first file's name."""
    packed = [file.path for file in files if is_packed(file.path)]
    if packed:
        problem = f"an archive ({packed[0].name}), not a notebook; unpack it, or ask for the notebook itself"
        return problem, str(packed[0])
    if courses:
        return "no notebook of one's own, only the course's", str(files[0].path)
    names = sorted(_called(file.path) for file in files)
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return f"no notebook, only {', '.join(names[:3])}{more}", str(files[0].path)
    if checkpoints:
        return "no notebook, only checkpoint copies", ""
    return "an empty folder, no notebook", ""


def _called(path: PurePosixPath) -> str:
    what = layout.stand_in(path)
    return f"{path.name} ({what})" if what else path.name
