"""Hidden checks of the chapter on distributed training, the same for the three frameworks.

`together` is the exercises' locked helper: it runs a function on simulated
workers and reports what each answered and every message. `lives` kills and
restarts a training, `watched` counts the rows of which a loss was asked, and
`attempt` gives an answer or the text of the ValueError with which it was refused.
"""

import json
import math

import numpy as np

from triptych.grading.checks import Ask, agree, check, shown

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


def _in_any_order(draw: Draw, cases: list) -> list:
    """The cases, shuffled: which answer comes next is not to be known from this file."""
    return [cases[i] for i in draw.permutation(len(cases))]


def _together(ask: Ask, name: str, n: int, *given: list) -> dict:
    """What n workers answered, and what they sent."""
    return ask("together", name, n, *given)


def _near(ask: Ask, truth: object, answer: object) -> None:
    """Require equality up to the order of sums, in float64."""
    ask.require(agree(truth, answer, 1e-9, 1e-10), shown(truth), answer)


# --- Tell every worker -------------------------------------------------------


def _hosts(draw: Draw) -> list[list]:
    """Three hosts or more with unequal numbers of processes; the first name is not the smallest."""
    names = [f"node{int(k)}" for k in draw.permutation(range(10, 60))[:4]]
    names.sort(reverse=bool(draw.integers(2)))
    names = names[1:] + names[:1]
    return [[name, int(count)] for name, count in zip(names, draw.permutation([1, 2, 3, 4]), strict=True)]


def _places(hosts: list[list]) -> list[list]:
    return [[name, i] for name, count in hosts for i in range(count)]


@check(
    "launch",
    points=1,
    objective=3,
    message="Ranks count through all hosts, in their order, local ranks on each host from 0, and the world's "
    "size is the number of processes, not of hosts. The hosts need not have equally many.",
)
def ranks_count_through_the_hosts(ask: Ask, draw: Draw) -> None:
    hosts = _hosts(draw)
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
    message="An environment holds texts, so numbers too are given as such; and everybody meets at one place, "
    "the host of rank 0, at the port that was given.",
)
def one_meeting_place_and_texts_only(ask: Ask, draw: Draw) -> None:
    hosts, port = _hosts(draw), int(draw.integers(2000, 60000))
    environments = ask("torchrun", hosts, port)
    processes = len(_places(hosts))
    ask.require(len(environments) == processes, f"{processes} processes", len(environments))
    for told in environments:
        ask.require(all(isinstance(text, str) for text in told.values()), "texts", told)
        meeting = {"MASTER_ADDR": hosts[0][0], "MASTER_PORT": str(port)}
        ask.require(agree(meeting, told), shown(meeting), told)


@check(
    "launch",
    points=0.75,
    objective=3,
    message="Every worker of TensorFlow listens at an address of its own: on one host the second process at "
    "the next port, and on the next host from the given port again. All get one list, and their own index.",
)
def every_worker_its_own_address(ask: Ask, draw: Draw) -> None:
    hosts, port = _hosts(draw), int(draw.integers(2000, 60000))
    workers = [f"{name}:{port + local}" for name, local in _places(hosts)]
    told = ask("tf_config", hosts, port)
    ask.require(len(told) == len(workers), f"{len(workers)} texts", told)
    for rank, text in enumerate(told):
        ask.require(isinstance(text, str), "a text, of JSON", text)
        truth = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": rank}}
        try:
            config = json.loads(text)
        except ValueError:
            config = text
        ask.require(agree(truth, config), shown(truth), config)


@check(
    "launch",
    points=0.5,
    objective=3,
    message="The coordinator is one address for all, rank 0's host with the port; processes, not hosts, are "
    "counted, and their numbers are numbers here.",
)
def the_coordinator_is_at_rank_0(ask: Ask, draw: Draw) -> None:
    hosts, port = _hosts(draw), int(draw.integers(2000, 60000))
    n = len(_places(hosts))
    address = f"{hosts[0][0]}:{port}"
    truth = [{"coordinator_address": address, "num_processes": n, "process_id": i} for i in range(n)]
    ask.equal("jax_distributed", hosts, port, expected=truth)


@check(
    "launch",
    points=0.75,
    objective=3,
    message="A host that is listed twice (not only next to itself), one without a process, or no host at all "
    "was taken, or refused without its name: the job would hang, and say nothing.",
)
def refuses_what_would_hang(ask: Ask, draw: Draw) -> None:
    hosts = _hosts(draw)
    ask.require("answer" in ask("attempt", "placed", hosts), "an answer")
    name = hosts[0][0]
    for wrong in ([*hosts, [name, 1]], [[name, 0], *hosts[1:]], [*hosts[1:], [name, -1]]):
        for function, more in (("placed", []), ("torchrun", [29500]), ("tf_config", [2000])):
            report = ask("attempt", function, wrong, *more)
            ask.require(name in report.get("refused", ""), f"a ValueError that says {name}", report)
    for function, more in (("placed", []), ("jax_distributed", [2000])):
        ask.require("refused" in ask("attempt", function, [], *more), "a ValueError")


# --- Who holds what? ---------------------------------------------------------


def _shares(length: int, n: int) -> list[int]:
    most = math.ceil(length / n)
    return [min(most, max(0, length - most * rank)) for rank in range(n)]


