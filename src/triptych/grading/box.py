"""The submission's side: runs inside the sandbox and answers the grader's calls.

Started as ``python -m triptych.grading.box warm FD FRAMEWORK...`` it imports the
frameworks once, then forks a *supervisor* for each submission, which makes the
jail and forks the *learner's process* into it. Only that last one runs code of
the submission; it may do what it likes to its own memory, this module included.
``... box single`` serves one submission on its standard streams, without a jail:
for a container, which is one already, and for one's own notebook.

    grader --ctl--> learner's process       cells, calls, values
    grader --life-> supervisor              closing it ends the submission
           <-life-- supervisor              how it ended, and what it used

No expected value, hidden check or mark is ever in any of these processes.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import re
import select
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from triptych.grading import jail, values

#: Processes that a submission may have at a time.
PROCESSES = 32

#: Seconds between two looks at a submission's memory, and at its processes once there are several.
WATCH, WATCH_SEVERAL = 0.02, 0.004


#: Parts that a framework imports when they are first used, which would cost each submission seconds.
LATE_PARTS = {
    "matplotlib": ("matplotlib.pyplot",),
    "torch": (
        "torch._dynamo",
        "torch._dynamo.backends.inductor",
        "torch._inductor.compile_fx",
        "torch.distributed.tensor.experimental",  # the tracer looks there
        "torch.export._trace",
    ),
    "tensorflow": ("keras",),
    "jax": ("jax.numpy", "jaxlib.mlir.dialects.mhlo"),
}

#: Exit status of a learner's process that cannot answer, as the submission broke what it needs.
BROKEN = 70


class OutOfTime(BaseException):
    """The time for the cells, or for a call, is over; not an Exception, so few handlers swallow it."""


# --- the warm process -------------------------------------------------------------------------


def warm(control: int, frameworks: list[str]) -> NoReturn:
    """Import ``frameworks``, then serve one submission for each pair of descriptors received.

    The first message says ``{"up": ...}`` or ``{"failed": sentence}``.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the supervisors
    if problem := trial():
        values.send(control, {"failed": problem})
        sys.exit(1)
    found = [name for name in ("numpy", "matplotlib", *frameworks) if importlib.util.find_spec(name)]
    for name in found:
        importlib.import_module(name)
        for part in LATE_PARTS.get(name, ()):
            with suppress(ImportError):
                importlib.import_module(part)
    shell = new_shell()
    if problems := unfit_to_fork():
        values.send(control, {"failed": "the warm process may not be forked: " + "; ".join(problems)})
        sys.exit(1)
    gc.collect()
    gc.freeze()  # what is imported stays shared between the submissions' processes
    warnings.filterwarnings("ignore", message=r".*fork\(\)")
    values.send(control, {"up": found, "threads": len(list(Path("/proc/self/task").iterdir()))})
    with socket.socket(fileno=control) as grader:
        while True:
            message, descriptors, _, _ = socket.recv_fds(grader, 1, 2)
            if not message:
                os._exit(0)
            ctl, life = descriptors
            if os.fork() == 0:
                grader.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                supervise(ctl, ctl, life, life, shell, jailed=True)
            os.close(ctl)
            os.close(life)


def unfit_to_fork() -> list[str]:
    """Why a fork of this process could hang in a framework: empty when nothing has been run yet."""
    problems = []
    if threading.active_count() != 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        problems.append(f"several Python threads run ({names})")
    if (bridge := sys.modules.get("jax._src.xla_bridge")) and bridge.backends_are_initialized():
        problems.append("JAX has initialised a backend")
    eager = sys.modules.get("tensorflow.python.eager.context")
    if eager and eager._context is not None and eager._context._initialized:
        problems.append("TensorFlow has initialised its devices")
    if (torch := sys.modules.get("torch")) and torch.cuda.is_initialized():
        problems.append("PyTorch has initialised CUDA")
    return problems


