"""From what a platform wrote, and the class list, to a student."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from triptych.grading.submissions.names import key
from triptych.grading.submissions.platforms import Owner
from triptych.grading.submissions.roster import Found, Roster, Student

#: How the note begins of a student whose group handed in: it is no doubt.
GROUP = "handed in by the group "


#: The code pages in which Windows writes names into zips, by where it is used.
ENCODINGS = ("gb18030", "cp932", "cp949", "big5", "cp866", "cp852", "cp850", "cp1251", "cp1252")


@dataclass(frozen=True)
class Identity:
    """Whose work it is: a student of the list or, unknown to it, a name. ``note`` is for the instructor."""

    student: str
    name: str
    known: bool = True
    note: str = ""


def owner_of(readings: Sequence[Owner], roster: Roster) -> Owner:
    """Of the owners that one name can mean, the one whom the list confirms; else the first.

    On Canvas it confirms a number together with its name, which no file's name can bring
    about; on Blackboard the longest user name that somebody has.
    """
    if readings[0].platform == "blackboard":
        return next((o for o in reversed(readings) if roster.by_id(o.number)), readings[0])
    for owner in readings:
        student = roster.by_number(owner.platform, owner.number)
        if student and roster.agrees(student, owner.name):
            return owner
    return readings[0]


def identities(owners: Sequence[Owner], roster: Roster) -> dict[str, tuple[Identity, ...]]:
    """By the owners' keys: who each is; several where a team handed in together."""
    trusted = _trusted([owner for owner in owners if owner.platform == "moodle"], roster)
    found = {o.key: _students(o, roster, o.platform == "canvas" or trusted) for o in owners}
    dropped = _dropped(owners, found)
    names = _names([o for o in owners if o.key in dropped or not found[o.key].students], roster)
    result: dict[str, tuple[Identity, ...]] = {}
    for owner in owners:
        match = found[owner.key]
        if owner.key in dropped or not match.students:
            note = dropped.get(owner.key, match.note)
            name = names[owner.key]
            result[owner.key] = (Identity(name, name, not roster.students, note),)
        else:
            result[owner.key] = tuple(Identity(s.id, s.name, True, match.note) for s in match.students)
    return result


@dataclass(frozen=True)
class _Match:
    """Whom the list names, how well (0: by the platform's number), and what to tell the instructor."""

    students: tuple[Student, ...] = ()
    level: int = 99
    note: str = ""


def _students(owner: Owner, roster: Roster, trusted: bool) -> _Match:
    if not roster.students:
        return _Match()
    if owner.platform in ("moodle", "canvas"):
        if trusted and (student := roster.by_number(owner.platform, owner.number)):
            other = "" if roster.agrees(student, owner.name) else f"found by its number {owner.number}"
            return _Match((student,), 0, other)
        found = roster.by_name(owner.name)
        if owner.platform == "moodle" and not found.student:
            found = _after_a_team(owner.name, roster) or found
    elif owner.platform == "blackboard":
        student = roster.by_id(owner.number)
        found = Found(student, 0) if student else Found()
    else:
        found = roster.find(owner.number) if owner.number else roster.find(owner.name)
        if not found.student and owner.number:
            found = roster.by_name(owner.name)
        if not found.student and not found.why:
            found = _misread(owner.name, roster)
    if found.student:
        return _Match((found.student,), found.level)
    if members := roster.team(owner.name):
        return _Match(members, 0, f"{GROUP}{owner.name}")
    return _Match(note=found.why)


def _misread(name: str, roster: Roster) -> Found:
    """The student whose name a zip made on Windows has in another encoding, which it does not say.

    Such names were read as code page 437. That another encoding makes a name of the list of
    one is proof enough; where two encodings make two students' names, it is none.
    """
    try:
        data = name.encode("cp437")
    except UnicodeEncodeError:
        return Found()
    found: dict[str, Found] = {}
    for encoding in () if name.isascii() else ENCODINGS:
        with suppress(UnicodeDecodeError):
            match = roster.by_name(data.decode(encoding))
            if match.student:
                found[match.student.id] = match
    return next(iter(found.values())) if len(found) == 1 else Found()


def _after_a_team(name: str, roster: Roster) -> Found | None:
    """The student whose name stands after a dash: older Moodles put a group's name before it."""
    words = name.split("-")[:20]
    for index in range(1, len(words)):
        after = roster.by_name("-".join(words[index:]))
        if after.student:
            return Found(after.student, 50 + after.level)
    return None


def _trusted(owners: Sequence[Owner], roster: Roster) -> bool:
    """Whether Moodle's numbers in the names are those of the list's column.

    They are a group's where teams hand in, and the list's may be of another kind. So more of
    them must agree with their names than say one student where the name is another's. Where
    neither is to be seen, all names must be the same, as where marking is anonymous.
    """
    those = [(o, s) for o in owners if (s := roster.by_number("moodle", o.number))]
    agree = sum(roster.agrees(student, owner.name) for owner, student in those)
    against = sum(
        roster.by_name(owner.name).student not in (None, student)
        for owner, student in those
        if not roster.agrees(student, owner.name)
    )
    return agree > against if agree or against else len({o.name for o in owners}) == 1


def _dropped(owners: Iterable[Owner], found: Mapping[str, _Match]) -> dict[str, str]:
    """The owners who by their name could be a student whom another's number or name fits better.

    Two users of a platform are two persons, whatever they call themselves.
    """
    claims: dict[str, list[tuple[int, Owner]]] = {}
    for owner in owners:
        match = found[owner.key]
        if owner.platform in ("moodle", "canvas") and owner.number and len(match.students) == 1:
            claims.setdefault(match.students[0].id, []).append((match.level, owner))
    dropped: dict[str, str] = {}
    for student, those in claims.items():
        best = min(level for level, _ in those)
        winners = {owner.number for level, owner in those if level == best}
        for level, owner in those:
            if level > best or (len(winners) > 1 and best > 0):
                dropped[owner.key] = f"not clear who this is: {len(those)} hand-ins could be by {student}"
    return dropped


def _names(owners: Sequence[Owner], roster: Roster) -> dict[str, str]:
    """What those are called whom the list does not have: each by another name, and none by a listed id."""
    names = {owner.key: owner.name for owner in owners}
    listed = {key(text) for student in roster.students for text in (student.id, *student.ids)}
    for owner in owners:
        if key(owner.name) in listed:
            names[owner.key] = f"{owner.name} ({owner.number or 'not on the list'})"
    for _ in range(2):
        count = Counter(names.values())
        for owner in owners:
            if owner.number and owner.number != names[owner.key] and count[names[owner.key]] > 1:
                names[owner.key] = f"{names[owner.key]} ({owner.number})"
    return names