def _held(shapes: list[list[int]], n: int, stage: int) -> list[dict[str, int]]:
    whole = 4 * sum(math.prod(shape) for shape in shapes)
    part = [4 * sum(_shares(s[0], n)[rank] * math.prod(s[1:]) for s in shapes) for rank in range(n)]
    return [
        {
            "weights": part[rank] if stage == 3 else whole,
            "gradients": part[rank] if stage >= 2 else whole,
            "moments": 2 * (part[rank] if stage else whole),
        }
        for rank in range(n)
    ]


def _layers(draw: Draw) -> list[list[int]]:
    """A network whose first axes no small number divides, with a kernel of four axes."""
    a, b, c = (int(k) for k in draw.choice([13, 17, 19, 23, 29, 31], 3, replace=False))
    return [[a, 3, 3, 3], [a], [b, a], [b], [c, b], [c]]


@check(
    "holds",
    points=0.75,
    objective=4,
    message="Everybody gets the length over n, rounded up, as long as there are rows: not the rest to the "
    "first ones, nor all of it to the last. The last may get fewer, or none.",
)
def equal_pieces_and_a_rest(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(3, 9))
    for length in (n * int(draw.integers(1, 9)), n * int(draw.integers(2, 9)) + 1, n + 1, n - 1, 1):
        ask.equal("shares", length, n, expected=_shares(length, n))


@check(
    "holds",
    points=1,
    objective=4,
    message="Stage 0 cuts nothing, 1 the moments, 2 also the gradients, 3 also the weights. Moments are two "
    "numbers for every weight, and a number takes 4 bytes.",
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
    message="Each array is cut on its own, along its first axis: the pieces are whole rows, and with a rest "
    "in every array the first worker holds more than the last. An n-th of the total is too even.",
)
def every_array_is_cut_on_its_own(ask: Ask, draw: Draw) -> None:
    shapes, n = _layers(draw), int(draw.integers(4, 8))
    for stage in (3, 1):
        ask.equal("held", shapes, n, stage, expected=_held(shapes, n, stage))
    ask.equal("held", [[2, 5], [3]], 4, 3, expected=_held([[2, 5], [3]], 4, 3))


@check(
    "holds",
    points=0.75,
    objective=4,
    message="The first stage at which the worker that holds the most still fits, all four kinds of numbers "
    "counted; a limit may be reached to the byte; and None, where not even stage 3 fits.",
)
def the_first_stage_that_fits(ask: Ask, draw: Draw) -> None:
    shapes, n = _layers(draw), int(draw.integers(4, 8))
    cases: list[tuple[int, int | None]] = []
    for stage in range(4):
        most = max(sum(worker.values()) for worker in _held(shapes, n, stage))
        cases += [(most, stage), (most - 1, stage + 1 if stage < 3 else None)]
    for limit, truth in _in_any_order(draw, cases):
        ask.equal("smallest_stage", shapes, n, limit, expected=truth)


@check(
    "holds",
    points=0.75,
    objective=4,
    message="Stages 1 and 2 send as much as stage 0: a reduce-scatter and an all-gather are an all-reduce. "
    "Only stage 3 sends half as much again, as it gathers the weights twice. On a ring the share is (n - 1) "
    "/ n.",
)
def only_stage_3_sends_more(ask: Ask, draw: Draw) -> None:
    shapes, n = _layers(draw), int(draw.integers(3, 40))
    size = 4 * sum(math.prod(shape) for shape in shapes)
    for stage, times in enumerate((2, 2, 2, 3)):
        ask.equal("sent", shapes, n, stage, expected=times * (n - 1) / n * size)
    ask.equal("sent", shapes, 1, 3, expected=0.0)


# --- What does it cost? ------------------------------------------------------


def _ring(n: int, size: float, latency: float, bandwidth: float) -> float:
    return 2 * (n - 1) * (latency + size / (n * bandwidth))


def _tree(n: int, size: float, latency: float, bandwidth: float) -> float:
    return 2 * math.ceil(math.log2(n)) * (latency + size / bandwidth)


def _network(draw: Draw) -> tuple[float, float]:
    return float(10 ** draw.uniform(-5, -3)), float(10 ** draw.uniform(6, 9))


@check(
    "cost",
    points=0.75,
    objective=7,
    message="Each of the ring's 2 (n - 1) steps pays the latency once, and sends an n-th of the array: bytes "
    "hardly grow with n, messages do. One worker alone sends nothing.",
)
def the_ring_cuts_the_array(ask: Ask, draw: Draw) -> None:
    for n in (1, 2, int(draw.integers(3, 60)), 1000):
        given = n, float(draw.integers(1e6, 1e8)), *_network(draw)
        ask.equal("ring_time", *given, expected=_ring(*given), rtol=1e-6, atol=0)
        given = n, 8.0, *_network(draw)
        ask.equal("ring_time", *given, expected=_ring(*given), rtol=1e-6, atol=0)


@check(
    "cost",
    points=0.5,
    objective=7,
    message="A tree takes log2 n rounds, rounded up, to the root and as many back; every message is the "
    "whole array. 8 workers need 3 rounds, 9 need 4, and one needs none.",
)
def the_tree_counts_rounds(ask: Ask, draw: Draw) -> None:
    power = 2 ** int(draw.integers(2, 8))
    for n in (1, 2, 3, power, power + 1, power - 1):
        given = n, float(draw.integers(1e4, 1e7)), *_network(draw)
        ask.equal("tree_time", *given, expected=_tree(*given), rtol=1e-6, atol=0)