def trial() -> str:
    """Why no jail can be made here, or an empty text. Tried in a process of its own."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            jail.enter_namespaces()
            pid = os.fork()
            if pid == 0:
                enter_jail(memory=1 << 30, seconds=10)
            else:
                os.waitpid(pid, 0)
        except BaseException as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.close(writing)
    return read_all(reading)


def read_all(fd: int) -> str:
    """What is written to a pipe until it is closed at the other end."""
    with os.fdopen(fd, encoding="utf-8", errors="replace") as pipe:
        return pipe.read()


def enter_jail(memory: int, seconds: float) -> None:
    """From process 1 of new namespaces to one that can do no harm; the order matters."""
    jail.limit_processes()
    jail.hide_files()
    jail.limit_resources(memory, seconds)
    jail.drop_privileges()
    jail.filter_system_calls()
    os.chdir("/home/learner")


def new_shell() -> Any:
    """IPython's shell, in which the cells run: magics and ``display`` work, nothing is kept on disk."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=settings)
    shell.enable_gui = lambda gui=None: None  # `%matplotlib inline` asks for it
    shell.system = shell.system_raw  # `!pip install ...` fails without raising, and needs no terminal
    return shell


def single() -> NoReturn:
    """Serve one submission: calls on standard input and output, the last word on standard error.

    That word is found among what other programs write there by its first byte, a zero.
    """
    report = os.dup(2)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 2)
    supervise(0, 1, 0, report, new_shell(), jailed=False)


# --- the supervisor ---------------------------------------------------------------------------


def supervise(
    reading: int, writing: int, lifeline: int, report: int, shell: Any, *, jailed: bool
) -> NoReturn:
    """Fork the learner's process, watch it, end it, and tell the grader how it ended.

    ``reading`` and ``writing`` carry the calls, and are the learner's process's own
    from then on; when the grader's side of ``lifeline`` closes, all is ended; on
    ``report`` the last word is written. Does not return.
    """
    end: dict[str, Any] = {"why": "no jail", "detail": "", "output": ""}
    started = time.monotonic()
    try:
        job = values.receive(reading, limit=64 << 20, deadline=started + 10)
        inherited = memory_of("self")
        if jailed:
            jail.enter_namespaces()
        else:
            jail.adopt_orphans()
        told, tell = os.pipe()
        output, outlet = os.pipe()
        pid = os.fork()
        if pid == 0:
            for fd in {told, output, lifeline, report} - {reading, writing}:
                os.close(fd)
            learner(reading, writing, outlet, tell, shell, job, jailed)
        for fd in {tell, outlet, reading, writing} - {lifeline, report}:
            os.close(fd)
        end["detail"] = read_all(told)  # until the jail is entered, or could not be
        if not end["detail"]:
            end["why"] = "not watched"
            process = Process(pid, jailed)
            try:
                end |= watch(process, output, lifeline, job, started, inherited)
            finally:
                end |= process.end()
    except BaseException:
        end["detail"] = traceback.format_exc()[-1000:]
    try:
        values.send(report, end)
    finally:
        os._exit(0)


def watch(
    process: Process, output: int, lifeline: int, job: dict, started: float, inherited: int
) -> dict[str, Any]:
    """Look on until the learner's process has ended or must be ended; why, and what was seen.

    ``inherited``: bytes of memory that it shared with the warm process at the start.
    """
    kept = Kept(job["output"])
    poll = select.poll()
    poll.register(output, select.POLLIN)
    poll.register(lifeline, getattr(select, "POLLRDHUP", 0))  # closed at the other end; no data
    why, peak, most = "", 0, 1
    pause, look, measure, grown = WATCH, started, started, started  # when to look, and to measure, next
    while not why:
        for fd, event in poll.poll(pause * 1000):
            if fd == lifeline:
                why = "closed"
            elif not kept.read(output) and event & select.POLLHUP:
                poll.unregister(output)
        now = time.monotonic()
        if why or now < look:
            continue
        processes = submission(process.jailed)
        if len(processes) > most:
            most, grown = len(processes), now
        if process.ended():
            why = "exit"
        elif most > PROCESSES:
            why = "processes"
        elif now - started > job["total"]:
            why = "total"
        elif now >= measure:
            measure = now + WATCH
            used = memory_in(processes, inherited, job["memory"], settled=now - grown > WATCH)
            peak = max(peak, used)
            why = "memory" if used > job["memory"] else ""
        pause = WATCH_SEVERAL if len(processes) > 1 else WATCH
        look = now + pause
    os.set_blocking(output, False)
    for _ in range(64):  # more than a pipe holds
        if not kept.read(output):
            break
    return {"why": why, "peak": peak, "output": kept.text()}


