"""``triptych grade --dry-run``: whose each file is, before anything is read or run."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import click

from triptych.grading.commands.conditions import counted
from triptych.grading.submissions import HandIn, Roster

_HEADINGS = ("student", "name", "late", "file", "remark")

#: Ignored files of one student and one reason that are listed; of more, their number.
_LISTED = 5


def show(handin: HandIn, roster: Roster) -> None:
    """Print a line for each file that was handed in, and for each student without one."""
    lines = [_HEADINGS, *rows(handin, roster)]
    shown = [tuple(_in_a_line(cell) for cell in line) for line in lines]
    widths = [max(_width(line[column]) for line in shown) for column in range(len(_HEADINGS) - 1)]
    for line in shown:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=False)]
        click.echo("  ".join([*cells, line[-1]]).rstrip())
    click.echo(f"\n{_summary(handin, roster)}", err=True)


def rows(handin: HandIn, roster: Roster) -> Iterator[tuple[str, str, str, str, str]]:
    """(student, name, late, file, remark): what was handed in, who did not, what is ignored."""
    for s in handin.submissions:
        unknown = "" if s.known else "not on the class list"
        remark = "; ".join(filter(None, (s.problem, unknown, s.note)))
        yield s.student, s.name, "late" if s.late else "", s.source, remark
    for student in _missing(handin, roster):
        yield *student, "", "-", "nothing handed in"
    groups: dict[tuple[str, str], list[str]] = {}
    for ignored in handin.ignored:
        groups.setdefault((ignored.name, ignored.why), []).append(ignored.source)
    for (name, why), sources in groups.items():
        listed = sources if len(sources) <= _LISTED else sources[: _LISTED - 1]
        for source in listed:
            yield "-", name or "-", "", source, f"ignored: {why}"
        if len(sources) > len(listed):
            yield "-", name or "-", "", f"{len(sources) - len(listed):,} more files", f"ignored: {why}"


def _missing(handin: HandIn, roster: Roster) -> list[tuple[str, str]]:
    seen = {s.student for s in handin.submissions}
    return [(s.id, s.name) for s in roster.students if s.id not in seen]


def _summary(handin: HandIn, roster: Roster) -> str:
    submissions = handin.submissions
    unknown = {s.student for s in submissions if not s.known}
    students = len({s.student for s in submissions})
    said = [f"{counted(len(submissions), 'file')} of {counted(students, 'student')}"]
    counts = [
        (sum(s.late for s in submissions), "late"),
        (sum(bool(s.problem) for s in submissions), "no notebook that can be graded"),
        (len(unknown), "not on the class list"),
        (len(_missing(handin, roster)), "handed in nothing"),
        (len(handin.ignored), "ignored"),
    ]
    said += [f"{what}: {count:,}" for count, what in counts if count]
    names = {"": "people's own", "pattern": "as the pattern says"}
    read = names.get(handin.platform, f"as {handin.platform.capitalize()} writes them")
    return f"{'; '.join(said)}. The names are {read}. Nothing was run."


def _in_a_line(text: str) -> str:
    from triptych.grading.report import plain

    return " ".join(plain(text).split())


def _width(text: str) -> int:
    """The columns that a text takes in a terminal."""
    unseen = ("Mn", "Me", "Cf")
    return sum(
        0 if unicodedata.category(c) in unseen else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