@check(
    "cost",
    points=0.5,
    objective=7,
    message="The server has one link: n arrays come in one after the other, and n go out, each a message of "
    "its own. It is a machine of its own, so all n workers send to it.",
)
def the_server_has_one_link(ask: Ask, draw: Draw) -> None:
    for n in (1, int(draw.integers(2, 60)), 1000):
        size, (latency, bandwidth) = float(draw.integers(1e4, 1e7)), _network(draw)
        truth = 2 * n * (latency + size / bandwidth)
        ask.equal("server_time", n, size, latency, bandwidth, expected=truth, rtol=1e-6, atol=0)


@check(
    "cost",
    points=0.75,
    objective=7,
    message="At the crossover ring and tree take equally long: solve both for the size. With two or three "
    "workers the ring sends no more messages than the tree, and always wins: 0.",
)
def where_the_ring_begins_to_win(ask: Ask, draw: Draw) -> None:
    for n in (int(draw.integers(4, 12)), int(draw.integers(12, 200)), 1024):
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
    message="The line through the times begins at 2 (n - 1) latencies, and its slope is 2 (n - 1) / n "
    "divided by the bandwidth: what was fitted is still to be solved for both. One or two points alone "
    "mislead.",
)
def latency_and_bandwidth_from_points(ask: Ask, draw: Draw) -> None:
    for n in (2, int(draw.integers(3, 30))):
        latency, bandwidth = float(draw.uniform(1e-3, 5e-3)), float(10 ** draw.uniform(6, 7))
        sizes = draw.permutation([2e3, 5e4, 2e5, 1e6, 2e6])
        times = np.array([_ring(n, size, latency, bandwidth) for size in sizes])
        truth = {"latency": latency, "bandwidth": bandwidth}
        ask.equal("fitted", n, sizes, times, expected=truth, rtol=1e-3, atol=0)


@check(
    "cost",
    points=0.75,
    objective=7,
    message="The way back begins at the last layer. An all-reduce begins when its gradient is there and the "
    "one before it is done; meanwhile the way back goes on, so sending is neither all hidden nor all added.",
)
def sending_hides_behind_the_way_back(ask: Ask, draw: Draw) -> None:
    for scale in (1e3, 1e6, 1e7):  # hidden but for the first layer, mixed, bound by the network
        n, forward = int(draw.integers(2, 9)), float(draw.uniform(0.5, 2))
        backward = [float(t) for t in draw.uniform(0.1, 1, 6)]
        sizes = [float(s) for s in scale * draw.uniform(0.1, 1, 6)]
        given = n, 1e-3, 5e6
        computed = network = forward
        for layer in range(5, -1, -1):
            computed += backward[layer]
            network = max(network, computed) + _ring(n, sizes[layer], 1e-3, 5e6)
        ask.equal("step_time", forward, backward, sizes, *given, expected=network, rtol=1e-6)


# --- Ring all-reduce ---------------------------------------------------------


@check(
    "ring",
    points=1,
    objective=1,
    message="After an all-gather everybody has everything, after a reduce-scatter worker r has the r-th part "
    "of the sum, after a broadcast all have what worker 0 had. Arrays of two axes are cut along the first.",
)
def what_each_collective_leaves(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(2, 5))
    for shape in ((2 * n,), (n, 3)):
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


def _reduced(ask: Ask, inputs: list[np.ndarray]) -> dict:
    report = _together(ask, "ring_all_reduce", len(inputs), inputs)
    total = np.sum(inputs, axis=0)
    for got in report["answers"]:
        ask.require(agree(total, got, 0, 0), f"{shown(total)} on every worker", report["answers"])
    return report


@check(
    "ring",
    points=1,
    objective=1,
    message="Not every worker has the whole sum: n - 1 steps make one complete chunk on each worker, and "
    "another n - 1 send these round. A worker alone has the sum already.",
)
def every_worker_has_the_sum(ask: Ask, draw: Draw) -> None:
    for n in (1, 2, 3, 8):
        _reduced(ask, _inputs(draw, n, 4 * n))


@check(
    "ring",
    points=1,
    objective=1,
    message="A length that the number of workers does not divide, or one smaller than it: cut it into chunks "
    "as equal as possible, of which some may be empty. Nothing may be lost at the end.",
)
def any_length(ask: Ask, draw: Draw) -> None:
    for n in (3, 5):
        for length in (2 * n + 1, 3 * n - 1, n - 1, 1):
            _reduced(ask, _inputs(draw, n, length))


@check(
    "ring",
    points=1,
    objective=1,
    message="A worker sends to the next one only. A ready-made collective, or arrays sent to all or through "
    "worker 0, make no ring: the link of one would have to carry everything.",
)
def neighbours_only(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(4, 8))
    sent = _reduced(ask, _inputs(draw, n, 2 * n))["sent"]
    ask.require(sent, "messages", sent)
    others = [message for message in sent if message[0] != "send" or message[2] != (message[1] + 1) % n]
    ask.require(not others, f"from each worker to the next, of {n}", others[:3])


