"""`triptych bench`: the chapter `performance` at full scale, on this machine, into ``results/``.

Each notebook runs by papermill in a process of its own, round by round, the frameworks
in turn: what disturbs the machine for an hour then disturbs all three. A part is one
notebook in one round. What is finished is kept in ``_build/bench/performance`` and not
measured again; what was measured before an interruption is kept, too.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from triptych.benchmark import hardware as machine
from triptych.benchmark import records as results
from triptych.benchmark.units import number, readable
from triptych.course import Course
from triptych.dev.doctor import installed
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS

CHAPTER = "performance"

#: Where parts are kept until the record is whole, in the course's folder.
WORK = "_build/bench/performance"

#: From this use of the processors by others, in per cent, a machine is called busy.
BUSY = 15.0

#: Finished parts older than this are measured again: one record, one state of the machine.
KEPT = timedelta(days=7)

#: What each framework's results depend on, as packages are named on PyPI.
PACKAGES = {
    "pytorch": ("torch", "keras", "numpy", "onnxruntime"),
    "tensorflow": ("tensorflow", "keras", "numpy", "ai-edge-litert"),
    "jax": ("jax", "jaxlib", "keras", "numpy"),
}

#: How a framework is asked for its GPUs, in a process of its own. Prints a list of their names.
GPUS = {
    "pytorch": """
import torch
found = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]""",
    "tensorflow": """
import tensorflow as tf
told = tf.config.experimental.get_device_details
found = [told(d).get("device_name", "GPU") for d in tf.config.list_physical_devices("GPU")]""",
    "jax": """