class Process:
    """The first process of a submission; the others are its descendants."""

    def __init__(self, pid: int, jailed: bool) -> None:
        """``pid``: a child of this process's."""
        self.pid, self.jailed = pid, jailed
        self.status: int | None = None
        self.cpu = 0.0

    def ended(self, options: int = os.WNOHANG) -> bool:
        """Whether it has; if so, its status and its seconds of CPU are known."""
        if self.status is None:
            pid, status, usage = os.wait4(self.pid, options)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                self.cpu = usage.ru_utime + usage.ru_stime
        return self.status is not None

    def end(self) -> dict[str, Any]:
        """End the submission; how its first process ended."""
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)  # process 1 of its namespace: nothing outlives it
            self.ended(0)
        if not self.jailed:
            end_descendants()
        return {"status": self.status, "cpu": self.cpu}


class Kept:
    """The beginning and the end of what a submission prints, ``limit`` characters in all."""

    def __init__(self, limit: int) -> None:
        """Nothing is read yet."""
        self.half = max(limit // 2, 1)
        self.first, self.last, self.left_out = b"", b"", 0

    def read(self, fd: int) -> bool:
        """Take what is there; False at the end, and where nothing is there of a non-blocking ``fd``."""
        try:
            part = os.read(fd, 1 << 16)
        except BlockingIOError:
            return False
        room = self.half - len(self.first)
        self.first += part[:room]
        self.last += part[room:] if room > 0 else part
        beyond = max(len(self.last) - self.half, 0)
        self.last = self.last[beyond:]
        self.left_out += beyond
        return bool(part)

    def text(self) -> str:
        """What was kept, with a line that says how much was not."""
        gap = f"\n[... {self.left_out} bytes of output left out ...]\n".encode() if self.left_out else b""
        return (self.first + gap + self.last).decode("utf-8", "replace")


def submission(jailed: bool) -> list[str]:
    """The process numbers of the submission, daemons included; empty where there is no /proc."""
    if jailed:  # this process shares the mounts of the jail, and so its /proc
        return [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]
    found: list[str] = []
    waiting = [str(os.getpid())]
    while waiting:
        name = waiting.pop()
        try:
            children = Path(f"/proc/{name}/task/{name}/children").read_text().split()
        except OSError:
            continue
        found += children
        waiting += children
    return found


def memory_of(process: str, precise: bool = False) -> int:
    """Bytes of anonymous and shared memory in use; 0 for a process that is gone.

    ``precise``: a page that n processes share counts as one n-th in each.
    """
    file, wanted = ("smaps_rollup", _PRECISE) if precise else ("status", _ROUGH)
    try:
        content = Path("/proc", process, file).read_bytes()
    except OSError:
        return 0
    return sum(int(kilobytes) << 10 for kilobytes in wanted.findall(content))


# Matched at a line's beginning: a process may call itself "\rRssAnon:", but not begin a line.
_ROUGH = re.compile(rb"^Rss(?:Anon|Shmem):\s+(\d+) kB$", re.MULTILINE)
_PRECISE = re.compile(rb"^Pss_(?:Anon|Shmem):\s+(\d+) kB$", re.MULTILINE)


def memory_in(processes: list[str], inherited: int, limit: int, settled: bool) -> int:
    """The bytes of memory that they hold together, beyond what was ``inherited``.

    A forked process seems to hold what it shares with its parent. Only where that
    would decide is the exact count made, and not before the number of processes has
    ``settled``: the kernel may keep it waiting for one that is forking.
    """
    sizes = [memory_of(process) for process in processes]
    most = max(sum(sizes) - inherited, 0)
    if most <= limit or len(sizes) == 1:
        return most
    least = sum(max(size - inherited, 0) for size in sizes)
    if least > limit or not settled:
        return least
    return sum(memory_of(process, precise=True) for process in processes)


def end_descendants() -> None:
    """Kill what a submission left running where no namespace does it."""
    for _ in range(100):
        left = submission(jailed=False)
        if not left:
            return
        for name in left:
            with suppress(ProcessLookupError):
                os.kill(int(name), signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


# --- the learner's process --------------------------------------------------------------------


def learner(
    reading: int, writing: int, outlet: int, tell: int, shell: Any, job: dict, jailed: bool
) -> NoReturn:
    """Enter the jail, run the cells, answer calls until nobody asks any more."""
    exit = os._exit  # as it is before the submission may have replaced it
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        if reading == 0:  # the standard streams carry the calls: keep them from the learner's input
            reading, writing = os.dup(0), os.dup(1)
        with Path(os.devnull).open() as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(outlet, 1)
        os.dup2(outlet, 2)
        os.close(outlet)
        memory = job["memory"] * 15 // 16  # so that it hears of it, mostly, before it is ended
        if sys.platform == "linux":
            jail.die_with_parent()
            Path("/proc/self/oom_score_adj").write_text("1000")  # the kernel's first choice
        if jailed:
            enter_jail(memory, job["total"])
        else:
            jail.limit_resources(memory, job["total"])
        sys.stdout = sys.__stdout__ = os.fdopen(1, "w", 1, encoding="utf-8", errors="replace")
        sys.stderr = sys.__stderr__ = os.fdopen(2, "w", 1, encoding="utf-8", errors="replace")
    except BaseException as error:
        os.write(tell, f"{type(error).__name__}: {error}".encode())
        exit(BROKEN)
    os.close(tell)
    try:
        if torch := sys.modules.get("torch"):
            torch.set_num_threads(1)
        values.send(writing, run_cells(shell, job))
        while True:
            values.send(writing, answer(shell, values.receive(reading, 2 * job["value"]), job))
    except EOFError:
        exit(0)
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}".encode())
    finally:
        exit(BROKEN)


def run_cells(shell: Any, job: dict) -> dict[str, Any]:
    """Run the cells in order, also past those that raise; what went wrong, and whether time ran out."""
    errors = []
    late = False
    try:
        with limited(job["cells_seconds"]):
            for cell in job["cells"]:
                result = shell.run_cell(cell["source"], store_history=False)
                shell.execution_count += 1
                error = result.error_before_exec or result.error_in_exec
                if error is not None:
                    errors.append([cell["id"], *described(error)])
                if isinstance(error, OutOfTime):
                    late = True
                    break
    except OutOfTime:
        late = True
    flush()
    return {"ready": errors, "late": late}


def answer(shell: Any, message: dict, job: dict) -> dict[str, Any]:
    """Call the function that the message names; its value, or what was wrong with it."""
    reply: dict[str, Any] = {"call": message["call"]}
    try:
        with limited(job["call_seconds"]):
            function = shell.user_ns.get(message["name"])
            if not callable(function):
                return reply | {"missing": True}
            arguments = values.decode(message["args"], 2 * job["value"])
            keywords = values.decode(message["kwargs"], 2 * job["value"])
            try:
                with shell.builtin_trap:  # `display` and `get_ipython`, as in a cell
                    value = function(*arguments, **keywords)
                    reply["value"] = values.encode(value, job["value"], otherwise=plain)
            except values.NotPlain as error:
                reply["bad"] = str(error)
            except Exception as error:
                reply["raised"] = described(error)
    except OutOfTime:
        reply = {"call": message["call"], "late": True}
    except BaseException as error:
        reply["raised"] = described(error)
    flush()
    return reply


def plain(value: Any) -> Any:
    """A framework's tensor as a NumPy array; anything else as it is."""
    if hasattr(value, "detach"):  # PyTorch
        value = value.detach().cpu().resolve_conj().resolve_neg()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    elif hasattr(value, "_asdict"):
        return dict(value._asdict())
    if hasattr(value, "numpy"):  # PyTorch, TensorFlow
        value = value.numpy()
    elif hasattr(value, "__array__"):  # JAX
        value = value.__array__()
    if getattr(getattr(value, "dtype", None), "name", "") == "bfloat16":
        value = value.astype("float32")
    return value


def described(error: BaseException) -> list[str]:
    """The error's type and message, bounded."""
    try:
        message = str(error)[:1000]
    except Exception:
        message = ""
    return [type(error).__name__[:100], message]


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the block after ``seconds``.

    A courtesy, so that one endless loop does not cost the other answers: code that
    ignores it is ended from outside.
    """

    def ring(number: int, frame: object) -> None:
        raise OutOfTime(f"ran longer than {seconds:g} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def flush() -> None:
    """Hand over what was printed; whatever the submission made of these streams is its own affair."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def main(arguments: list[str]) -> None:
    """See the module's docstring."""
    run: dict[str, Callable[[], NoReturn]] = {
        "warm": lambda: warm(int(arguments[1]), arguments[2:]),
        "single": single,
    }
    run[arguments[0]]()


if __name__ == "__main__":
    main(sys.argv[1:])