@check(
    "ring",
    points=1,
    objective=1,
    message="More was sent than a ring needs: each worker sends 2 (n - 1) messages of one chunk, which is 2 "
    "(n - 1) / n of the array. Whole arrays sent round cost n / 2 times that.",
)
def a_chunk_at_a_time(ask: Ask, draw: Draw) -> None:
    n, parts = int(draw.integers(4, 8)), int(draw.integers(2, 6))
    sent = _reduced(ask, _inputs(draw, n, n * parts))["sent"]
    for rank in range(n):
        sizes = [size for _, source, _, size in sent if source == rank]
        truth = [8 * parts] * (2 * (n - 1))
        ask.require(agree(truth, sizes), f"{len(truth)} messages of {8 * parts} bytes", sizes)
    inputs = _inputs(draw, n, n * parts + 1)
    total = sum(size for *_, size in _together(ask, "ring_all_reduce", n, inputs)["sent"])
    due = 2 * (n - 1) * inputs[0].nbytes
    ask.require(total == due, f"{due} bytes in all", total)


# --- Accumulate the gradient -------------------------------------------------

#: Inputs and labels of the classifier; few shapes, as each is compiled anew.
D, K = 4, 3


def _classifier(draw: Draw, rows: int) -> list[np.ndarray]:
    """w, b, x, y; later rows are larger, so that no two parts of them are alike."""
    x = draw.normal(size=(rows, D)) * np.linspace(0.5, 2, rows)[:, None]
    return [draw.normal(size=(D, K)), draw.normal(size=K), x, draw.integers(0, K, rows)]


def _slope(w: np.ndarray, b: np.ndarray, x: np.ndarray, y: np.ndarray) -> dict:
    """Mean cross-entropy and its gradient."""
    z = x @ w + b
    z = z - z.max(1, keepdims=True)
    logs = z - np.log(np.exp(z).sum(1, keepdims=True))
    off = np.exp(logs)
    off[np.arange(len(y)), y] -= 1
    loss = float(-logs[np.arange(len(y)), y].mean())
    return {"loss": loss, "w": x.T @ off / len(y), "b": off.mean(0)}


@check(
    "accumulate",
    points=0.5,
    objective=5,
    message="Even with equal micro-batches this is not the loss and the gradient of the mean over all rows: "
    "each micro-batch adds its part, none starts anew.",
)
def parts_add_up(ask: Ask, draw: Draw) -> None:
    given = _classifier(draw, 12)
    _near(ask, _slope(*given), ask("accumulated", *given, [4, 4, 4]))


@check(
    "accumulate",
    points=1,
    objective=5,
    message="Micro-batches of unequal sizes: the mean of their means lets a row of a small one count for "
    "more. Add up sums, and divide by the number of all rows.",
)
def every_row_counts_the_same(ask: Ask, draw: Draw) -> None:
    given = _classifier(draw, 12)
    sizes = [1, 4, 7][:: int(draw.choice([1, -1]))]
    _near(ask, _slope(*given), ask("accumulated", *given, sizes))


@check(
    "accumulate",
    points=0.5,
    objective=5,
    message="The loss of more rows than one micro-batch has was asked for at once: then the activations of "
    "all of them are kept, which is what accumulating is to avoid. Use `losses` for each.",
)
def never_the_whole_batch_at_once(ask: Ask, draw: Draw) -> None:
    given = _classifier(draw, 15)
    # Micro-batches of a size that no other check has: what was compiled before is not traced again.
    report = ask("watched", "accumulated", *given, [3] * 5)
    ask.require(report["rows"] and max(report["rows"]) <= 3, "at most 3 rows at once", report["rows"])
    _near(ask, _slope(*given), report["answer"])


def _grouped(given: list[np.ndarray], sizes: list[int], every: int, rate: float) -> dict:
    w, b, x, y = given
    updates, start = 0, 0
    for first in range(0, len(sizes), every):
        end = start + sum(sizes[first : first + every])
        slope = _slope(w, b, x[start:end], y[start:end])
        w, b = w - rate * slope["w"], b - rate * slope["b"]
        updates, start = updates + 1, end
    return {"w": w, "b": b, "updates": updates}


@check(
    "accumulate",
    points=0.75,
    objective=5,
    message="An update after every group, at the weights that the one before left, with the gradient of this "
    "group's rows alone: what was accumulated before must be cleared.",
)
def every_group_starts_from_zero(ask: Ask, draw: Draw) -> None:
    given, rate = _classifier(draw, 16), float(draw.uniform(0.2, 0.6))
    truth = _grouped(given, [4, 4, 4, 4], 2, rate)
    _near(ask, truth, ask("grouped", *given, [4, 4, 4, 4], 2, rate))


@check(
    "accumulate",
    points=0.5,
    objective=5,
    message="The micro-batches left over at the end were dropped, or were divided by the size of a whole "
    "group: they are an update of their own, the mean over the rows that there are.",
)
def the_rest_is_an_update_too(ask: Ask, draw: Draw) -> None:
    given, rate = _classifier(draw, 20), float(draw.uniform(0.2, 0.6))
    for every in (2, 3):
        truth = _grouped(given, [4] * 5, every, rate)
        _near(ask, truth, ask("grouped", *given, [4] * 5, every, rate))


@check(
    "accumulate",
    points=0.75,
    objective=5,
    message="The variance of all rows is more than the mean of the variances: the micro-batches' means "
    "differ too. And each counts by its rows.",
)
def statistics_are_merged(ask: Ask, draw: Draw) -> None:
    for counts in ([5, 5, 5], [1, 9, 4]):
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


def _stepped(given: list[np.ndarray], rate: float, ceiling: float) -> dict:
    slope = _slope(*given)
    norm = math.sqrt((slope["w"] ** 2).sum() + (slope["b"] ** 2).sum())
    scale = min(1.0, ceiling / norm)
    w, b = given[0] - rate * scale * slope["w"], given[1] - rate * scale * slope["b"]
    return {"w": w, "b": b, "loss": slope["loss"]}


