"""How many notebooks a minute: `triptych grade`, `nbgrader autograde` and otter's runner.

The same submissions of one exercise (a branch that compiles, in PyTorch, TensorFlow
and JAX), graded in one run on the same machine, each grader with the time that its
start takes and without. There are two tables. In "mixed" two of 25 are hostile, and an
endless loop costs each grader its own limit. In "equal" no notebook is hostile and all
limits are the same, so that nobody is compared at a disadvantage; ours also grades it on
one core, as the others do. The slow ones get the first few notebooks.

    make bench-grading

Results are printed and stored in bench/grading.json, with how busy the machine was. This
is a measurement, not a test: only whether right answers have full marks and hostile ones
none is checked. CPU seconds say more than walls where the machine has other things to do.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
import venv
from dataclasses import asdict, dataclass, field
from pathlib import Path

from triptych.benchmark import hardware as machine
from triptych.machine import cores as usable_cores
from triptych.notebooks import cells as plain

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "_build/bench"
EXERCISE = "branch"
#: An endless loop costs its limit. Frameworks are imported before a submission starts here, so two
#: seconds for a call are plenty; nbgrader's limit is one for every cell, the imports among them.
LIMITS = ("--limit", "cells=10", "--limit", "call=2")
NBGRADER_SECONDS = 10
#: In the table "equal": seconds for ours and for nbgrader's cell. `otter run` knows no limit.
EQUAL_SECONDS = 60
EQUAL_LIMITS = ("--limit", f"cells={EQUAL_SECONDS}", "--limit", f"call={EQUAL_SECONDS}")

#: The answers, by kind and framework. A right answer in TensorFlow that also writes to stderr is "noisy".
RIGHT = {
    "pytorch": "def limit_norm(x, ceiling):\n    n = torch.linalg.vector_norm(x)\n"
    "    return torch.where(n > ceiling, x * (ceiling / torch.clamp(n, min=1e-30)), x)\n",
    "tensorflow": "def limit_norm(x, ceiling):\n    n = tf.norm(x)\n"
    "    return tf.where(n > ceiling, x * (ceiling / tf.maximum(n, 1e-30)), x)\n",
    "jax": "def limit_norm(x, ceiling):\n    n = jnp.linalg.norm(x)\n"
    "    return jnp.where(n > ceiling, x * (ceiling / jnp.maximum(n, 1e-30)), x)\n",
}
WRONG = {
    "python branch": "def limit_norm(x, ceiling):\n    n = float(np.sqrt((np.asarray(x) ** 2).sum()))\n"
    "    return x * (ceiling / n) if n > ceiling else x\n",
    "always scaled": "def limit_norm(x, ceiling):\n    return x * ceiling\n",
    "an error": "def limit_norm(x, ceiling):\n    return x.no_such_thing()\n",
}
BLANK = "def limit_norm(x, ceiling):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"
HOSTILE = {
    "endless loop": "def limit_norm(x, ceiling):\n    while True:\n        pass\n",
    "exit": "import os\nos._exit(0)\n",
}


@dataclass(frozen=True)
class Handed:
    """One submission: the student, the framework, the kind of answer and its text."""

    student: str
    framework: str
    kind: str
    answer: str


def mixed(count: int) -> list[Handed]:
    """``count`` submissions, by 25: 14 right, 6 wrong, 3 blank, 2 hostile; each text is different."""
    kinds: list[tuple[str, str, str]] = []
    names = list(RIGHT)
    for number in range(12):
        kinds.append((names[number % 3], "right", RIGHT[names[number % 3]]))
        if number % 2 == 0:
            kind = list(WRONG)[number // 2 % 3]
            kinds.append((names[(number // 2 + number // 6) % 3], kind, WRONG[kind]))
        if number % 4 == 1:
            kinds.append((names[number // 4], "blank", BLANK))
        if number % 6 == 3:
            noisy = "import sys\nprint('a note', file=sys.stderr)\n" + RIGHT["tensorflow"]
            kinds.append(("tensorflow", "right", noisy))
            kind = list(HOSTILE)[number // 6]
            kinds.append((names[number // 6], kind, HOSTILE[kind]))
    return [
        Handed(f"s{i:04}", framework, kind, f"{answer}# {i}\n")
        for i in range(count)
        for framework, kind, answer in [kinds[i % len(kinds)]]
    ]


def peaceful(count: int) -> list[Handed]:
    """``count`` submissions of the mix without the hostile ones."""
    return [one for one in mixed(2 * count) if one.kind not in HOSTILE][:count]


# --- the notebooks -----------------------------------------------------------------------


def cells(path: Path) -> list[plain.Cell]:
    """The exercise's cells: imports, helpers, the answer, its visible check."""
    wanted = ["setup", "helpers", f"{EXERCISE}-answer", EXERCISE]
    by_name = {plain.name(cell): cell for cell in plain.cells(plain.read(path))}
    return [by_name[name] for name in wanted]