import jax
found = [d.device_kind for d in jax.devices() if d.platform == "gpu"]""",
}


@dataclass(frozen=True)
class Settings:
    """What every notebook is told, and how often each runs."""

    scale: str
    device: str
    precision: str
    rounds: int

    @property
    def name(self) -> str:
        """The folder of its parts."""
        return f"{self.scale}-{self.device}-{self.precision}"

    def is_that_of(self, told: Mapping[str, Any]) -> bool:
        """Whether an entry or a part has these settings, however many rounds."""
        return all(told.get(key) == getattr(self, key) for key in ("scale", "device", "precision"))


@dataclass(frozen=True)
class Part:
    """One notebook in one round. ``file`` is what it writes, and what is kept of it."""

    number: int
    round: int
    framework: str
    notebook: Path
    file: Path


#: A list of numbers, as json.dumps spreads it over lines.
_NUMBERS = re.compile(r"\[[-+.\deE,\s]+\]")


class Interrupted(Exception):
    """Ctrl-C, or a signal to end; what was measured is kept."""


def settings(scale: str, device: str, precisions: Sequence[str], rounds: int) -> list[Settings]:
    """The settings asked for, one for each precision. Raises TriptychError for an unknown one."""
    for option, value, known in (
        ("--scale", scale, results.SCALES),
        ("--device", device, results.DEVICES),
        *(("--precision", precision, results.PRECISIONS) for precision in precisions),
    ):
        if value not in known:
            raise TriptychError(
                f"{option} {value}", f"no such {option[2:]}", f"there are: {', '.join(known)}"
            )
    if device == "cpu" and "tf32" in precisions:
        raise TriptychError("--precision tf32", "only GPUs have it", "measure with --device gpu")
    return [Settings(scale, device, precision, rounds) for precision in dict.fromkeys(precisions)]


def chosen(names: Sequence[str]) -> list[str]:
    """The frameworks asked for, in panel order, all by default. Raises TriptychError for an unknown one."""
    if unknown := next((name for name in names if name not in FRAMEWORKS), None):
        raise TriptychError(
            f"--framework {unknown}", "no such framework", f"there are: {', '.join(FRAMEWORKS)}"
        )
    return [name for name in FRAMEWORKS if name in names or not names]


def named(
    course: Course, frameworks: Sequence[str], device: str, name: str | None
) -> tuple[str, machine.Hardware]:
    """The record's name and this machine's hardware, when every framework finds the device.

    Raises TriptychError where one does not, or for a name that is none.
    """
    if name is not None and (name != machine.slug(name) or f"{name}.json" in results.OTHERS):
        problem = "not a name for a record"
        raise TriptychError(f"--name {name}", problem, "use small letters, digits and dashes: lab-7")
    gpus = available(course, frameworks, device)
    hardware = machine.hardware()
    if gpus and hardware.gpu is None:  # no NVIDIA driver's tool, but the frameworks know
        hardware = replace(hardware, gpu=machine.Gpu(gpus[0], len(gpus), None))
    return name or hardware.slug(device), hardware


def available(course: Course, frameworks: Sequence[str], device: str) -> list[str]:
    """The GPUs' names (none for the CPU), when each framework is installed and finds the device.

    Raises TriptychError, which names the frameworks that do not.
    """
    course.siblings(CHAPTER)
    others = "or leave it out: --framework NAME measures the others"
    for framework in frameworks:
        package = PACKAGES[framework][0]
        if installed(package) is None:
            raise TriptychError(package, "not installed", f"`make lab` installs it, {others}")
    if device == "cpu":
        return []
    found = {framework: _gpus(framework) for framework in frameworks}
    if blind := [FRAMEWORKS[name].title for name, gpus in found.items() if not gpus]:
        raise TriptychError(
            "--device gpu",
            f"no GPU for {', '.join(blind)}",
            "it needs a driver and the framework's build for it; --framework NAME measures the others"
            if len(blind) < len(found)
            else "it needs a driver and the frameworks' builds for it; --device cpu measures the processor",
        )
    return next(iter(found.values()))


def _gpus(framework: str) -> list[str]:
    """The GPUs that a framework finds; none where it cannot even be imported."""
    ask = f"{GPUS[framework]}\nimport json\nprint(json.dumps(found))"
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, env=quiet, check=False)
    try:
        return json.loads(done.stdout.splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        return []


def papermill(notebook: Path, executed: Path, parameters: Mapping[str, str]) -> list[str]:
    """The command that runs a notebook with these parameters."""
    options = [f"--cwd={notebook.parent}", "--kernel=python3", "--no-progress-bar", "--no-log-output"]
    told = [word for name, value in parameters.items() for word in ("-r", name, value)]
    return [sys.executable, "-m", "papermill", str(notebook), str(executed), *options, *told]


class Bench:
    """One machine's measurement. ``say`` prints a line."""

    def __init__(
        self,
        course: Course,
        name: str,
        hardware: machine.Hardware,
        frameworks: Sequence[str] = tuple(FRAMEWORKS),
        say: Callable[[str], None] = print,
    ) -> None:
        """``name``: the record's; ``frameworks``: those to measure."""
        self.course, self.name, self.hardware, self.say = course, name, hardware, say
        self.frameworks = [framework for framework in FRAMEWORKS if framework in frameworks]
        self.folder = course.root / WORK / name
        self.installed = {
            framework: {p: version for p in PACKAGES[framework] if (version := installed(p))}
            for framework in self.frameworks
        }

    def run(self, settings: Settings, fresh: bool = False) -> bool:
        """Measure what is not measured yet, and write the record; whether all of it is there.

        With ``fresh``, earlier parts are thrown away. Raises Interrupted when stopped, after
        the record of what there is has been written.
        """
        parts = self.parts(settings)
        if fresh:
            for part in parts:
                part.file.unlink(missing_ok=True)
        waiting = [part for part in parts if not self.is_kept(part, settings)]
        self.say(
            f"{self.name}: scale {settings.scale}, {settings.device}, {settings.precision}; "
            f"{_many(settings.rounds, 'round')} of {_many(len(self.frameworks), 'notebook')}"
        )
        if kept := len(parts) - len(waiting):
            again = "" if waiting else " Nothing is left to measure."
            self.say(f"{kept} of {len(parts)} parts are measured already (--fresh begins anew).{again}")
        took: dict[str, float] = {p.framework: self._stored(p)["seconds"] for p in parts if p not in waiting}
        with _stoppable():
            try:
                for done, part in enumerate(waiting):
                    left = _left([p.framework for p in waiting[done:]], took)
                    title = f"round {part.round}, {FRAMEWORKS[part.framework].title}"
                    self.say(f"[{part.number}/{len(parts)}] {title}{left}")
                    if seconds := self._measure(part, settings, first=not done):
                        took[part.framework] = seconds
            except KeyboardInterrupt:
                self.say("Stopped. What was measured is kept; the same command goes on from here.")
                self.write(parts, settings)
                raise Interrupted from None
        return self.write(parts, settings)

    def parts(self, settings: Settings) -> list[Part]:
        """Round by round, the frameworks in turn."""
        siblings = self.course.siblings(CHAPTER)
        folder = self.folder / settings.name
        turns = [(number, name) for number in range(1, settings.rounds + 1) for name in self.frameworks]
        return [
            Part(count, number, name, siblings[name], folder / f"round-{number}-{name}.json")
            for count, (number, name) in enumerate(turns, 1)
        ]

    def is_kept(self, part: Part, settings: Settings) -> bool:
        """Whether the part was finished with these settings, versions and notebook, and lately."""
        stored = self._stored(part)
        return (
            bool(stored.get("complete"))
            and settings.is_that_of(stored)
            and stored["installed"] == self.installed[part.framework]
            and stored["notebook"] == _code(part.notebook)
            and date.today() - date.fromisoformat(stored["date"]) <= KEPT
        )

    # --- one part ------------------------------------------------------------

    def _measure(self, part: Part, settings: Settings, first: bool) -> float | None:
        """Run the notebook; what it measured is in the part's file, finished or not.

        Gives the seconds that it took, or None where it failed.
        """
        part.file.parent.mkdir(parents=True, exist_ok=True)
        part.file.unlink(missing_ok=True)
        before = self._load(first)
        others, start = machine.Others(), time.monotonic()
        parameters = {k: v for k, v in asdict(settings).items() if k != "rounds"}
        executed, log = part.file.with_suffix(".ipynb"), part.file.with_suffix(".log")
        watch = _Watch(part.file, self.say)
        with log.open("w", encoding="utf-8") as told:
            # A session of its own: Ctrl-C reaches this process alone, which then ends the other.
            process = subprocess.Popen(
                papermill(part.notebook, executed, {**parameters, "record": str(part.file)}),
                cwd=part.notebook.parent,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                start_new_session=True,
            )
            stopped = False
            try:
                while process.poll() is None:
                    time.sleep(0.2)
                    watch.look()
            except KeyboardInterrupt:
                stopped = True
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # who presses twice loses nothing
                _end(process)
        watch.look()
        seconds = time.monotonic() - start
        finished = not stopped and process.returncode == 0
        meanwhile = others.percent() if finished else None
        try:
            self._keep(part, settings, watch.seen, finished, seconds, before, meanwhile)
        except TriptychError as error:
            part.file.unlink(missing_ok=True)
            self.say(f"      {error}")
            finished = False
        else:
            if not finished and not stopped:
                self.say(f"      failed: {_last_line(log)} (more in {self.course.name(log)})")
        if stopped:
            raise KeyboardInterrupt
        if not finished:
            return None
        busy = f"; other programs used {meanwhile:.0f} %" if (meanwhile or 0) >= BUSY else ""
        self.say(f"      {len(watch.seen['measurements'])} measurements in {_minutes(seconds)}{busy}")
        return seconds

    def _load(self, first: bool) -> dict[str, Any]:
        """The load before a part, said where it is too much."""
        load = machine.load()
        average = load.load_average
        # The average looks a minute back: at the start only, later that was our own notebook.
        crowded = first and average is not None and average[0] >= self.hardware.cores
        busy = load.cpu_percent >= BUSY or crowded
        if busy and first:
            said = f", load average {average[0]:.1f}" if average else ""
            self.say(
                f"      The machine is busy with other work ({load.cpu_percent:.0f} % of its processors"
                f"{said}): times will be too long, and the record will say so. Close other programs first."
            )
        elif busy:
            self.say(
                f"      The machine is busy with other work ({load.cpu_percent:.0f} % of its processors)."
            )
        return {
            "cpu_percent": round(min(100.0, load.cpu_percent), 1),
            "load_average": list(average) if average else None,
            "others_percent": None,
            "busy": busy,
        }

    def _keep(
        self,
        part: Part,
        settings: Settings,
        measured: Mapping[str, Any] | None,
        complete: bool,
        seconds: float,
        load: Mapping[str, Any],
        others: float | None,
    ) -> None:
        """Store what the notebook wrote with what it cannot know; nothing where it wrote nothing."""
        if measured is None:
            part.file.unlink(missing_ok=True)
            if complete:
                raise TriptychError(
                    self.course.name(part.notebook), "ran, but wrote no record", "see to its function keep()"
                )
            return
        told = {
            **measured,
            "round": part.round,
            "date": date.today().isoformat(),
            "complete": complete,
            "seconds": round(seconds, 1) or 0.1,
            "load": {**load, "others_percent": others, "busy": load["busy"] or (others or 0) >= BUSY},
            "installed": self.installed[part.framework],
            "notebook": _code(part.notebook),
        }
        place = self.course.name(part.file)
        results.require(told, place, "part", f"mend keep() in {self.course.name(part.notebook)}")
        if told["framework"] != part.framework or not settings.is_that_of(told):
            raise TriptychError(place, "the notebook ran with other settings", "see to its parameters")
        _write(part.file, told)

    def _stored(self, part: Part) -> dict[str, Any]:
        """What is stored of a part; nothing where it was never stored."""
        try:
            stored = json.loads(part.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stored if isinstance(stored, dict) and "notebook" in stored else {}

    # --- the record ----------------------------------------------------------

    def write(self, parts: Sequence[Part], settings: Settings) -> bool:
        """Write the record of the parts there are; whether all are finished.

        A trial at scale "quick" stays in the parts' folder, and what is incomplete does not
        replace what is complete.
        """
        if not (entry := self._entry(parts, settings)):
            self.say("Nothing was measured; no record is written.")
            return False
        file = self.course.root / results.FOLDER / f"{self.name}.json"
        place = self.course.name(file)
        before = results.raw(file, place) if file.is_file() else None
        entries = before["entries"] if before else []
        same = next((e for e in entries if settings.is_that_of(e["settings"])), None)
        if settings.scale != "full":
            file, entries = self.folder / "trial.json", []
            self.say("A trial: only scale full is recorded in results/.")
        elif same and same["complete"] and not entry["complete"]:
            file, entries = self.folder / "incomplete.json", []
            self.say(f"{place} keeps its complete measurement of {same['date']}.")
        elif same:
            others = set(same["frameworks"]) - set(entry["frameworks"])
            entry["complete"] = entry["complete"] and (same["complete"] or not others)
            entry["frameworks"] = {**same["frameworks"], **entry["frameworks"]}
            entry["busy"] = any(p["load"]["busy"] for f in entry["frameworks"].values() for p in f["rounds"])
        entries = [e for e in entries if not settings.is_that_of(e["settings"])] + [entry]
        record = {
            "schema": results.VERSION,
            "machine": self.name,
            "date": max(e["date"] for e in entries),
            "hardware": self.hardware.as_json(),
            "system": machine.system(),
            "entries": sorted(entries, key=lambda e: [e["settings"][k] for k in ("device", "precision")]),
        }
        results.require(record, self.course.name(file))
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, record)
        done = sum(self.is_kept(part, settings) for part in parts)
        self.say(f"{self.course.name(file)}: {done} of {len(parts)} parts, {_count(entry)} measurements")
        return entry["complete"]

    def _entry(self, parts: Sequence[Part], settings: Settings) -> dict[str, Any] | None:
        stored = [(part, told) for part in parts if (told := self._stored(part)).get("measurements")]
        stored = [
            (part, told)
            for part, told in stored
            if settings.is_that_of(told) and told["installed"] == self.installed[part.framework]
        ]
        if not stored:
            return None
        frameworks: dict[str, dict[str, Any]] = {}
        for part, told in stored:
            versions = {**told["installed"], **told["versions"]}
            framework = frameworks.setdefault(part.framework, {"versions": versions, "rounds": []})
            keys = ("round", "date", "complete", "seconds", "load", "measurements")
            framework["rounds"].append({key: told[key] for key in keys})
        return {
            "date": max(told["date"] for _, told in stored),
            "settings": asdict(settings),
            "load": stored[0][1]["load"],
            "busy": any(told["load"]["busy"] for _, told in stored),
            "complete": all(self.is_kept(part, settings) for part in parts),
            "frameworks": {name: frameworks[name] for name in FRAMEWORKS if name in frameworks},
        }