@check(
    "missing",
    points=1,
    objective=2,
    message="The workers do not agree: a gradient, or the loss, is not reduced. From the next step on they "
    "train different models.",
)
def all_workers_end_equal(ask: Ask, draw: Draw) -> None:
    given = _classifier(draw, 12)
    first, *others = _step(ask, given, [4, 4, 4], float(draw.uniform(0.2, 1)), 1e9)
    # How long the step is, is asked below; but it is one down the slope of all rows.
    slope = _slope(*given)
    down = np.concatenate([slope["w"].ravel(), slope["b"]])
    step = np.concatenate([np.ravel(given[0] - first["w"]), given[1] - first["b"]])
    along = float(step @ down / max(np.linalg.norm(step) * np.linalg.norm(down), 1e-30))
    ask.require(along > 0.99, "a step down the gradient of all rows", first)
    truth = {key: first[key] for key in ("w", "b", "loss")}
    for other in others:
        ask.require(agree(truth, other, 1e-9, 1e-10), f"on every worker {shown(truth)}", other)


@check(
    "missing",
    points=1,
    objective=2,
    message="The workers' step is not that of one process with all rows: a sum of means is n times too "
    "large, a mean that is taken twice n times too small. The loss is that of all rows too.",
)
def equals_one_process(ask: Ask, draw: Draw) -> None:
    for sizes in ([4, 4, 4], [4, 4]):
        given, rate = _classifier(draw, sum(sizes)), float(draw.uniform(0.2, 1))
        truth = _stepped(given, rate, 1e9)
        for answer in _step(ask, given, sizes, rate, 1e9):
            _near(ask, truth, answer)


@check(
    "missing",
    points=1,
    objective=2,
    message="Workers with unequal numbers of rows, one perhaps with none: the mean of the workers' means is "
    "not the mean over all rows, and the mean over no rows is nan.",
)
def uneven_shards(ask: Ask, draw: Draw) -> None:
    for sizes in ([1, 4, 7], [4, 0, 4]):
        given, rate = _classifier(draw, sum(sizes)), float(draw.uniform(0.2, 1))
        truth = _stepped(given, rate, 1e9)
        for answer in _step(ask, given, sizes, rate, 1e9):
            _near(ask, truth, answer)


@check(
    "missing",
    points=1,
    objective=2,
    message="One process clips the gradient of all rows, w and b together. Clipped before the all-reduce "
    "each worker's would be scaled by another number, and their sum is no longer that direction.",
)
def clips_what_was_reduced(ask: Ask, draw: Draw) -> None:
    given, rate = _classifier(draw, 12), float(draw.uniform(0.2, 1))
    slope = _slope(*given)
    norm = math.sqrt((slope["w"] ** 2).sum() + (slope["b"] ** 2).sum())
    for ceiling in (0.3 * norm, 1.02 * norm):  # w or b alone, or one shard, would lie elsewhere
        truth = _stepped(given, rate, ceiling)
        for answer in _step(ask, given, [4, 4, 4], rate, ceiling):
            _near(ask, truth, answer)


@check(
    "missing",
    points=1,
    objective=2,
    message="The judge names the wrong bug, or misses one: it has to look at every array of every worker, to "
    "compare *steps* and not weights, and to take nan for nothing.",
)
def the_bug_has_a_name(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(3, 6))
    before = {"w": draw.normal(size=(3, 2)), "b": draw.normal(size=2)}
    due = {key: draw.uniform(0.5, 1, array.shape) for key, array in before.items()}

    def after(times: float) -> dict:
        return {key: before[key] + times * due[key] for key in before}

    single = after(1)
    apart = after(1) | {"b": single["b"] + [0, 1e-6]}
    nan = {key: array.copy() for key, array in single.items()}
    nan["w"][1, 1] = np.nan
    cases = [
        ("equal", [after(1 + 1e-12)] * n),
        ("summed", [after(n)] * n),
        ("averaged twice", [after(1 / n)] * n),
        ("other", [after(2.5 * n)] * n),
        ("other", [single | {"b": before["b"]}] * n),
        ("not reduced", [single] * (n - 1) + [apart]),
        ("not reduced", [after(1 + 0.1 * rank) for rank in range(n)]),
        ("other", [nan] * n),
    ]
    for verdict, workers in _in_any_order(draw, cases):
        ask.equal("diagnose", before, single, workers, expected=verdict)


# --- Shard a matmul ----------------------------------------------------------


def _network2(draw: Draw, hidden: int) -> list[np.ndarray]:
    """x, W1, b1, W2, b2 of two layers, with 12 rows."""
    shapes = (12, 5), (5, hidden), (hidden,), (hidden, 3), (3,)
    return [draw.normal(size=shape) for shape in shapes]


@check(
    "shard",
    points=0.5,
    objective=4,
    message="The hidden width is cut in all three: columns of W1, entries of b1, rows of W2; the same hidden "
    "units for one worker, and the rest spread as np.array_split does.",
)
def cuts_the_hidden_width(ask: Ask, draw: Draw) -> None:
    for hidden, n in ((8, 4), (7, 3), (6, 1)):
        _, W1, b1, W2, _ = _network2(draw, hidden)
        parts = np.array_split(W1, n, 1), np.array_split(b1, n), np.array_split(W2, n)
        truth = [dict(zip(("W1", "b1", "W2"), part, strict=True)) for part in zip(*parts, strict=True)]
        ask.equal("cut", W1, b1, W2, n, expected=truth)