def notebook(parts: list[plain.Cell]) -> str:
    """A notebook of those cells."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return plain.dump(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": parts}
    )


def answered(handed: Handed) -> str:
    """The released exercise with the student's answer."""
    parts = cells(ROOT / f"exercises/graphs/{handed.framework}.ipynb")
    parts[2] = {**parts[2], "source": handed.answer}
    return notebook(parts)


def only_the_exercise(folder: Path) -> Path:
    """A folder of hidden checks: the chapter's, without those of other exercises."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (ROOT / "solutions/graphs/checks.py").read_text(encoding="utf-8")
    text += (
        "\nfor _name in list(globals()):\n"
        f"    if getattr(globals()[_name], 'exercise', {EXERCISE!r}) != {EXERCISE!r}:\n"
        "        del globals()[_name]\n"
    )
    (folder / "checks.py").write_text(text, encoding="utf-8")
    return folder


# --- the graders ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """Seconds for so many notebooks, and how many a minute that is, start included or not.

    ``cpu_seconds`` are those of all processes, start included: they say more where
    the machine has other things to do. ``peak_mb`` is the grader's own memory, ``load``
    how many processes wanted a core in the minute before its end, its own among them.
    """

    grader: str
    version: str
    notebooks: int
    seconds: float
    start_seconds: float
    cpu_seconds: float
    peak_mb: float = 0.0
    jobs: int = 1
    load: float = field(default_factory=lambda: round(os.getloadavg()[0], 1))

    @property
    def a_minute(self) -> float:
        """Notebooks a minute, without the start."""
        return 60 * self.notebooks / max(self.seconds - self.start_seconds, 1e-9)

    @property
    def a_minute_with_start(self) -> float:
        """Notebooks a minute, start included."""
        return 60 * self.notebooks / self.seconds


def environment(name: str, *requirements: str) -> Path:
    """The Python of an environment of its own, which sees the course's packages behind its own."""
    folder = WORK / f"env-{name}"
    python = folder / "bin/python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        site = next(folder.glob("lib/python*/site-packages"))
        ours = next(Path(sys.prefix).glob("lib/python*/site-packages"))
        (site / "course.pth").write_text(f"{ours}\n", encoding="utf-8")
        # Our versions, but for what a requirement says itself.
        named = tuple(name for name in requirements if "<" in name)
        constraints = folder / "constraints.txt"
        lines = (ROOT / "constraints/default.txt").read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not any(line.split("==")[0] == n.split("<")[0] for n in named)]
        constraints.write_text("\n".join(kept), encoding="utf-8")
        subprocess.run([python, "-m", "pip", "install", "-q", "-c", constraints, *requirements], check=True)
    return python