class _Watch:
    """Reads the file that a running notebook writes, and tells what is new in it.

    ``seen`` is its last whole state: an interruption may leave the file cut off.
    """

    def __init__(self, file: Path, say: Callable[[str], None]) -> None:
        self.file, self.say = file, say
        self.seen: dict[str, Any] | None = None
        self._changed = 0

    def look(self) -> None:
        """Read again where the file has changed."""
        try:
            changed = self.file.stat().st_mtime_ns
            if changed == self._changed:
                return
            state = json.loads(self.file.read_text(encoding="utf-8"))
            new = state["measurements"][len(self.seen["measurements"]) if self.seen else 0 :]
        except (OSError, ValueError, KeyError, TypeError):
            return  # not there yet, or half written: there will be another look
        self.seen, self._changed = state, changed
        for measured in new:
            self.say(f"      {_told(measured)}")


def _told(measured: Mapping[str, Any]) -> str:
    """One measurement in a line; whatever is wrong with it is told later, by the schema."""
    try:
        median = statistics.median(measured["samples_s"])
        rate = ""
        if (items := measured.get("items")) and measured.get("item") in ("image", "row", "example"):
            rate = f", {number(items / median)} {measured['item']}s/s"
        threads = f", threads: {measured['threads']}" if "threads" in measured else ""
        return f"{measured['name']}, {measured['variant']}{threads}: {readable(median)}{rate}"
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return "a measurement"