@check(
    "shard",
    points=1,
    objective=4,
    message="Every worker needs all columns, its own and the others', side by side in the order of the "
    "ranks; they may have unequal numbers of them.",
)
def columns_are_gathered(ask: Ask, draw: Draw) -> None:
    for hidden, n in ((8, 2), (7, 3)):
        x, W, b, *_ = _network2(draw, hidden)
        given = [x] * n, np.array_split(W, n, 1), np.array_split(b, n)
        report = _together(ask, "column_parallel", n, *given)
        for answer in report["answers"]:
            _near(ask, x @ W + b, answer)
        # A gather of the product; whether W itself was gathered shows in the bytes.
        most = sum(size for *_, size in report["sent"])
        due = (n - 1) * 12 * hidden * 8
        ask.require(most <= due, f"{due} bytes in all", report["sent"])


@check(
    "shard",
    points=1,
    objective=4,
    message="With rows of W each worker has a part of every sum: add the parts up (joining them is for "
    "columns), and leave worker r the r-th part of the rows.",
)
def rows_are_summed(ask: Ask, draw: Draw) -> None:
    for n in (2, 3):
        *_, W, b = _network2(draw, 7)
        x = draw.normal(size=(12, 7))
        given = np.array_split(x, n, 1), np.array_split(W, n), [0 * b] * n
        truth = np.split(x @ W, n)
        _near(ask, truth, _together(ask, "row_parallel", n, *given)["answers"])


@check(
    "shard",
    points=0.75,
    objective=4,
    message="The bias came n times into the sum, or not at all: add it after the reduction, once.",
)
def the_bias_once(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(2, 4))
    x, W1, b1, W2, b2 = _network2(draw, 6)
    hidden, b2 = np.maximum(x @ W1 + b1, 0), b2 + 3
    given = np.array_split(hidden, n, 1), np.array_split(W2, n), [b2] * n
    _near(ask, np.split(hidden @ W2 + b2, n), _together(ask, "row_parallel", n, *given)["answers"])
    given = [x] * n, np.array_split(W1, n, 1), np.array_split(b1, n), np.array_split(W2, n), [b2] * n
    _near(ask, [hidden @ W2 + b2] * n, _together(ask, "mlp", n, *given)["answers"])


@check(
    "shard",
    points=0.75,
    objective=1,
    message="More was sent than needed: who keeps only some rows of the sum needs a reduce-scatter, (n - 1) "
    "/ n of the array from each worker. An all-reduce sends twice that, a gather even more.",
)
def scattered_not_reduced_for_all(ask: Ask, draw: Draw) -> None:
    for n in (2, 4):
        *_, W, b = _network2(draw, 8)
        x = draw.normal(size=(12, 8))
        report = _together(ask, "row_parallel", n, np.array_split(x, n, 1), np.array_split(W, n), [b] * n)
        total = sum(size for *_, size in report["sent"])
        ask.require(0 < total <= (n - 1) * 12 * 3 * 8, f"{(n - 1) * 12 * 3 * 8} bytes in all", report["sent"])
        _near(ask, np.split(x @ W + b, n), report["answers"])


@check(
    "shard",
    points=1,
    objective=4,
    message="Columns first and rows then need one all-reduce, at the end: nothing is gathered between the "
    "layers, and ReLU is taken of whole hidden units, before the sum.",
)
def one_collective_for_two_layers(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(2, 4))
    x, W1, b1, W2, b2 = _network2(draw, 7)
    given = [x] * n, np.array_split(W1, n, 1), np.array_split(b1, n), np.array_split(W2, n), [b2] * n
    report = _together(ask, "mlp", n, *given)
    for answer in report["answers"]:
        _near(ask, np.maximum(x @ W1 + b1, 0) @ W2 + b2, answer)
    kinds = [kind for kind, *_ in report["sent"]]
    ask.require(kinds == ["all_reduce"] * n, "one all_reduce on each worker", kinds)


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
    message="GPipe's order is the same on every stage: all micro-batches forward, then all back, both in "
    "their order.",
)
def all_forward_then_all_back(ask: Ask, draw: Draw) -> None:
    p, m = _pipeline(draw)
    for s in range(p):
        ask.equal("order", "gpipe", p, s, m, expected=_order("gpipe", p, s, m))


@check(
    "bubble",
    points=1,
    objective=4,
    message="In 1F1B a stage begins with as many forward as stages come after it (p - 1 - s, at most m), "
    "then one forward and one back in turn; what is left over goes back. The last stage begins to turn at "
    "once.",
)
def one_forward_one_back(ask: Ask, draw: Draw) -> None:
    for p, m in (_pipeline(draw), (6, 3), (4, 1), (1, 3)):
        for s in range(p):
            ask.equal("order", "1f1b", p, s, m, expected=_order("1f1b", p, s, m))


