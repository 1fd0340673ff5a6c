"""Hidden checks of the chapter on distributed training, the same for the three frameworks.

`together` is the exercises' locked helper: it runs a function on simulated
workers and reports what each answered and every message. `lives` kills and
restarts a training, `watched` counts the rows of which a loss was asked, and
`attempt` gives an answer or the text of the ValueError with which it was refused.

One mistake is to cost one check. So a function that calls another of the same
exercise may give the right answer or what follows from the learner's own answers
there (`_follows`): the other one's check has named that mistake.
"""

import json
import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from triptych.grading.checks import Ask, agree, check, shown
from triptych.grading.sandbox import SubmissionError

Draw = np.random.Generator

#: The sections of the chapter that an exercise is about: the feedback links them.
SECTIONS = {
    "launch": ("Several processes on one host", "Beyond one machine"),
    "holds": ("Sharding parameters",),
    "cost": ("What communication costs",),
    "ring": ("Collectives first", "What communication costs"),
    "accumulate": ("Accumulating gradients",),
    "missing": ("Data parallel equals one big batch",),
    "shard": ("Splitting a layer",),
    "bubble": ("Model and pipeline parallel",),
    "resume": ("Losing a worker", "Saving what is sharded"),
    "translation": ("Collectives first",),
}

#: What a check's own arithmetic may raise on answers of a wrong kind.
UNUSABLE = (SubmissionError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def _in_any_order(draw: Draw, cases: list) -> list:
    """The cases, shuffled: which answer comes next is not to be known from this file."""
    return [cases[i] for i in draw.permutation(len(cases))]


def _together(ask: Ask, name: str, n: int, *given: list) -> dict:
    """What n workers answered, and what they sent."""
    return ask("together", name, n, *given)


def _near(ask: Ask, truth: object, answer: object) -> None:
    """Require equality up to the order of sums, in float64."""
    ask.require(agree(truth, answer, 1e-9, 1e-10), shown(truth), answer)


def _otherwise(ask: Ask, find: Callable[[], object]) -> object:
    """What ``find`` returns, or None where the learner's answers do not allow it; ``ask`` forgets it."""
    asked = ask.input, ask.answer, ask.named
    try:
        return find()
    except UNUSABLE:
        return None
    finally:
        ask.input, ask.answer, ask.named = asked


def _follows(
    ask: Ask,
    truth: object,
    answer: object,
    own: Callable[[], object],
    rtol: float = 1e-9,
    atol: float = 1e-10,
) -> None:
    """Require the truth, or what ``own`` finds from the learner's own answers to another question."""
    if not agree(truth, answer, rtol, atol):
        found = _otherwise(ask, own)
        ask.require(found is not None and agree(found, answer, rtol, atol), shown(truth), answer)


# --- Tell every worker -------------------------------------------------------


def _hosts(draw: Draw) -> list[list]:
    """Three hosts or more with unequal numbers of processes; the first name is not the smallest."""
    names = [f"node{int(k)}" for k in draw.permutation(range(10, 60))[:4]]
    names.sort(reverse=bool(draw.integers(2)))
    names = names[1:] + names[:1]
    return [[name, int(count)] for name, count in zip(names, draw.permutation([1, 2, 3, 4]), strict=True)]


#: One process; one host; a list that is not in the order of its names.
FEW_HOSTS = ([["ada", 1]], [["ada", 3]], [["bob", 1], ["ada", 2]])


def _places(hosts: list[list]) -> list[list]:
    return [[name, i] for name, count in hosts for i in range(count)]


def _possible_places(ask: Ask, hosts: list[list]) -> list[list[list]]:
    """The right places, and those of the learner's own `placed`."""

    def own() -> list[list]:
        return [[str(name), int(local)] for name, local in ask("placed", hosts)]

    places = _otherwise(ask, own)
    return [_places(hosts), *([places] if isinstance(places, list) and places else [])]


@check(
    "launch",
    points=1,
    objective=3,
    message="Ranks count through all hosts, in the order given; local ranks count from 0 on each host; and "
    "WORLD_SIZE is the number of processes, not of hosts.",
)
def ranks_count_through_the_hosts(ask: Ask, draw: Draw) -> None:
    for hosts in (_hosts(draw), *FEW_HOSTS):
        places = _places(hosts)
        ask.equal("placed", hosts, expected=places)
        told = ask("torchrun", hosts, 29500)
        ask.require(len(told) == len(places), f"{len(places)} processes", len(told))
        for rank, (_, local) in enumerate(places):
            got = [int(told[rank][key]) for key in ("RANK", "LOCAL_RANK", "WORLD_SIZE")]
            ask.require(got == [rank, local, len(places)], shown([rank, local, len(places)]), got)


@check(
    "launch",
    points=0.5,
    objective=3,
    message="The environment that torchrun makes holds text only, numbers too; and all processes meet at one "
    "place: the host of rank 0, at the port that was given.",
)
def one_meeting_place_and_texts_only(ask: Ask, draw: Draw) -> None:
    for hosts in (_hosts(draw), *FEW_HOSTS):
        port = int(draw.integers(2000, 60000))
        counts = [len(places) for places in _possible_places(ask, hosts)]
        environments = ask("torchrun", hosts, port)
        ask.require(len(environments) in counts, f"{counts[0]} processes", len(environments))
        for told in environments:
            ask.require(all(isinstance(text, str) for text in told.values()), "text only", told)
            meeting = {"MASTER_ADDR": hosts[0][0], "MASTER_PORT": str(port)}
            ask.require(agree(meeting, told), shown(meeting), told)


@check(
    "launch",
    points=0.75,
    objective=3,
    message="Each TensorFlow worker listens at an address of its own: a host's first process at the given "
    "port, the second at the next one, and the next host starts from the given port again. All workers get "
    "the same list, each with its own index, as JSON.",
)
def every_worker_its_own_address(ask: Ask, draw: Draw) -> None:
    for hosts in (_hosts(draw), *FEW_HOSTS):
        port = int(draw.integers(2000, 60000))
        lists = [[f"{name}:{port + local}" for name, local in p] for p in _possible_places(ask, hosts)]
        told = ask("tf_config", hosts, port)
        ask.require(len(told) in map(len, lists), f"{len(lists[0])} texts", told)
        for rank, text in enumerate(told):
            ask.require(isinstance(text, str), "text, of JSON", text)
            truths = [
                {"cluster": {"worker": workers}, "task": {"type": "worker", "index": rank}}
                for workers in lists
            ]
            try:
                config = json.loads(text)
            except ValueError:
                config = text
            ask.require(any(agree(truth, config) for truth in truths), shown(truths[0]), config)


@check(
    "launch",
    points=0.5,
    objective=3,
    message="JAX's coordinator is one address for all, rank 0's host with the port; num_processes counts "
    "processes, not hosts; and the numbers are numbers here, not text.",
)
def the_coordinator_is_at_rank_0(ask: Ask, draw: Draw) -> None:
    for hosts in (_hosts(draw), *FEW_HOSTS):
        port = int(draw.integers(2000, 60000))
        address = f"{hosts[0][0]}:{port}"
        truths = [
            [
                {"coordinator_address": address, "num_processes": len(places), "process_id": i}
                for i in range(len(places))
            ]
            for places in _possible_places(ask, hosts)
        ]
        answer = ask("jax_distributed", hosts, port)
        ask.require(any(agree(truth, answer) for truth in truths), shown(truths[0]))


@check(
    "launch",
    points=0.75,
    objective=3,
    message="Refused with a ValueError are: no host at all, a host with fewer than one process, and a host "
    "that is listed twice, wherever in the list; the text names the host. All other lists are taken.",
)
def refuses_what_would_hang(ask: Ask, draw: Draw) -> None:
    hosts = _hosts(draw)
    for good in (hosts, *FEW_HOSTS):
        ask.require("answer" in ask("attempt", "placed", good), "an answer")
    name, count = hosts[0]
    twice = [*hosts, [name, count]], [hosts[0], [name, 1], *hosts[1:]]
    none = [[name, 0], *hosts[1:]], [*hosts[1:], [name, -1]], [*hosts[1:], [name, 0]]
    for wrong in (*twice, *none):
        for function, more in (("placed", []), ("torchrun", [29500]), ("tf_config", [2000])):
            report = ask("attempt", function, wrong, *more)
            ask.require(name in report.get("refused", ""), f"a ValueError that names {name}", report)
    for function, more in (("placed", []), ("torchrun", [29500]), ("tf_config", [2000])):
        ask.require("refused" in ask("attempt", function, [], *more), "a ValueError")
    for wrong in ([], twice[0], none[0]):
        ask.require("refused" in ask("attempt", "jax_distributed", wrong, 2000), "a ValueError")


# --- Who holds what? ---------------------------------------------------------


def _shares(length: int, n: int) -> list[int]:
    most = math.ceil(length / n)
    return [min(most, max(0, length - most * rank)) for rank in range(n)]


def _held(
    shapes: list[list[int]], n: int, stage: int, shares: Callable[[int, int], list[int]] = _shares
) -> list[dict[str, int]]:
    whole = 4 * sum(math.prod(shape) for shape in shapes)
    cut = [shares(s[0], n) for s in shapes]
    part = [4 * sum(own[r] * math.prod(s[1:]) for own, s in zip(cut, shapes, strict=True)) for r in range(n)]
    return [
        {
            "weights": part[rank] if stage == 3 else whole,
            "gradients": part[rank] if stage >= 2 else whole,
            "moments": 2 * (part[rank] if stage else whole),
        }
        for rank in range(n)
    ]


def _fullest(held: list[dict[str, int]]) -> int:
    return max(sum(worker[key] for key in ("weights", "gradients", "moments")) for worker in held)


def _layers(draw: Draw) -> list[list[int]]:
    """A network whose first axes no small number divides, with a kernel of four axes."""
    a, b, c = (int(k) for k in draw.choice([13, 17, 19, 23, 29, 31], 3, replace=False))
    return [[a, 3, 3, 3], [a], [b, a], [b], [c, b], [c]]


@check(
    "holds",
    points=0.75,
    objective=4,
    message="Each worker gets the length over n, rounded up, for as long as there are rows. So the last "
    "worker that gets any may get fewer, and those after it get none.",
)
def equal_pieces_and_a_rest(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(3, 9))
    lengths = n * int(draw.integers(2, 9)), n * int(draw.integers(2, 9)) + 1, n * int(draw.integers(2, 9)) - 1
    for length in (*lengths, n + 1, n, n - 1, 1):
        ask.equal("shares", length, n, expected=_shares(length, n))
    ask.equal("shares", 7, 1, expected=[7])
    ask.equal("shares", 10, 6, expected=[2, 2, 2, 2, 2, 0])


@check(
    "holds",
    points=1,
    objective=4,
    message="Stage 0 cuts nothing, stage 1 the moments, stage 2 also the gradients, stage 3 also the "
    "weights. The moments are two numbers for each weight, and a number takes 4 bytes.",
)
def each_stage_cuts_one_thing_more(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(2, 6))
    shapes = [[n * int(draw.integers(2, 9)), int(draw.integers(2, 9))], [n * int(draw.integers(1, 5))]]
    for stage in range(4):
        ask.equal("held", shapes, n, stage, expected=_held(shapes, n, stage))


@check(
    "holds",
    points=0.75,
    objective=4,
    message="Each array is cut by itself, along its first axis, into whole rows. Where no length is a "
    "multiple of n, the first worker holds more than the last: an n-th of the total is too even.",
)
def every_array_is_cut_on_its_own(ask: Ask, draw: Draw) -> None:
    for shapes, n in ((_layers(draw), int(draw.integers(4, 8))), ([[2, 5], [3]], 4)):
        for kind, stage in (("weights", 3), ("moments", 1)):
            truth = [worker[kind] for worker in _held(shapes, n, stage)]
            held = ask("held", shapes, n, stage)

            def own(kind: str = kind, stage: int = stage, shapes: list = shapes, n: int = n) -> list[float]:
                """By the learner's own shares, and the own number of bytes that a weight has in all."""
                parts = _held(shapes, n, 3, lambda length, n: ask("shares", length, n))
                even = [[n * length, *others] for length, *others in shapes]
                scale = ask("held", even, n, stage)[0][kind] / _held(even, n, 3)[0]["weights"]
                return [scale * part["weights"] for part in parts]

            _follows(ask, truth, [worker[kind] for worker in held], own)


@check(
    "holds",
    points=0.75,
    objective=4,
    message="The first stage at which the fullest worker still fits, with weights, gradients and moments "
    "counted. The limit itself is allowed; None where not even stage 3 fits.",
)
def the_first_stage_that_fits(ask: Ask, draw: Draw) -> None:
    shapes, n = _layers(draw), int(draw.integers(4, 8))
    right = [_fullest(_held(shapes, n, stage)) for stage in range(4)]
    own = _otherwise(ask, lambda: [_fullest(ask("held", shapes, n, stage)) for stage in range(4)])
    fullest = [right] + ([own] if own and own[0] > min(own[1:]) > 0 else [])
    limits = {limit - less for most in fullest for limit in most for less in (0, 1)}
    for limit in _in_any_order(draw, sorted({0, 100 * right[0], *limits})):
        truths = [next((s for s in range(4) if most[s] <= limit), None) for most in fullest]
        answer = ask("smallest_stage", shapes, n, limit)
        ask.require(any(agree(truth, answer) for truth in truths), shown(truths[0]))
    alone = [[3, 2]]  # a worker alone holds the same at each stage
    ask.equal("smallest_stage", alone, 1, 16 * 6, expected=0)


@check(
    "holds",
    points=0.75,
    objective=4,
    message="Stages 1 and 2 send as much as stage 0: a reduce-scatter and an all-gather together are an "
    "all-reduce. Only stage 3 sends half as much again, as it gathers the weights twice. On a ring, an "
    "all-gather of s bytes sends (n - 1) / n of s from each worker.",
)
def only_stage_3_sends_more(ask: Ask, draw: Draw) -> None:
    shapes = _layers(draw)
    size = 4 * sum(math.prod(shape) for shape in shapes)
    for n in (int(draw.integers(3, 40)), 2, 1):
        for stage, times in enumerate((2, 2, 2, 3)):
            ask.equal("sent", shapes, n, stage, expected=times * (n - 1) / n * size)


# --- What does it cost? ------------------------------------------------------


def _ring(n: int, size: float, latency: float, bandwidth: float) -> float:
    return 2 * (n - 1) * (latency + size / (n * bandwidth))


def _tree(n: int, size: float, latency: float, bandwidth: float) -> float:
    return 2 * (n - 1).bit_length() * (latency + size / bandwidth)


def _network(draw: Draw) -> tuple[float, float]:
    return float(10 ** draw.uniform(-5, -3)), float(10 ** draw.uniform(6, 9))


@check(
    "cost",
    points=0.75,
    objective=7,
    message="Each of the ring's 2 (n - 1) steps pays the latency once and sends an n-th of the array. One "
    "worker alone sends nothing.",
)
def the_ring_cuts_the_array(ask: Ask, draw: Draw) -> None:
    for n in (1, 2, int(draw.integers(3, 60)), 1000):
        for size in (float(draw.integers(1e6, 1e8)), 8.0, 0.0):
            given = n, size, *_network(draw)
            ask.equal("ring_time", *given, expected=_ring(*given), rtol=1e-6, atol=0)


@check(
    "cost",
    points=0.5,
    objective=7,
    message="A tree takes log2 n rounds, rounded up, to the root and as many back, and each message is the "
    "whole array. 8 workers need 3 rounds, 9 need 4, and one needs none.",
)
def the_tree_counts_rounds(ask: Ask, draw: Draw) -> None:
    power = 2 ** int(draw.integers(5, 10))
    for n in (1, 2, 3, 4, 5, 8, 9, power, power + 1, power - 1):
        given = n, float(draw.integers(1e4, 1e7)), *_network(draw)
        ask.equal("tree_time", *given, expected=_tree(*given), rtol=1e-6, atol=0)


@check(
    "cost",
    points=0.5,
    objective=7,
    message="The server has one link: n arrays come in one after the other, then n go out, each as a message "
    "of its own. The server is an extra machine, so all n workers send to it.",
)
def the_server_has_one_link(ask: Ask, draw: Draw) -> None:
    for n in (1, 2, int(draw.integers(3, 60)), 1000):
        size, (latency, bandwidth) = float(draw.integers(1e4, 1e7)), _network(draw)
        truth = 2 * n * (latency + size / bandwidth)
        ask.equal("server_time", n, size, latency, bandwidth, expected=truth, rtol=1e-6, atol=0)


@check(
    "cost",
    points=0.75,
    objective=7,
    message="At the crossover ring and tree take the same time: solve that for the size. With two or three "
    "workers the ring sends no more messages than the tree, and is never slower: 0.",
)
def where_the_ring_begins_to_win(ask: Ask, draw: Draw) -> None:
    for n in (4, 5, 8, 9, int(draw.integers(10, 200)), 1024):
        latency, bandwidth = _network(draw)
        size = ask("crossover", n, latency, bandwidth)
        given = n, float(size), latency, bandwidth
        ask.require(size > 0, "a positive number of bytes", size)
        ring, tree = _ring(*given), _tree(*given)
        ask.require(abs(ring / tree - 1) < 1e-6, f"a size at which both take {tree:.4g} s", size)
    for n in (2, 3):
        ask.equal("crossover", n, *_network(draw), expected=0.0)


@check(
    "cost",
    points=0.75,
    objective=7,
    message="The line of least squares through all points starts at 2 (n - 1) latencies, and its slope is 2 "
    "(n - 1) / n divided by the bandwidth: solve both for what is asked.",
)
def latency_and_bandwidth_from_points(ask: Ask, draw: Draw) -> None:
    for n in (2, int(draw.integers(3, 30))):
        latency, bandwidth = float(draw.uniform(1e-3, 5e-3)), float(10 ** draw.uniform(6, 7))
        sizes = draw.permutation([2e3, 5e4, 2e5, 1e6, 2e6])
        times = np.array([_ring(n, size, latency, bandwidth) for size in sizes])
        times = times * (1 + 0.02 * draw.choice([-1, 1], 5) * draw.uniform(0.5, 1, 5))  # as if measured
        slope, start = np.polyfit(sizes, times, 1)
        truth = {"latency": start / (2 * (n - 1)), "bandwidth": 2 * (n - 1) / (n * slope)}
        ask.equal("fitted", n, sizes, times, expected=truth, rtol=1e-5, atol=0)


@check(
    "cost",
    points=0.75,
    objective=7,
    message="The backward pass starts at the last layer. A layer's all-reduce starts when its gradient is "
    "there and the all-reduce before it is done; meanwhile the backward pass goes on. So communication is "
    "neither all hidden nor all added.",
)
def sending_hides_behind_the_way_back(ask: Ask, draw: Draw) -> None:
    def cases() -> list[list]:
        found = []
        for scale in (1e3, 1e6, 1e7):  # hidden but for the first layer, mixed, bound by the network
            backward = [float(t) for t in draw.uniform(0.1, 1, 6)]
            sizes = [float(s) for s in scale * draw.uniform(0.1, 1, 6)]
            found.append([float(draw.uniform(0.5, 2)), backward, sizes, int(draw.integers(2, 9)), 1e-3, 5e6])
        found.append([1.0, [0.5], [1e6], 4, 1e-3, 1e6])  # one layer
        found.append([1.0, [0.5, 0.25], [1e6, 2e6], 1, 1e-3, 1e6])  # one worker
        found.append([0.0, [2.0, 1.0, 3.0], [8.0, 0.0, 4e6], 2, 0.5, 1e6])
        return found

    def time(given: list, ring: Callable[..., float]) -> float:
        forward, backward, sizes, n, *network = given
        computed = free = forward
        for seconds, size in zip(backward[::-1], sizes[::-1], strict=True):
            computed += seconds
            free = max(free, computed) + ring(n, size, *network)
        return free

    for given in cases():

        def own(given: list = given) -> float | None:
            first = ask("ring_time", 4, 1e6, 1e-3, 1e6)
            return time(given, lambda *link: ask("ring_time", *link)) if first > 0 else None

        _follows(ask, time(given, _ring), ask("step_time", *given), own, 1e-6, 1e-6)


# --- Ring all-reduce ---------------------------------------------------------


@check(
    "ring",
    points=1,
    objective=1,
    message="After an all-gather every worker has all arrays, after a reduce-scatter worker r has the r-th "
    "part of the sum, after a broadcast all have what worker 0 had. Arrays of two axes are cut and joined "
    "along the first.",
)
def what_each_collective_leaves(ask: Ask, draw: Draw) -> None:
    drawn = int(draw.integers(2, 5))
    for n, shape in ((drawn, (2 * drawn,)), (drawn, (drawn, 3)), (3, (6, 2, 2)), (1, (2,))):
        arrays = list(draw.normal(size=(n, *shape)))
        total = np.sum(arrays, axis=0)
        truth = {
            "all_gather": [np.concatenate(arrays)] * n,
            "reduce_scatter": np.split(total, n),
            "broadcast": [arrays[0]] * n,
            "all_reduce": [total] * n,
        }
        for collective, expected in truth.items():
            ask.equal("leaves", collective, arrays, expected=expected)


def _inputs(draw: Draw, n: int, length: int) -> list[np.ndarray]:
    """Whole numbers: their sums are exact, in any order."""
    return list(draw.integers(-1000, 1000, (n, length)).astype(float))


def _is_sum(report: dict, inputs: list[np.ndarray]) -> bool:
    total = np.sum(inputs, axis=0)
    return all(agree(total, got, 0, 0) for got in report["answers"])


def _require_sum(ask: Ask, inputs: list[np.ndarray]) -> None:
    report = _together(ask, "ring_all_reduce", len(inputs), inputs)
    total = shown(np.sum(inputs, axis=0))
    ask.require(_is_sum(report, inputs), f"{total} on every worker", report["answers"])


def _is_mixed(got: object, inputs: list[np.ndarray]) -> bool:
    """Whether an answer is neither nothing nor one worker's array alone, or a multiple of it."""
    array = np.asarray(got, float)
    if array.shape != inputs[0].shape or not array.any():
        return False
    return not any(agree((array @ x) / (x @ x) * x, array, 1e-9, 1e-9) for x in inputs)


def _exchanged(ask: Ask, inputs: list[np.ndarray]) -> dict:
    """An all-reduce that at least mixes the workers' arrays, whether or not it sums all of them."""
    report = _together(ask, "ring_all_reduce", len(inputs), inputs)
    mixed = all(_is_mixed(got, inputs) for got in report["answers"])
    ask.require(mixed, "on every worker an array with sums in it", report["answers"])
    return report


@check(
    "ring",
    points=1,
    objective=1,
    message="Not every worker has the whole sum. After n - 1 steps each worker has one complete chunk, and "
    "another n - 1 send these round. A worker alone has the sum already.",
)
def every_worker_has_the_sum(ask: Ask, draw: Draw) -> None:
    for n in (1, 2, 3, 8):
        _require_sum(ask, _inputs(draw, n, 4 * n))


@check(
    "ring",
    points=1,
    objective=1,
    message="The length need not be a multiple of the number of workers, and may be smaller: cut the array "
    "into chunks as equal as possible, of which some may be empty. Nothing may be lost at the end.",
)
def any_length(ask: Ask, draw: Draw) -> None:
    even = _inputs(draw, 3, 12)
    report = _otherwise(ask, lambda: _exchanged(ask, even))
    elsewhere = isinstance(report, dict) and not _is_sum(report, even)  # another check's mistake
    for n in (3, 5):
        for length in (2 * n + 1, 3 * n - 1, n - 1, 1, 0):
            if not elsewhere:
                _require_sum(ask, _inputs(draw, n, length))


@check(
    "ring",
    points=1,
    objective=1,
    message="Not a ring: each worker may send to the next one only, by `send`. A ready-made collective is "
    "none, and arrays that go to all or through worker 0 load one link with everything.",
)
def neighbours_only(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(4, 8))
    sent = _exchanged(ask, _inputs(draw, n, 2 * n))["sent"]
    ask.require(sent, "messages", sent)
    others = [message for message in sent if message[0] != "send" or message[2] != (message[1] + 1) % n]
    ask.require(not others, f"from each worker to the next, of {n}", others[:3])


@check(
    "ring",
    points=1,
    objective=1,
    message="Not what a ring sends: 2 (n - 1) messages of one chunk from each worker, which is 2 (n - 1) / n "
    "of the array. Whole arrays sent round cost n / 2 times that.",
)
def a_chunk_at_a_time(ask: Ask, draw: Draw) -> None:
    n, parts = int(draw.integers(4, 8)), int(draw.integers(2, 6))
    inputs = _inputs(draw, n, n * parts)
    report = _exchanged(ask, inputs)
    for rank in range(n):
        sizes = [size for _, source, _, size in report["sent"] if source == rank]
        # How many it takes to have the whole sum is another check's, where there is none.
        truth = [8 * parts] * (2 * (n - 1) if _is_sum(report, inputs) else max(1, len(sizes)))
        ask.require(agree(truth, sizes), f"{len(truth)} messages of {8 * parts} bytes", sizes)
    inputs = _inputs(draw, n, n * parts + 1)
    report = _otherwise(ask, lambda: _together(ask, "ring_all_reduce", n, inputs))
    if isinstance(report, dict) and _is_sum(report, inputs):
        total = sum(size for *_, size in report["sent"])
        due = 2 * (n - 1) * inputs[0].nbytes
        ask.require(total == due, f"{due} bytes in all, of {n * parts + 1} numbers", total)


# --- Accumulate the gradient -------------------------------------------------

#: Inputs and labels of the classifier; few shapes, as each is compiled anew.
D, K = 4, 3


def _classifier(draw: Draw, rows: int, inputs: int = D) -> list[np.ndarray]:
    """w, b, x, y; later rows are larger, so that no two parts of them are alike."""
    x = draw.normal(size=(rows, inputs)) * np.linspace(0.5, 2, rows)[:, None]
    return [draw.normal(size=(inputs, K)), draw.normal(size=K), x, draw.integers(0, K, rows)]


def _slope(w: np.ndarray, b: np.ndarray, x: np.ndarray, y: np.ndarray) -> dict:
    """Mean cross-entropy and its gradient."""
    z = x @ w + b
    z = z - z.max(1, keepdims=True)
    logs = z - np.log(np.exp(z).sum(1, keepdims=True))
    off = np.exp(logs)
    off[np.arange(len(y)), y] -= 1
    loss = float(-logs[np.arange(len(y)), y].mean())
    return {"loss": loss, "w": x.T @ off / len(y), "b": off.mean(0)}


def _flat(arrays: dict) -> np.ndarray:
    return np.concatenate([np.ravel(arrays["w"]), np.ravel(arrays["b"])]).astype(float)


def _along(truth: np.ndarray, got: np.ndarray) -> float:
    """The cosine of the angle between two directions; -1 where there is none."""
    lengths = float(np.linalg.norm(truth) * np.linalg.norm(got))
    return float(truth @ got) / lengths if 0 < lengths < np.inf else -1.0


@check(
    "accumulate",
    points=0.5,
    objective=5,
    message="Even with micro-batches of equal size this is not the loss and the gradient of the mean over "
    "all rows: each micro-batch adds its part to both.",
)
def parts_add_up(ask: Ask, draw: Draw) -> None:
    given = _classifier(draw, 12)
    _near(ask, _slope(*given), ask("accumulated", *given, [4, 4, 4]))
    given = _classifier(draw, 4)
    _near(ask, _slope(*given), ask("accumulated", *given, [4]))


@check(
    "accumulate",
    points=1,
    objective=5,
    message="Micro-batches of unequal sizes: a mean of their means lets a row of a small one count for more. "
    "Add up sums, and divide by the number of all rows.",
)
def every_row_counts_the_same(ask: Ask, draw: Draw) -> None:
    given = _classifier(draw, 12)

    def unequal_is_as_wrong(answer: dict) -> dict | None:
        """The answer itself, where even equal micro-batches do not add up and this is some slope."""
        whole, truth = ask("accumulated", *given, [12]), _slope(*given)
        if agree(whole, answer, 1e-9, 1e-10):
            return whole
        equal = ask("accumulated", *given, [4, 4, 4])
        sound = agree(truth, equal, 1e-9, 1e-10) or _along(_flat(truth), _flat(answer)) < 0.3
        return None if sound else answer

    for sizes in ([1, 4, 7], [7, 4, 1]):
        answer = ask("accumulated", *given, sizes)
        _follows(ask, _slope(*given), answer, lambda answer=answer: unequal_is_as_wrong(answer))


@check(
    "accumulate",
    points=0.5,
    objective=5,
    message="`losses` is to be called for each micro-batch by itself, never for more rows at once: then the "
    "activations of all of them are kept, which is what accumulating is to avoid.",
)
def never_the_whole_batch_at_once(ask: Ask, draw: Draw) -> None:
    # Of a shape that nothing else has: what was compiled before would not be traced again.
    given = _classifier(draw, 15, inputs=7)
    report = ask("watched", "accumulated", *given, [3] * 5)
    ask.require(report["rows"] and max(report["rows"]) <= 3, "at most 3 rows at once", report["rows"])
    slope = _flat(report["answer"])
    ask.require(np.isfinite(slope).all() and slope.any(), "a gradient", report["answer"])


def _grouped(
    given: list[np.ndarray], sizes: list[int], every: int, rate: float, slope_of: Callable[..., dict]
) -> dict:
    w, b, x, y = given
    updates, start = 0, 0
    for first in range(0, len(sizes), every):
        group = sizes[first : first + every]
        end = start + sum(group)
        slope = slope_of(w, b, x[start:end], y[start:end], group)
        w, b = w - rate * slope["w"], b - rate * slope["b"]
        updates, start = updates + 1, end
    return {"w": w, "b": b, "updates": updates}


def _asked_grouped(ask: Ask, draw: Draw, sizes: list[int], every: int) -> tuple[dict, dict, dict | None]:
    """The answer, the truth, and what follows from the learner's own `accumulated`."""
    given, rate = _classifier(draw, sum(sizes)), float(draw.uniform(0.2, 0.6))
    truth = _grouped(given, sizes, every, rate, lambda w, b, x, y, _: _slope(w, b, x, y))
    answer = ask("grouped", *given, sizes, every, rate)
    own = None
    if not agree(truth, answer, 1e-9, 1e-10):
        own = _otherwise(ask, lambda: _grouped(given, sizes, every, rate, lambda *a: ask("accumulated", *a)))
    return (
        answer,
        truth,
        own if isinstance(own, dict) and np.abs(_flat(own) - _flat_of(given)).max() else None,
    )


def _flat_of(given: list[np.ndarray]) -> np.ndarray:
    return _flat({"w": given[0], "b": given[1]})


@check(
    "accumulate",
    points=0.75,
    objective=5,
    message="One update after every group, at the weights that the one before left, with the gradient of "
    "this group's rows alone: what was accumulated before must be cleared.",
)
def every_group_starts_from_zero(ask: Ask, draw: Draw) -> None:
    for sizes, every in (([4, 4, 4, 4], 2), ([4, 4, 4], 1), ([1, 7, 4, 4], 2)):
        answer, truth, own = _asked_grouped(ask, draw, sizes, every)
        _follows(ask, truth, answer, lambda own=own: own)


@check(
    "accumulate",
    points=0.5,
    objective=5,
    message="The micro-batches left over at the end make an update of their own, with the mean over the rows "
    "that there are: they are not dropped, and not divided by the size of a whole group.",
)
def the_rest_is_an_update_too(ask: Ask, draw: Draw) -> None:
    answer, truth, own = _asked_grouped(ask, draw, [4], 3)
    _follows(ask, truth, answer, lambda: own)
    answer, truth, own = _asked_grouped(ask, draw, [4, 4], 2)
    if any(goal is not None and agree(goal, answer, 1e-9, 1e-10) for goal in (truth, own)):
        for every in (2, 3, 4):  # whole groups are right, so what differs is the rest
            answer, truth, own = _asked_grouped(ask, draw, [4] * 5, every)
            regular = _otherwise(ask, lambda: _regular_groups_are_right(ask, draw))
            if regular:
                _follows(ask, truth, answer, lambda own=own: own)


def _regular_groups_are_right(ask: Ask, draw: Draw) -> bool:
    """Whether groups without a rest are: what is wrong with them is another check's."""
    answer, truth, own = _asked_grouped(ask, draw, [4] * 4, 2)
    return any(goal is not None and agree(goal, answer, 1e-9, 1e-10) for goal in (truth, own))


@check(
    "accumulate",
    points=0.75,
    objective=5,
    message="The variance of all rows is more than the mean of the variances, since the micro-batches' means "
    "differ too. And each micro-batch counts by its rows.",
)
def statistics_are_merged(ask: Ask, draw: Draw) -> None:
    for counts in ([5, 5, 5], [1, 9, 4], [1, 1], [6]):
        parts = [draw.normal(draw.normal(0, 3, 4), draw.uniform(0.5, 2, 4), (n, 4)) for n in counts]
        rows = np.concatenate(parts)
        given = counts, np.array([p.mean(0) for p in parts]), np.array([p.var(0) for p in parts])
        _near(ask, {"mean": rows.mean(0), "variance": rows.var(0)}, ask("merged", *given))


# --- Find the missing all-reduce ---------------------------------------------


def _step(ask: Ask, given: list[np.ndarray], sizes: list[int], rate: float, ceiling: float) -> list[dict]:
    """What the workers have after one step on shards of these sizes."""
    w, b, x, y = given
    cuts, n = np.cumsum(sizes)[:-1], len(sizes)
    shards = np.split(x, cuts), np.split(y, cuts)
    return _together(ask, "step", n, [w] * n, [b] * n, *shards, [rate] * n, [ceiling] * n)["answers"]


def _norm(slope: dict) -> float:
    return float(np.linalg.norm(_flat(slope)))


def _stepped(given: list[np.ndarray], rate: float, ceiling: float) -> dict:
    slope = _slope(*given)
    scale = min(1.0, ceiling / _norm(slope))
    w, b = given[0] - rate * scale * slope["w"], given[1] - rate * scale * slope["b"]
    return {"w": w, "b": b, "loss": slope["loss"]}


def _is_one_process(given: list[np.ndarray], truth: dict, answers: list[dict]) -> bool:
    """Whether all have the truth; of what they do not agree on, the mean or the sum of their parts.

    That they do not agree is another check's.
    """
    start = {"w": given[0], "b": given[1], "loss": 0.0}
    for key, begun in start.items():
        got = [np.asarray(answer[key], float) - begun for answer in answers]
        due = truth[key] - begun
        parts = (
            got[:1] if all(agree(got[0], g, 1e-9, 1e-10) for g in got) else [sum(got), sum(got) / len(got)]
        )
        if not any(agree(due, part, 1e-9, 1e-10) for part in parts):
            return False
    return True


def _unclipped(ask: Ask, given: list[np.ndarray], sizes: list[int], rate: float) -> tuple[bool, list[dict]]:
    """Whether workers with these shards make one process's step where nothing is to be clipped.

    With a ceiling far away or, as clipping is another check's, at the gradient's own norm.
    """
    truth, answers = _stepped(given, rate, 1e9), _step(ask, given, sizes, rate, 1e9)
    right = _is_one_process(given, truth, answers)
    moved = [float(np.linalg.norm(_flat_of(given) - _flat(answer))) for answer in answers]
    if not right and min(moved) > 1e8 * rate:  # scaled up to the ceiling
        norm = _norm(_slope(*given)) * (1 + 1e-13)
        again = _otherwise(ask, lambda: _step(ask, given, sizes, rate, norm))
        right = bool(again) and bool(_otherwise(ask, lambda: _is_one_process(given, truth, again)))
    return right, answers


@check(
    "missing",
    points=1,
    objective=2,
    message="After the step the workers do not have the same weights and the same loss: something is not "
    "reduced, or reduced by some of them only. From the next step on they train different models.",
)
def all_workers_end_equal(ask: Ask, draw: Draw) -> None:
    given = _classifier(draw, 12)
    first, *others = _step(ask, given, [4, 4, 4], float(draw.uniform(0.2, 1)), 1e9)
    # How long the step is, is asked below; but it is one down the slope of all rows.
    along = _along(_flat(_slope(*given)), _flat_of(given) - _flat(first))
    truth = {key: first[key] for key in ("w", "b", "loss")}
    equal = all(agree(truth, other, 1e-9, 1e-10) for other in others)
    ask.require(not equal or along > 0.9, "a step down the gradient of all rows", first)
    for other in others:
        ask.require(agree(truth, other, 1e-9, 1e-10), f"on every worker {shown(truth)}", other)


@check(
    "missing",
    points=1,
    objective=2,
    message="With equal shards and nothing to clip, the step or the loss is not that of one process with all "
    "rows. A sum of the workers' means is n times too large; a mean that is taken twice n times too small.",
)
def equals_one_process(ask: Ask, draw: Draw) -> None:
    for sizes in ([4, 4, 4], [4, 4], [4]):
        given, rate = _classifier(draw, sum(sizes)), float(draw.uniform(0.2, 1))
        right, answers = _unclipped(ask, given, sizes, rate)
        ask.require(right, shown(_stepped(given, rate, 1e9)), answers[0])


@check(
    "missing",
    points=1,
    objective=2,
    message="The workers may have unequal numbers of rows, and one may have none. The mean of the workers' "
    "means is then not the mean over all rows, and the mean over no rows is nan.",
)
def uneven_shards(ask: Ask, draw: Draw) -> None:
    for sizes in ([1, 4, 7], [4, 0, 4], [0, 4]):
        given, rate = _classifier(draw, sum(sizes)), float(draw.uniform(0.2, 1))
        right, answers = _unclipped(ask, given, sizes, rate)
        if right:
            continue
        truth = _stepped(given, rate, 1e9)
        wrong = next((a for a in answers if not agree(truth, a, 1e-9, 1e-10)), answers[0])
        # Where equal shards are wrong already, which another check says, it need only be a step downhill.
        slope, start = _flat(_slope(*given)), _flat_of(given)
        down = sum(start - _flat(answer) for answer in answers)
        even = _otherwise(ask, lambda rate=rate: _unclipped(ask, _classifier(draw, 12), [4, 4, 4], rate)[0])
        ask.require(even is False and _along(slope, down) > 0.3, shown(truth), wrong)


@check(
    "missing",
    points=1,
    objective=2,
    message="One process clips the gradient of all rows, by its norm over w and b together, and only where "
    "that is larger than the ceiling. Clipped before the all-reduce, each worker's part is scaled by a "
    "number of its own.",
)
def clips_what_was_reduced(ask: Ask, draw: Draw) -> None:
    given, rate = _classifier(draw, 12), float(draw.uniform(0.2, 1))
    norm = _norm(_slope(*given))

    def own(ceiling: float) -> list[dict]:
        """From the learner's own steps where nothing is clipped, whose length is another check's."""
        found = []
        for answer in _step(ask, given, [4, 4, 4], rate, 1e9):
            made = {key: given[i] - answer[key] for i, key in enumerate(("w", "b"))}
            length = _norm(made) / rate
            scale = min(1.0, ceiling / length) if 0 < length < 1e6 else np.nan
            moved = {key: given[i] - scale * made[key] for i, key in enumerate(("w", "b"))}
            found.append(moved | {"loss": answer["loss"]})
        return found

    for ceiling in (0.3 * norm, 1.02 * norm, 0.97 * norm):  # w or b alone, or one shard, would lie elsewhere
        answers = _step(ask, given, [4, 4, 4], rate, ceiling)
        # A library's own clipping adds a millionth to the norm.
        truth = [_stepped(given, rate, ceiling)] * 3
        _follows(ask, truth, answers, lambda ceiling=ceiling: own(ceiling), 1e-5, 2e-6)


@check(
    "missing",
    points=1,
    objective=2,
    message="The judge names the wrong bug, or misses one. It has to look at every array of every worker, by "
    "its name; to compare steps, not weights; to take a difference of 1e-9 for none; and to say `other` "
    "where any number is nan or infinite.",
)
def the_bug_has_a_name(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(3, 6))
    before = {"w": draw.normal(size=(3, 2)), "b": draw.normal(size=2)}
    due = {key: draw.uniform(0.5, 1, array.shape) for key, array in before.items()}

    def after(times: float) -> dict:
        return {key: before[key] + times * due[key] for key in before}

    def broken(value: float) -> dict:
        weights = {key: array.copy() for key, array in single.items()}
        weights["w"][1, 1] = value
        return weights

    single = after(1)
    apart = after(1) | {"b": single["b"] + [0, 1e-6]}
    turned = {key: single[key] for key in reversed(list(single))}
    cases = [
        ("equal", [after(1 + 1e-12)] * n),
        ("equal", [single] * (n - 1) + [turned]),
        ("summed", [after(n)] * n),
        ("averaged twice", [after(1 / n)] * n),
        ("other", [after(2.5 * n)] * n),
        ("other", [after(-1)] * n),
        ("other", [single | {"b": before["b"]}] * n),
        ("other", [after(n) | {"b": single["b"]}] * n),
        ("not reduced", [single] * (n - 1) + [apart]),
        ("not reduced", [apart] + [single] * (n - 1)),
        ("not reduced", [after(1 + 0.1 * rank) for rank in range(n)]),
        ("other", [broken(np.nan)] * n),
        ("other", [single] * (n - 1) + [broken(np.nan)]),
        ("other", [broken(np.inf)] + [single] * (n - 1)),
    ]
    for verdict, workers in _in_any_order(draw, cases):
        ask.equal("diagnose", before, single, workers, expected=verdict)
    # Around 0 a difference is exact: 1e-9 is the same, and a little more is not.
    zero, same, more = {"w": np.zeros(2)}, {"w": np.array([0, 1e-9])}, {"w": np.array([0, 1.01e-9])}
    edges = [
        ("equal", zero, zero, [zero, same]),
        ("equal", zero, same, [zero, zero]),
        ("equal", zero, {"w": np.ones(2)}, [{"w": np.ones(2)}]),  # one worker: n times is once
        ("not reduced", zero, zero, [zero, more]),
        ("other", zero, zero, [more, more]),
    ]
    for verdict, *given in _in_any_order(draw, edges):
        ask.equal("diagnose", *given, expected=verdict)


# --- Shard a matmul ----------------------------------------------------------


def _network2(draw: Draw, hidden: int) -> list[np.ndarray]:
    """x, W1, b1, W2, b2 of two layers, with 12 rows."""
    shapes = (12, 5), (5, hidden), (hidden,), (hidden, 3), (3,)
    return [draw.normal(size=shape) for shape in shapes]


@check(
    "shard",
    points=0.5,
    objective=4,
    message="The hidden width is cut in all three: columns of W1, entries of b1, rows of W2; one worker gets "
    "the same hidden units of each, and what is left over is spread as np.array_split does.",
)
def cuts_the_hidden_width(ask: Ask, draw: Draw) -> None:
    for hidden, n in ((8, 4), (7, 3), (6, 1), (2, 3)):
        _, W1, b1, W2, _ = _network2(draw, hidden)
        parts = np.array_split(W1, n, 1), np.array_split(b1, n), np.array_split(W2, n)
        truth = [dict(zip(("W1", "b1", "W2"), part, strict=True)) for part in zip(*parts, strict=True)]
        ask.equal("cut", W1, b1, W2, n, expected=truth)


@check(
    "shard",
    points=1,
    objective=4,
    message="Every worker needs all columns of the product, its own and the others', side by side in the "
    "order of the ranks; workers may have different numbers of them. What travels is the product: W and b "
    "stay where they are.",
)
def columns_are_gathered(ask: Ask, draw: Draw) -> None:
    for hidden, n in ((8, 2), (7, 3), (2, 3), (4, 1)):
        x, W, b, *_ = _network2(draw, hidden)
        x = x[:3]  # fewer rows than W has, so that to gather W would send more
        given = [x] * n, np.array_split(W, n, 1), np.array_split(b, n)
        report = _together(ask, "column_parallel", n, *given)
        for answer in report["answers"]:
            _near(ask, x @ W + b, answer)
        most = sum(size for *_, size in report["sent"])
        due = (n - 1) * 3 * hidden * 8
        ask.require(most <= due, f"at most {due} bytes in all", report["sent"])


@check(
    "shard",
    points=1,
    objective=4,
    message="With rows of W each worker has a part of every sum: add the parts up (joining them is for "
    "columns), and leave worker r the r-th part of the rows.",
)
def rows_are_summed(ask: Ask, draw: Draw) -> None:
    for n in (2, 3, 1):
        *_, W, b = _network2(draw, 7)
        x = draw.normal(size=(12, 7))
        given = np.array_split(x, n, 1), np.array_split(W, n), [0 * b] * n
        truth = np.split(x @ W, n)
        _near(ask, truth, _together(ask, "row_parallel", n, *given)["answers"])


@check(
    "shard",
    points=0.75,
    objective=4,
    message="The bias is in the result n times, or not at all: add it once, after the reduction.",
)
def the_bias_once(ask: Ask, draw: Draw) -> None:
    """What the bias changes, whatever the rest is: that is for other checks."""
    for n in (2, 3):
        x, W1, b1, W2, b2 = _network2(draw, 6)
        given = np.array_split(np.maximum(x @ W1 + b1, 0), n, 1), np.array_split(W2, n)
        layers = [x] * n, np.array_split(W1, n, 1), np.array_split(b1, n), np.array_split(W2, n)
        for name, before in (("row_parallel", given), ("mlp", layers)):
            without = _together(ask, name, n, *before, [0 * b2] * n)["answers"]
            answers = _together(ask, name, n, *before, [b2 + 3] * n)["answers"]
            for one, other in zip(answers, without, strict=True):
                change = np.asarray(one, float) - np.asarray(other, float)
                truth = np.broadcast_to(b2 + 3, np.shape(one))
                right = agree(truth, change, 1e-9, 1e-9) and np.any(other)
                ask.require(right, f"the sum and {shown(b2 + 3)} in each row", one)


@check(
    "shard",
    points=0.75,
    objective=1,
    message="More was sent than is needed: who keeps only some rows of the sum needs a reduce-scatter, which "
    "sends (n - 1) / n of the array from each worker. An all-reduce sends twice that, a gather even more.",
)
def scattered_not_reduced_for_all(ask: Ask, draw: Draw) -> None:
    for n in (2, 4):
        *_, W, b = _network2(draw, 8)
        x = draw.normal(size=(12, 8))
        report = _together(ask, "row_parallel", n, np.array_split(x, n, 1), np.array_split(W, n), [0 * b] * n)
        if agree([x @ W] * n, report["answers"], 1e-9, 1e-10):
            continue  # nobody keeps only some rows: another check says so
        total = sum(size for *_, size in report["sent"])
        due = (n - 1) * 12 * 3 * 8
        if not total:
            ask.not_judged("`row_parallel` sends nothing, so it sums nothing")
        ask.require(total <= due, f"at most {due} bytes in all", report["sent"])


@check(
    "shard",
    points=1,
    objective=4,
    message="Columns first and rows then need one all-reduce, at the end: nothing is gathered between the "
    "layers, and ReLU is taken of whole hidden units, before the sum.",
)
def one_collective_for_two_layers(ask: Ask, draw: Draw) -> None:
    for hidden, n in ((7, int(draw.integers(3, 5))), (2, 3)):
        x, W1, b1, W2, b2 = _network2(draw, hidden)
        given = [x] * n, np.array_split(W1, n, 1), np.array_split(b1, n), np.array_split(W2, n), [0 * b2] * n
        report = _together(ask, "mlp", n, *given)
        for answer in report["answers"]:
            _near(ask, np.maximum(x @ W1 + b1, 0) @ W2, answer)
        kinds = [kind for kind, *_ in report["sent"]]
        ask.require(len(kinds) == n, f"one collective on each of {n} workers", kinds)
        total, due = sum(size for *_, size in report["sent"]), 2 * (n - 1) * 12 * 3 * 8
        ask.require(total <= due, f"at most {due} bytes in all, as an all-reduce sends", report["sent"])


# --- The bubble --------------------------------------------------------------


def _order(kind: str, p: int, s: int, m: int) -> list[str]:
    if kind == "gpipe":
        return [f"{way}{i}" for way in "FB" for i in range(m)]
    first, tasks = min(m, p - 1 - s), []
    for i in range(m + first):
        if i < m:
            tasks.append(f"F{i}")
        if i >= first:
            tasks.append(f"B{i - first}")
    return tasks


def _timeline(orders: list[list[str]], forward: float, backward: float) -> dict:
    """By going round until no start moves any more: another way than the exercise's."""
    cost, p = {"F": forward, "B": backward}, len(orders)
    start = {(s, task): 0.0 for s in range(p) for task in orders[s]}
    moved = True
    while moved:
        moved = False
        for s, tasks in enumerate(orders):
            for k, task in enumerate(tasks):
                needs = [(s, tasks[k - 1])] if k else []
                if task[0] == "F":
                    needs += [(s - 1, task)] if s else []
                else:
                    needs += [(s, "F" + task[1:])] + ([(s + 1, task)] if s + 1 < p else [])
                begin = max((start[need] + cost[need[1][0]] for need in needs), default=0.0)
                moved |= begin > start[s, task]
                start[s, task] = begin
    ends = [time + cost[task[0]] for (_, task), time in start.items()]
    return {"start": [[start[s, task] for task in orders[s]] for s in range(p)], "length": max(ends)}


def _pipeline(draw: Draw) -> tuple[int, int]:
    return int(draw.integers(3, 6)), int(draw.integers(4, 9))


@check(
    "bubble",
    points=0.5,
    objective=4,
    message="GPipe's order is the same on every stage: all micro-batches forward, then all backward, both "
    "from 0 upwards.",
)
def all_forward_then_all_back(ask: Ask, draw: Draw) -> None:
    for p, m in (_pipeline(draw), (1, 1), (2, 1)):
        for s in range(p):
            ask.equal("order", "gpipe", p, s, m, expected=_order("gpipe", p, s, m))


@check(
    "bubble",
    points=1,
    objective=4,
    message="In 1F1B a stage begins with as many forward tasks as stages come after it (p - 1 - s, at most "
    "m), then takes one forward and one backward in turn; what is left over goes backward. The last stage "
    "takes turns at once.",
)
def one_forward_one_back(ask: Ask, draw: Draw) -> None:
    def numbered(tasks: list[str]) -> list[str]:
        """As the learner numbers micro-batches: from where is another check's."""
        first = {task[0]: int(task[1:]) for task in ask("order", "gpipe", 1, 0, 1)}
        return [f"{task[0]}{int(task[1:]) + first[task[0]]}" for task in tasks]

    for p, m in (_pipeline(draw), (6, 3), (4, 1), (1, 3), (4, 3), (3, 3)):
        for s in range(p):
            truth = _order("1f1b", p, s, m)
            _follows(ask, truth, ask("order", "1f1b", p, s, m), lambda truth=truth: numbered(truth))


@check(
    "bubble",
    points=1,
    objective=4,
    message="A task began before what it needs was there, or later than it could. A forward task needs the "
    "stage before, a backward task the stage after; a stage does one at a time, in its order. The length is "
    "the end of the last task.",
)
def a_stage_waits_for_its_neighbours(ask: Ask, draw: Draw) -> None:
    for p, m in (_pipeline(draw), (1, 2), (2, 1)):
        for kind in ("gpipe", "1f1b"):
            orders = [_order(kind, p, s, m) for s in range(p)]
            forward, backward = float(draw.integers(1, 5)), float(draw.integers(1, 9))
            given = orders, forward, backward
            ask.equal("timeline", *given, expected=_timeline(*given))
        # All forward, then backward in reverse order.
        orders = [[*(f"F{i}" for i in range(m)), *(f"B{i}" for i in reversed(range(m)))] for _ in range(p)]
        ask.equal("timeline", orders, 1.0, 2.0, expected=_timeline(orders, 1.0, 2.0))
    mixed = [
        ["F0", "F1", "F2", "B0", "B1", "B2"],
        ["F0", "B0", "F1", "F2", "B1", "B2"],
        ["F0", "B0", "F1", "B1", "F2", "B2"],
    ]
    ask.equal("timeline", mixed, 2.0, 1.0, expected=_timeline(mixed, 2.0, 1.0))


@check(
    "bubble",
    points=0.5,
    objective=4,
    message="An order in which every stage waits for another is to be refused with a ValueError that says "
    "deadlock, not to end in an endless loop, another exception or an answer. Any other order has an answer.",
)
def an_order_that_never_ends(ask: Ask, draw: Draw) -> None:
    cases = [([["B0", "F0"]], True), ([["F0", "B0"], ["B0", "F0"]], True), ([["F0", "B0"]], False)]
    for kind in ("gpipe", "1f1b", "1f1b", "gpipe", "1f1b"):
        p, m = int(draw.integers(2, 5)), int(draw.integers(2, 5))
        orders = [_order(kind, p, s, m) for s in range(p)]
        cases.append((orders, False))
        wrong = [list(tasks) for tasks in orders]
        way = len(cases) % 3
        if way == 0:  # a stage's first backward task before its forward task
            wrong[int(draw.integers(p))].sort(key=lambda task: (task[1:], task[0]))
        elif way == 1:  # the last stage waits for all, the first for each
            wrong[-1] = _order("gpipe", p, p - 1, m)
            wrong[0] = [f"{direction}{i}" for i in range(m) for direction in "FB"]
        else:  # the last stage leaves one out
            wrong[-1].remove("B0")
        cases.append((wrong, True))
    cases.append(([_order("1f1b", 50, s, 2) for s in range(50)], False))  # many rounds are no deadlock
    # Whether a stage waits for the next one at all is another check's.
    pair = [["F0", "B0"], ["F0", "B0"]]
    waits = _otherwise(ask, lambda: agree(_timeline(pair, 1, 1), ask("timeline", pair, 1, 1)))
    for orders, stuck in _in_any_order(draw, cases):
        if stuck and not waits and len(orders) > 1:
            continue
        report = ask("attempt", "timeline", orders, 1, 1)
        if stuck:
            ask.require("deadlock" in report.get("refused", ""), "a ValueError that says deadlock", report)
        else:
            ask.require("answer" in report, "an answer", report)


@check(
    "bubble",
    points=0.5,
    objective=4,
    message="The idle part is what is left of p times the length when the seconds of all tasks are taken "
    "off, forward and backward ones, and divided by p times the length.",
)
def the_idle_part(ask: Ask, draw: Draw) -> None:
    cases = [
        ([_order(kind, p, s, m) for s in range(p)], 1.0, float(draw.integers(2, 4)))
        for p, m in (_pipeline(draw), (2, 1), (4, 16), (1, 3))
        for kind in ("gpipe", "1f1b")
    ]
    cases.append(([["F0", "B0", "F1", "B1"]] * 2, 2.0, 3.0))  # nobody overlaps with anybody
    for orders, forward, backward in cases:
        busy = sum(forward if task[0] == "F" else backward for tasks in orders for task in tasks)

        def idle(length: float, orders: list = orders, busy: float = busy) -> float:
            return 1 - busy / (len(orders) * length)

        given = orders, forward, backward
        truth = idle(_timeline(*given)["length"])
        _follows(
            ask, truth, ask("bubble", *given), lambda given=given: idle(ask("timeline", *given)["length"])
        )


@check(
    "bubble",
    points=0.5,
    objective=4,
    message="What goes forward is kept until it has gone backward: the most at once, not how many there are "
    "in all, and not how many are left at the end.",
)
def what_is_kept_at_once(ask: Ask, draw: Draw) -> None:
    p, m = _pipeline(draw)
    for s in range(p):
        ask.equal("kept", _order("1f1b", p, s, m), expected=min(m, p - s))
    ask.equal("kept", _order("gpipe", p, 0, m), expected=m)
    ask.equal("kept", ["F0", "B0"], expected=1)
    ask.equal("kept", ["F0", "F1", "F2", "B0", "B1", "F3", "B2", "B3"], expected=3)
    ask.equal("kept", ["F0", "B0", "F1", "F2", "B1", "B2"], expected=2)


# --- Resume after a crash ----------------------------------------------------


def _training(draw: Draw, momentum: float, steps: int, every: int, rows: int = 10, batch: int = 3) -> list:
    """10 rows, 3 a step: three steps an epoch, and one row of each is not used."""
    x = draw.normal(size=(rows, 3))
    y = x @ draw.normal(size=3) + draw.normal(size=rows)
    rate = float(draw.uniform(0.02, 0.05))
    return [x, y, draw.normal(size=3), rate, momentum, batch, steps, every, int(draw.integers(1000))]


def _trained(given: list) -> dict:
    x, y, w, rate, momentum, batch, steps, _, seed = given
    rng, v, taken = np.random.default_rng(seed), np.zeros_like(w), 0
    while taken < steps:
        order = rng.permutation(len(x))
        for at in range(0, len(x) - batch + 1, batch):
            if taken < steps:
                rows = order[at : at + batch]
                v = momentum * v + 2 * x[rows].T @ (x[rows] @ w - y[rows]) / batch
                w = w - rate * v
                taken += 1
    return {"w": w, "v": v}


def _calm(ask: Ask, given: list) -> dict:
    """The learner's own undisturbed training: whether it is the right one, another check says."""
    report = ask("lives", "train", [], *given)
    moved = not agree(given[2], report["answer"]["w"], 1e-6, 1e-9)
    ask.require(moved and report["done"][0], "a training that moves the weights", report)
    return report


def _resumed(ask: Ask, given: list, *kills: list) -> dict:
    """Kill and restart: it must go on from the disk, and end as the learner's own undisturbed training."""
    calm = _calm(ask, given)["answer"]
    report = ask("lives", "train", list(kills), *given)
    starts = [done[0] if done else given[6] for done in report["done"]]
    if len(starts) < 2 or max(starts) == starts[0]:
        ask.not_judged("killed and started again, no life goes on from a checkpoint")
    _near(ask, {"w": calm["w"], "v": calm["v"]}, report["answer"])
    return report


def _in_a_new_process(ask: Ask, draw: Draw) -> None:
    """Between two lives another training ran to its end: what is kept in memory is that one's."""
    given = _training(draw, 0.9, 12, 3, batch=10)
    end = {key: _calm(ask, given)["answer"][key] for key in ("w", "v")}
    other = ["other", _training(draw, 0.9, 12, 3, batch=10)]
    report = ask("lives", "train", [["done", 5], other, ["done", 7], other], *given)
    _near(ask, end, report["answer"])


@check(
    "resume",
    points=0.5,
    objective=6,
    message="Even undisturbed it is another training: the gradient of the mean of the squares, the momentum, "
    "a new permutation for each epoch, whole batches only; and `done` after each step, counted from 1.",
)
def an_undisturbed_training(ask: Ask, draw: Draw) -> None:
    for given in (
        _training(draw, 0.8, 11, 4),
        _training(draw, 0.5, 31, 7),
        _training(draw, 0.5, 5, 9, rows=9),
        _training(draw, 0.5, 4, 2, rows=4, batch=4),
        _training(draw, 0.5, 7, 1, rows=3, batch=1),
    ):
        report = ask("lives", "train", [], *given)
        _near(ask, _trained(given), report["answer"])
        steps = list(range(1, given[6] + 1))
        ask.require(report["done"] == [steps], f"steps 1 to {given[6]}", report["done"])


@check(
    "resume",
    points=1,
    objective=6,
    message="Where all rows are taken in each step, the weights or the momentum after a restart are others "
    "than without it: the momentum is part of the state, and must be saved with the weights and the step. "
    "A new process finds nothing but the disk: no global of the one before.",
)
def the_momentum_goes_on(ask: Ask, draw: Draw) -> None:
    _resumed(ask, _training(draw, 0.9, 6, 2, batch=10), ["done", 5])
    _resumed(ask, _training(draw, 0.9, 12, 3, batch=10), ["done", 7])
    _resumed(ask, _training(draw, 0.9, 12, 3, batch=10), ["done", 6], ["done", 11])
    _in_a_new_process(ask, draw)


@check(
    "resume",
    points=1,
    objective=6,
    message="After a restart other rows are taken than without it: the data must go on where it was, in the "
    "middle of an epoch and in a later one, not begin anew.",
)
def the_order_of_the_rows_goes_on(ask: Ask, draw: Draw) -> None:
    _resumed(ask, _training(draw, 0.0, 6, 2), ["done", 5])
    _resumed(ask, _training(draw, 0.0, 14, 4), ["done", 9])
    _resumed(ask, _training(draw, 0.0, 14, 3), ["done", 3], ["done", 10])


@check(
    "resume",
    points=1,
    objective=6,
    message="Killed in the middle of a write: the checkpoint before was lost with it, or the half-written "
    "one was read. Write to another name and rename, or keep the last one and pass over what cannot be read.",
)
def a_half_written_checkpoint_is_none(ask: Ask, draw: Draw) -> None:
    given = _training(draw, 0.0, 12, 3, batch=10)
    calm = _calm(ask, given)
    report = ask("lives", "train", [["write", 1]], *given)
    first = calm["done"][0][0]
    ask.require(len(report["done"]) == 2, "a write, and so a kill", report["done"])
    ask.require(report["done"][1][0] == first, "nothing was saved yet: from the first step", report["done"])
    _near(ask, {"w": calm["answer"]["w"]}, report["answer"])
    # Who has done as many steps as are between two checkpoints has saved one, in however many writes.
    given = _training(draw, 0.0, 27, 2, batch=10)
    calm = _calm(ask, given)
    report = ask("lives", "train", [["write", 6], ["write", 6]], *given)
    for life, after in pairwise(report["done"]):
        if len(life) >= 2:
            ask.require(after[0] > life[0], "the next life goes on after a checkpoint", report["done"])
    _near(ask, {"w": calm["answer"]["w"]}, report["answer"])


@check(
    "resume",
    points=0.5,
    objective=6,
    message="Only the steps since the last checkpoint are done again, also after a second kill. Save after "
    "every `every` steps, before `done`; `resumed` is the step whose checkpoint was found, or 0.",
)
def only_what_came_after_is_done_again(ask: Ask, draw: Draw) -> None:
    cases = [
        (17, 5, [8, 10, 14]),
        (10, 5, [10]),  # killed at the very end: nothing is left to do
        (4, 9, [3]),  # before the first checkpoint
        (3, 1, [2]),
        (5, 2, []),
    ]
    for steps, every, kills in cases:
        given = _training(draw, 0.0, steps, every, batch=10)
        report = ask("lives", "train", [["done", step] for step in kills], *given)
        got = {"done": report["done"], "resumed": report["answer"]["resumed"]}

        def own(given: list = given, kills: list = kills) -> dict:
            """Where the learner counts steps from another number than 1: that is another check's."""
            return _lived(given, kills, ask("lives", "train", [], *given)["done"][0][0])

        _follows(ask, _lived(given, kills, 1), got, own)


def _lived(given: list, kills: list[int], first: int) -> dict:
    """The steps of each life, counted from ``first``, and the checkpoint that the last one found."""
    steps, every = given[6:8]
    lives, saved = [], 0
    for kill in (*kills, None):
        found, done = saved, []
        for taken in range(found + 1, steps + 1):
            saved = taken if taken % every == 0 else saved
            done.append(taken + first - 1)
            if done[-1] == kill:
                break
        lives.append(done)
        if not done or done[-1] != kill:
            break
    return {"done": lives, "resumed": found}


@check(
    "resume",
    points=0.5,
    objective=6,
    message="What is done again is what came after the last checkpoint, for each kill: nothing where the "
    "kill came right after one, and everything where it came before the first.",
)
def what_was_lost(ask: Ask, draw: Draw) -> None:
    every, drawn, resumed = int(draw.integers(4, 9)), [], 0
    for _ in range(5):  # a life begins after the last checkpoint, and cannot be killed before
        drawn.append(resumed + int(draw.integers(1, 3 * every)))
        resumed = drawn[-1] // every * every
    for kills in (drawn, [3 * every, 4 * every - 1], [every - 1, every, every + 1, every + 1], [1], []):
        ask.equal("done_twice", every, kills, expected=sum(k % every for k in kills))
    ask.equal("done_twice", 1, [3, 4], expected=0)


@check(
    "resume",
    points=0.5,
    objective=6,
    message="Two losses add up: saving, whose share falls with the interval, and doing half an interval "
    "again at every failure, which rises. Count both in seconds, and take the choice with the smallest sum.",
)
def how_often_to_save(ask: Ask, draw: Draw) -> None:
    for seconds in (0.05, 0.3, float(draw.uniform(0.5, 2)), 4.0, 20.0):
        save, between = draw.uniform((5, 1000), (60, 90000))
        best = math.sqrt(2 * save * between) / seconds
        # The best is at any place in order, not in the middle.
        shorter, longer = (0.4, 0.05, 0.2)[: draw.integers(4)], (3.0, 20.0, 7.0)[: draw.integers(4)]
        choices = sorted({max(1, round(best * factor)) for factor in (*shorter, 1.0, *longer)})
        truth = min(choices, key=lambda k: save / (k * seconds) + k * seconds / (2 * between))
        shuffled = [int(k) for k in draw.permutation(choices)]
        given = shuffled, seconds, float(save), float(between)
        ask.equal("best_every", *given, expected=truth)
    # 100 steps of 2 s are best; the first, the last, the middle one, in no order.
    for choices in ([100, 130, 300], [10, 80, 100], [300, 100, 20], [100]):
        ask.equal("best_every", choices, 2.0, 20.0, 1000.0, expected=100)


# --- Translate ---------------------------------------------------------------


def _local(w: np.ndarray, x: np.ndarray, y: np.ndarray, rate: float, every: int) -> tuple[float, np.ndarray]:
    """The mean loss at w, and w after a worker's own steps."""
    z = x @ w
    loss = float((np.logaddexp(0, z) - y * z).mean())
    for _ in range(every):
        w = w - rate * x.T @ (np.exp(-np.logaddexp(0, -x @ w)) - y) / len(y)
    return loss, w


def _fit(
    x: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    rate: float,
    every: int,
    rounds: int,
    outer: float,
    momentum: float,
    together: Callable[..., np.ndarray] = np.mean,
    local: Callable[..., tuple[float, np.ndarray]] = _local,
) -> dict:
    v, losses, drifts = np.zeros_like(w), [], []
    for _ in range(rounds):
        before, ends = zip(
            *(local(w, x_r, y_r, rate, every) for x_r, y_r in zip(x, y, strict=True)), strict=True
        )
        own = w - np.array(ends)
        change = together(own, axis=0)
        losses.append(float(np.mean(before)))
        drifts.append(float(np.linalg.norm(own - change, axis=1).max()))
        v = momentum * v + change
        w = w - outer * (change + momentum * v)
    return {"w": w, "losses": losses, "drifts": drifts}


def _require_fit(ask: Ask, key: str, given: list) -> None:
    """Require a key of the answer: the truth, or what follows from the learner's own steps of one worker.

    And where the workers agree in another way than is asked for, which another check names, what
    follows from that.
    """
    answer, truth = ask("fit", *given), _fit(*given)

    def own() -> dict | None:
        def local(
            w: np.ndarray, x: np.ndarray, y: np.ndarray, rate: float, every: int
        ) -> tuple[float, np.ndarray]:
            loss, _ = _local(w, x, y, rate, 0)  # the true one: no other check asks for it
            return loss, np.asarray(ask("fit", x[None], y[None], w, rate, every, 1, 1.0, 0.0)["w"])

        x, y, w, rate, every, rounds, *more = given
        if agree(w, answer["w"]) or not np.isfinite(answer[key]).all():  # no step at all, or nan
            return None
        others = [_fit(*given, local=local)]
        if key != "w" or more[1]:
            all_rows = [np.concatenate(x)[None]], [np.concatenate(y)[None]]
            others.append(_fit(*given, together=np.sum, local=local))
            others.append(_fit(x, y, w, rate, 1, rounds * every, *more, local=local))
            others.append(_fit(*(part[0] for part in all_rows), *given[2:], local=local))
        for other in others:
            if agree({"w": other["w"]}, answer, 1e-9, 1e-10) and agree(other[key], answer[key], 1e-6, 1e-7):
                return {key: other[key]}
        return None

    tolerances = (1e-9, 1e-10) if key == "w" else (1e-6, 1e-7)  # a list may come back in float32
    _follows(ask, {key: truth[key]}, {key: answer[key]}, own, *tolerances)


def _shards(draw: Draw, workers: int) -> list[np.ndarray]:
    """x, y, w of workers whose rows differ in kind."""
    x = draw.normal(size=(workers, 5, 4)) + draw.normal(0, 1.5, (workers, 1, 4))
    return [x, draw.integers(0, 2, (workers, 5)).astype(float), draw.normal(size=4)]


@check(
    "translation",
    points=0.5,
    objective=2,
    message="Even one worker with one step a round does not do gradient descent on the mean cross-entropy of "
    "sigmoid(x @ w).",
)
def one_worker_is_gradient_descent(ask: Ask, draw: Draw) -> None:
    given = [*_shards(draw, 1), float(draw.uniform(0.2, 0.8)), 1, 3, 1.0, 0.0]
    _near(ask, {"w": _fit(*given)["w"]}, ask("fit", *given))


@check(
    "translation",
    points=1,
    objective=2,
    message="Within a round each worker takes its own steps, from the common weights, by its own rows; only "
    "at the end the mean of the changes is taken, and `outer` times that is the common step.",
)
def agreed_at_the_end_of_a_round(ask: Ask, draw: Draw) -> None:
    for outer in (1.0, 0.7):
        _require_fit(ask, "w", [*_shards(draw, 3), float(draw.uniform(0.3, 0.9)), 3, 2, outer, 0.0])


@check(
    "translation",
    points=1,
    objective=2,
    message="The momentum is that of the rounds: v collects the common changes, is kept from round to round, "
    "and the step is the change plus momentum times v (Nesterov), not v alone.",
)
def the_momentum_of_the_rounds(ask: Ask, draw: Draw) -> None:
    for rounds in (1, 4):
        _require_fit(ask, "w", [*_shards(draw, 3), float(draw.uniform(0.2, 0.6)), 2, rounds, 1.0, 0.6])


@check(
    "translation",
    points=0.75,
    objective=2,
    message="The drift is the distance of the worker that is farthest from the workers' mean, one number a "
    "round: neither a mean of distances nor the distance from where the round began.",
)
def the_largest_drift(ask: Ask, draw: Draw) -> None:
    _require_fit(ask, "drifts", [*_shards(draw, 3), float(draw.uniform(0.3, 0.9)), 3, 3, 1.0, 0.0])
    _require_fit(ask, "drifts", [*_shards(draw, 1), 0.5, 1, 2, 1.0, 0.0])


@check(
    "translation",
    points=0.75,
    objective=2,
    message="The loss is the mean over all workers' rows at the common weights, before each round: "
    "not worker 0's, and not at the workers' own weights. It is finite also where x @ w is large.",
)
def the_loss_before_the_round(ask: Ask, draw: Draw) -> None:
    _require_fit(ask, "losses", [*_shards(draw, 3), float(draw.uniform(0.3, 0.9)), 2, 3, 1.0, 0.0])
    x, y, w = _shards(draw, 3)
    _require_fit(ask, "losses", [400 * x, y, w, 1e-3, 2, 2, 1.0, 0.0])