def timed(command: list[object], folder: Path, python: Path | None = None) -> tuple[float, str]:
    """Run to the end: seconds, and what was printed. A grader may fail; its marks tell."""
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}" if python else os.environ["PATH"]
    settings = {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    started = time.monotonic()
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    return time.monotonic() - started, done.stdout + done.stderr


def cpu() -> float:
    """CPU seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def triptych(handed: list[Handed], name: str, jobs: int, limits: tuple[str, ...] = LIMITS) -> Measured:
    """`triptych grade` on a folder; its start is what three blank notebooks take, less those."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "class").mkdir(parents=True)
    (folder / "one").mkdir()
    for one in handed:
        (folder / "class" / f"{one.student}.ipynb").write_text(answered(one), encoding="utf-8")
    for framework in RIGHT:  # all three, so that all are imported
        text = answered(Handed(framework, framework, "blank", "x = 1\n"))
        (folder / "one" / f"{framework}.ipynb").write_text(text, encoding="utf-8")
    checks = only_the_exercise(folder / "checks")
    command = [sys.executable, "-m", "triptych.cli", "grade", "--chapter", "graphs", "--checks", checks]
    command += ["--seed", 1, "--jobs", jobs, *limits]
    start, text = timed([*command, folder / "one"], ROOT)
    blanks = json.loads((folder / "one-graded/marks.json").read_text(encoding="utf-8"))["submissions"]
    start -= sum(s["run"]["wall_s"] for s in blanks) / min(jobs, len(blanks))
    before = cpu()
    seconds, peak, text = measured([*command, folder / "class"])
    # The sandbox's own processes are waited for inside of it, and so counted by it.
    graded = json.loads((folder / "class-graded/marks.json").read_text(encoding="utf-8"))["submissions"]
    used = cpu() - before + sum(s["run"]["cpu_s"] for s in graded)
    marks = {
        row["student"]: float(row["mark"])
        for row in csv.DictReader((folder / "class-graded/marks.csv").open(encoding="utf-8-sig"))
    }
    assert len(marks) == len(handed), text
    full = max(marks.values())
    for one in handed:
        assert (marks[one.student] == full) == (one.kind == "right"), (one, marks[one.student])
        assert marks[one.student] == 0 or one.kind not in ("blank", *HOSTILE), one
    return Measured("triptych grade", "", len(handed), seconds, start, used, peak, jobs)


def measured(command: list[object]) -> tuple[float, float, str]:
    """Seconds, the greatest memory of the grader's own process in MB, and what was printed."""
    started, peak = time.monotonic(), 0.0
    log = (WORK / "log").open("w+", encoding="utf-8")
    process = subprocess.Popen(list(map(str, command)), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    while process.poll() is None:
        time.sleep(0.05)
        try:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            peak = max(
                peak, *(int(line.split()[1]) / 1024 for line in status.splitlines() if "VmRSS" in line)
            )
        except (OSError, TypeError):
            pass
    seconds = time.monotonic() - started
    log.seek(0)
    return seconds, peak, log.read()


def nbgrader(handed: list[Handed], limit: int = NBGRADER_SECONDS) -> Measured:
    """`nbgrader autograde`, an assignment for each framework; its start is that of its own command."""
    python = environment("nbgrader", "nbgrader")
    folder = WORK / "nbgrader"
    shutil.rmtree(folder, ignore_errors=True)
    command = [python, "-m", "nbgrader"]
    for framework in RIGHT:
        source = folder / f"source/{framework}/{framework}.ipynb"
        source.parent.mkdir(parents=True)
        source.write_text(notebook(cells(ROOT / f"solutions/graphs/{framework}.ipynb")), encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.ExecutePreprocessor.timeout = {limit}\n", encoding="utf-8"
    )
    for framework in RIGHT:
        _, text = timed([*command, "generate_assignment", framework, "--create"], folder, python)
        released = folder / f"release/{framework}/{framework}.ipynb"
        assert released.is_file(), text
        for one in handed:
            if one.framework != framework:
                continue
            node = plain.read(released)
            node["cells"][2]["source"] = one.answer
            place = folder / f"submitted/{one.student}/{framework}/{framework}.ipynb"
            place.parent.mkdir(parents=True)
            place.write_text(plain.dump(node), encoding="utf-8")
    start, version = timed([*command, "--version"], folder, python)
    seconds, before = 0.0, cpu()
    for framework in RIGHT:
        took, text = timed([*command, "autograde", framework], folder, python)
        seconds += took
    return Measured(
        "nbgrader autograde", version.split()[-1], len(handed), seconds, 3 * start, cpu() - before
    )


def otter(handed: list[Handed]) -> Measured:
    """`otter run`, one notebook at a time, as its runner does inside a container; start not told apart."""
    python = environment("otter", "otter-grader", "setuptools<81")
    folder = WORK / "otter"
    shutil.rmtree(folder, ignore_errors=True)
    seconds = 0.0
    for framework in RIGHT:
        tests = folder / framework / "tests"
        tests.mkdir(parents=True)
        source = plain.source(cells(ROOT / f"exercises/graphs/{framework}.ipynb")[3])
        lines = ">>> " + "\n... ".join(
            ["if True:", *("    " + line for line in source.splitlines() if line), ""]
        )
        case = {"code": lines, "hidden": False, "locked": False}
        test = {"name": EXERCISE, "points": 5, "suites": [{"cases": [case], "type": "doctest"}]}
        (tests / f"{EXERCISE}.py").write_text(f"OK_FORMAT = True\n\ntest = {test!r}\n", encoding="utf-8")
        _, text = timed(
            [python, "-m", "otter", "generate", "-t", "tests", "-o", "a.zip"], tests.parent, python
        )
        assert list(tests.parent.glob("*.zip")), text
    before = cpu()
    for one in handed:
        place = folder / one.framework / f"{one.student}.ipynb"
        parts = cells(ROOT / f"exercises/graphs/{one.framework}.ipynb")[:3]
        parts[2] = {**parts[2], "source": one.answer}
        place.write_text(
            notebook([{**p, "outputs": [], "execution_count": None} for p in parts]), encoding="utf-8"
        )
        archive = next(place.parent.glob("*.zip"))
        command = [
            python,
            "-m",
            "otter",
            "run",
            "-a",
            archive,
            "-o",
            f"out-{one.student}",
            "--no-logo",
            place.name,
        ]
        (place.parent / f"out-{one.student}").mkdir()
        took, text = timed(command, place.parent, python)
        assert (place.parent / f"out-{one.student}/results.json").is_file() or one.kind in HOSTILE, text
        seconds += took
    return Measured("otter run", "", len(handed), seconds, 0.0, cpu() - before)


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=100, help="for triptych (also ten times as many)")
    parser.add_argument("--few", type=int, default=25, help="for nbgrader: one round of the mix")
    parser.add_argument("--fewest", type=int, default=6, help="for otter, which has no limit of time")
    parser.add_argument("--jobs", type=int, default=usable_cores())
    parser.add_argument("--only", nargs="*", default=["mixed", "equal", "many"])
    parser.add_argument("--without-others", action="store_true", help="measure ours alone; store nothing")
    parser.add_argument("--note", default="", help="conditions to be stored with the figures")
    chosen = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    results: dict[str, Measured] = {}

    def record(name: str, one: Measured) -> None:
        results[name] = one
        report(one)

    jobs = chosen.jobs
    if "mixed" in chosen.only:
        record("triptych", triptych(mixed(chosen.submissions), "hundred", jobs))
    if "equal" in chosen.only:
        same = peaceful(chosen.submissions)
        record("equal triptych", triptych(same, "equal", jobs, EQUAL_LIMITS))
        record("equal triptych, one job", triptych(same, "equal-one", 1, EQUAL_LIMITS))
    if "many" in chosen.only:
        record("many", triptych(mixed(10 * chosen.submissions), "thousand", jobs))
    if {"triptych", "many"} <= set(results):
        a, b = results["triptych"], results["many"]
        print(f"ten times as many: {b.seconds / a.seconds:.1f} times the time, "
              f"{b.peak_mb - a.peak_mb:+.0f} MB of memory")  # fmt: skip
    if chosen.without_others:
        return
    few, same = mixed(chosen.few), peaceful(chosen.few)
    if "mixed" in chosen.only:
        record("nbgrader", nbgrader(few))
        record("otter", otter([one for one in few if one.kind != "endless loop"][: chosen.fewest]))
    if "equal" in chosen.only:
        record("equal nbgrader", nbgrader(same, EQUAL_SECONDS))
        record("equal otter", otter(same[: chosen.fewest]))
    for ours, theirs in (("triptych", "nbgrader"), ("equal triptych", "equal nbgrader"),
                         ("equal triptych, one job", "equal nbgrader"),
                         ("equal triptych, one job", "equal otter")):  # fmt: skip
        if {ours, theirs} <= set(results):
            a, b = results[ours], results[theirs]
            cpu_of = [one.cpu_seconds / one.notebooks for one in (b, a)]
            print(f"{ours} / {theirs}: {a.a_minute / b.a_minute:.0f} times, start included "
                  f"{a.a_minute_with_start / b.a_minute_with_start:.0f} times, "
                  f"in CPU seconds, starts included, {cpu_of[0] / cpu_of[1]:.0f} times")  # fmt: skip
    stored = {
        "date": time.strftime("%Y-%m-%d"),
        "cores": chosen.jobs,
        "processor": machine.this_machine().processor,
        "python": platform.python_version(),
        "note": chosen.note,
        "measured": {name: asdict(one) for name, one in results.items()},
    }
    place = Path(__file__).with_suffix(".json")
    place.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def report(one: Measured) -> None:
    """One line."""
    print(
        f"{one.grader:<20} {one.version:<8} {one.notebooks:>5} notebooks in {one.seconds:6.1f} s, "
        f"{one.start_seconds:.1f} s of them to start: {one.a_minute:6.1f} a minute, "
        f"start included {one.a_minute_with_start:.1f}; {one.cpu_seconds:.0f} s of CPU"
        + (f"; {one.peak_mb:.0f} MB" if one.peak_mb else "")
        + f"; {one.jobs} at a time; load {one.load}",
        flush=True,
    )


if __name__ == "__main__":
    main()