@check(
    "bubble",
    points=1,
    objective=4,
    message="A task began before what it needs was there, or later than it could: forward needs the stage "
    "before, back the stage after, one at a time in the given order; the end is that of the last task.",
)
def a_stage_waits_for_its_neighbours(ask: Ask, draw: Draw) -> None:
    p, m = _pipeline(draw)
    for kind in ("gpipe", "1f1b"):
        orders = [_order(kind, p, s, m) for s in range(p)]
        forward, backward = float(draw.integers(1, 5)), float(draw.integers(1, 9))
        given = orders, forward, backward
        ask.equal("timeline", *given, expected=_timeline(*given))
    # All forward, then back in reverse order; and one stage that mixes.
    orders = [[*(f"F{i}" for i in range(m)), *(f"B{i}" for i in reversed(range(m)))] for _ in range(p)]
    ask.equal("timeline", orders, 1.0, 2.0, expected=_timeline(orders, 1.0, 2.0))


@check(
    "bubble",
    points=0.5,
    objective=4,
    message="An order in which everybody waits for somebody: it must be refused with the word deadlock, and "
    "not end in an endless loop or in another exception.",
)
def an_order_that_never_ends(ask: Ask, draw: Draw) -> None:
    cases = []
    for kind in ("gpipe", "1f1b", "1f1b", "gpipe", "1f1b"):
        p, m = int(draw.integers(2, 5)), int(draw.integers(2, 5))
        orders = [_order(kind, p, s, m) for s in range(p)]
        cases.append((orders, False))
        wrong = [list(tasks) for tasks in orders]
        way = len(cases) % 3
        if way == 0:  # a stage's first way back before its way forward
            wrong[int(draw.integers(p))].sort(key=lambda task: (task[1:], task[0]))
        elif way == 1:  # the last stage waits for all, the first for each
            wrong[-1] = _order("gpipe", p, p - 1, m)
            wrong[0] = [f"{direction}{i}" for i in range(m) for direction in "FB"]
        else:  # the last stage leaves one out
            wrong[-1].remove("B0")
        cases.append((wrong, True))
    for orders, stuck in _in_any_order(draw, cases):
        report = ask("attempt", "timeline", orders, 1, 1)
        if stuck:
            ask.require("deadlock" in report.get("refused", ""), "a ValueError that says deadlock", report)
        else:
            ask.require("answer" in report, "an answer", report)


@check(
    "bubble",
    points=0.5,
    objective=4,
    message="The idle part is what is left of p times the length when all tasks' seconds are taken off; with "
    "equal stages it is (p - 1) / (m + p - 1), whatever a task of either kind takes.",
)
def the_idle_part(ask: Ask, draw: Draw) -> None:
    for p, m in (_pipeline(draw), (2, 1), (4, 16)):
        for kind in ("gpipe", "1f1b"):
            orders = [_order(kind, p, s, m) for s in range(p)]
            ask.equal("bubble", orders, 1.0, float(draw.integers(2, 4)), expected=(p - 1) / (m + p - 1))
    orders = [["F0", "B0", "F1", "B1"]] * 2  # nobody overlaps with anybody
    ask.equal("bubble", orders, 2.0, 3.0, expected=0.5)


@check(
    "bubble",
    points=0.5,
    objective=4,
    message="What goes forward is kept until it has gone back: the most at once, not how many there are in "
    "all, and not how many are left at the end.",
)
def what_is_kept_at_once(ask: Ask, draw: Draw) -> None:
    p, m = _pipeline(draw)
    for s in range(p):
        ask.equal("kept", _order("1f1b", p, s, m), expected=min(m, p - s))
    ask.equal("kept", _order("gpipe", p, 0, m), expected=m)
    ask.equal("kept", ["F0", "F1", "F2", "B0", "B1", "F3", "B2", "B3"], expected=3)


# --- Resume after a crash ----------------------------------------------------


def _training(draw: Draw, momentum: float, steps: int, every: int) -> list:
    """10 rows, 3 a step: three steps an epoch, and one row of each is not used."""
    x = draw.normal(size=(10, 3))
    y = x @ draw.normal(size=3) + draw.normal(size=10)
    rate = float(draw.uniform(0.02, 0.05))
    return [x, y, draw.normal(size=3), rate, momentum, 3, steps, every, int(draw.integers(1000))]


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


def _lived(ask: Ask, given: list, *kills: list) -> dict:
    report = ask("lives", "train", list(kills), *given)
    _near(ask, _trained(given), report["answer"])
    return report


@check(
    "resume",
    points=0.5,
    objective=6,
    message="Even undisturbed it is another training: the gradient of a mean, the momentum, a new "
    "permutation for each epoch, whole batches only; and `done` after every step, counted from 1.",
)
def an_undisturbed_training(ask: Ask, draw: Draw) -> None:
    report = _lived(ask, _training(draw, 0.8, 11, 4))
    ask.require(report["done"] == [list(range(1, 12))], "steps 1 to 11", report["done"])
    ask.require(report["answer"]["resumed"] == 0, "resumed 0", report["answer"]["resumed"])


@check(
    "resume",
    points=1,
    objective=6,
    message="After the restart the weights are others than those of an undisturbed training: the momentum is "
    "part of the state, and must be saved with the weights and the step.",
)
def the_momentum_goes_on(ask: Ask, draw: Draw) -> None:
    _lived(ask, _training(draw, 0.9, 3, 1), ["done", 2])
    _lived(ask, _training(draw, 0.9, 12, 3), ["done", 7])


@check(
    "resume",
    points=1,
    objective=6,
    message="After the restart other rows are taken than without it: the data must go on where it was, in "
    "the middle of an epoch and in a later one, not begin anew.",
)
def the_order_of_the_rows_goes_on(ask: Ask, draw: Draw) -> None:
    _lived(ask, _training(draw, 0.0, 3, 1), ["done", 1])
    _lived(ask, _training(draw, 0.0, 14, 4), ["done", 9])