def _code(notebook: Path) -> str:
    """A hash of the notebook's code: other code measures something else."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()[:16]


def _count(entry: Mapping[str, Any]) -> int:
    return sum(len(p["measurements"]) for f in entry["frameworks"].values() for p in f["rounds"])


def _write(file: Path, data: Mapping[str, Any]) -> None:
    """Replace the file in one step. A line for each list of numbers keeps it short."""
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)
    temporary = file.with_suffix(".json.new")
    temporary.write_text(_NUMBERS.sub(lambda found: " ".join(found[0].split()), text) + "\n", "utf-8")
    temporary.replace(file)


def _left(frameworks: Sequence[str], took: Mapping[str, float]) -> str:
    """How long the notebooks that are left will take, where any was timed."""
    if not took:
        return ""
    mean = sum(took.values()) / len(took)
    return f" (about {_minutes(sum(took.get(name, mean) for name in frameworks))} left)"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line[:200] for line in reversed(lines) if line), "no message")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End papermill, its kernel (which is in a session of its own) and what that has started."""
    if process.poll() is not None:
        return
    import psutil

    try:
        top = psutil.Process(process.pid)
        family = [*top.children(recursive=True), top]
    except psutil.NoSuchProcess:
        family = []
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        for member in family:
            try:
                ask(member)
            except psutil.NoSuchProcess:
                continue
        _, family = psutil.wait_procs(family, timeout=5)
    process.wait()


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C, a signal to end and a closed terminal are one thing: KeyboardInterrupt."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {which: signal.signal(which, stop) for which in signals}
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