@check(
    "resume",
    points=1,
    objective=6,
    message="Killed in the middle of a write: the checkpoint before was lost with it, or the half-written "
    "one was read. Write to another name and rename, or keep the last one and pass over what cannot be read.",
)
def a_half_written_checkpoint_is_none(ask: Ask, draw: Draw) -> None:
    report = _lived(ask, _training(draw, 0.7, 12, 3), ["write", 1])
    ask.require(report["done"][1][0] == 1, "nothing was saved yet: step 1", report["done"])
    report = _lived(ask, _training(draw, 0.7, 14, 3), ["write", 3], ["write", 2])
    # The third write of the first life is after step 9; the next life's second one is after step 12.
    truth = [list(range(1, 9)), [7, 8, 9, 10, 11], [10, 11, 12, 13, 14]]
    ask.require(report["done"] == truth, shown(truth), report["done"])


@check(
    "resume",
    points=0.5,
    objective=6,
    message="Only the steps since the last checkpoint are done again, also after a second kill. Saved is "
    "after every `every` steps, before `done`; `resumed` says what was found.",
)
def only_what_came_after_is_done_again(ask: Ask, draw: Draw) -> None:
    report = _lived(ask, _training(draw, 0.5, 17, 5), ["done", 8], ["done", 10], ["done", 14])
    truth = [list(range(1, 9)), list(range(6, 11)), list(range(11, 15)), list(range(11, 18))]
    ask.require(report["done"] == truth, shown(truth), report["done"])
    ask.require(report["answer"]["resumed"] == 10, "resumed 10", report["answer"]["resumed"])


@check(
    "resume",
    points=0.5,
    objective=6,
    message="Lost is what came after the last checkpoint, for each kill: nothing, if it came right after "
    "one, and everything before the first.",
)
def what_was_lost(ask: Ask, draw: Draw) -> None:
    every = int(draw.integers(4, 9))
    kills = [int(k) for k in draw.integers(1, 60, 5)]
    ask.equal("done_twice", every, kills, expected=sum(k % every for k in kills))
    ask.equal("done_twice", every, [3 * every, every - 1], expected=every - 1)
    ask.equal("done_twice", every, [], expected=0)


@check(
    "resume",
    points=0.5,
    objective=6,
    message="Two losses add up: saving, which falls with the interval, and doing half an interval again at "
    "every failure, which rises. Neither the shortest nor the longest is best; count in seconds.",
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


# --- Translate ---------------------------------------------------------------


def _fit(
    x: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    rate: float,
    every: int,
    rounds: int,
    outer: float,
    momentum: float,
) -> dict:
    v, losses, drifts = np.zeros_like(w), [], []
    for _ in range(rounds):
        losses.append(float((np.logaddexp(0, x @ w) - y * (x @ w)).mean()))
        own = []
        for rows, labels in zip(x, y, strict=True):
            local = w
            for _ in range(every):
                local = local - rate * rows.T @ (1 / (1 + np.exp(-rows @ local)) - labels) / len(labels)
            own.append(w - local)
        change = np.mean(own, axis=0)
        drifts.append(float(np.linalg.norm(own - change, axis=1).max()))
        v = momentum * v + change
        w = w - outer * (change + momentum * v)
    return {"w": w, "losses": losses, "drifts": drifts}


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
        given = [*_shards(draw, 3), float(draw.uniform(0.3, 0.9)), 3, 2, outer, 0.0]
        _near(ask, {"w": _fit(*given)["w"]}, ask("fit", *given))


@check(
    "translation",
    points=1,
    objective=2,
    message="The momentum is that of the rounds: v collects the common changes, is kept from round to round, "
    "and the step is the change and momentum times v (Nesterov), not v alone.",
)
def the_momentum_of_the_rounds(ask: Ask, draw: Draw) -> None:
    for rounds in (1, 4):
        given = [*_shards(draw, 3), float(draw.uniform(0.2, 0.6)), 2, rounds, 0.8, 0.6]
        _near(ask, {"w": _fit(*given)["w"]}, ask("fit", *given))


@check(
    "translation",
    points=0.75,
    objective=2,
    message="The drift is the distance of the worker that is farthest from the workers' mean, one number a "
    "round: neither a mean of distances nor the distance from where the round began.",
)
def the_largest_drift(ask: Ask, draw: Draw) -> None:
    given = [*_shards(draw, 3), float(draw.uniform(0.3, 0.9)), 3, 3, 1.0, 0.0]
    _near(ask, {"drifts": _fit(*given)["drifts"]}, ask("fit", *given))
    given = [*_shards(draw, 1), 0.5, 1, 2, 1.0, 0.0]
    _near(ask, {"drifts": [0.0, 0.0]}, ask("fit", *given))


@check(
    "translation",
    points=0.75,
    objective=2,
    message="The loss is that of all workers' rows at the common weights, before each round: not worker 0's, "
    "and not that of the workers' own weights on their way.",
)
def the_loss_before_the_round(ask: Ask, draw: Draw) -> None:
    given = [*_shards(draw, 3), float(draw.uniform(0.3, 0.9)), 2, 3, 1.0, 0.0]
    _near(ask, {"losses": _fit(*given)["losses"]}, ask("fit", *given))
