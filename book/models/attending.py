"""What one head of the trained GPT looks at: its attention over the start of the text that it wrote."""

import ast
import base64
import zlib

import numpy as np
from matplotlib.figure import Figure

from triptych.course import Course
from triptych.notebooks import model as notebook

HEADING = "A milestone: a small GPT"
TIME, WIDTH, HEADS, LAYERS = 96, 64, 4, 2
#: The head that is drawn, and how much of the text.
BLOCK, HEAD, SHOWN = 0, 2, 28
#: A block's layers in their order: the shapes of their arrays.
NORM = ((WIDTH,), (WIDTH,))
LAYER = {
    "norm1": NORM,
    "qkv": ((WIDTH, 3 * WIDTH), (3 * WIDTH,)),
    "out": ((WIDTH, WIDTH), (WIDTH,)),
    "norm2": NORM,
    "up": ((WIDTH, 4 * WIDTH), (4 * WIDTH,)),
    "down": ((4 * WIDTH, WIDTH), (WIDTH,)),
}


def draw(course: Course) -> Figure:
    """A square for each pair of letters: the row looks at the column, the darker the more."""
    path = course.siblings("models")["pytorch"]
    read = notebook.read(path, course)
    text = read.checkpoints[HEADING].shared["greedy text"][:SHOWN]
    cells = {cell.id: cell.source for _, cell in read.cells}
    letters = sorted(set(constant(cells["gpt-text"], "TEXT")))
    found = unpack(constant(cells["gpt-stored"], "PACKED"), len(letters))
    pattern = attention(found, [letters.index(letter) for letter in text])
    figure = Figure(figsize=(5.2, 5.2), layout="constrained")  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    axes.imshow(np.where(np.tri(SHOWN) > 0, pattern, np.nan), cmap="Blues", vmin=0, vmax=0.7)
    labels = [{" ": "␣", "\n": "↵"}.get(letter, letter) for letter in text]
    axes.set_xticks(range(SHOWN), labels, fontsize=9)
    axes.set_yticks(range(SHOWN), labels, fontsize=9)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0)
    axes.set_xlabel("is looked at")
    axes.set_ylabel("looks")
    axes.spines[:].set_visible(False)
    axes.text(SHOWN * 0.72, SHOWN * 0.28, "masked:\nletters still to come", ha="center", fontsize=9)
    return figure


def constant(source: str, name: str) -> str:
    """The text that a cell gives to a name."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return str(ast.literal_eval(node.value))
    raise KeyError(name)


def unpack(packed: str, letters: int) -> dict[str, list[np.ndarray]]:
    """The stored arrays by name, as the notebooks' `unpack` makes them."""
    shapes = {"tokens": ((letters, WIDTH),), "places": ((TIME, WIDTH),)}
    for block in range(LAYERS):
        shapes |= {f"{block}.{name}": shape for name, shape in LAYER.items()}
    shapes |= {"norm": NORM, "head": ((WIDTH, letters),)}
    raw = zlib.decompress(base64.b64decode(packed))
    count = sum(map(len, shapes.values()))
    scales = iter(np.frombuffer(raw[: 4 * count], "<f4"))
    whole = np.frombuffer(raw[4 * count :], np.int8)
    found: dict[str, list[np.ndarray]] = {}
    at = 0
    for name, arrays in shapes.items():
        found[name] = []
        for shape in arrays:
            size = int(np.prod(shape))
            found[name].append(whole[at : at + size].reshape(shape) * next(scales))
            at += size
    return found


def attention(weights: dict[str, list[np.ndarray]], text: list[int]) -> np.ndarray:
    """The weights with which each letter looks at each, in the head that is drawn, in NumPy."""

    def dense(name: str, x: np.ndarray) -> np.ndarray:
        matrix, bias = weights[name]
        return x @ matrix + bias

    def norm(name: str, x: np.ndarray) -> np.ndarray:
        scale, shift = weights[name]
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * scale + shift

    x = weights["tokens"][0][text] + weights["places"][0][: len(text)]
    seen = np.tri(len(text)) > 0
    for block in range(LAYERS):
        qkv = dense(f"{block}.qkv", norm(f"{block}.norm1", x))
        q, k, v = qkv.reshape(len(text), 3, HEADS, -1).transpose(1, 2, 0, 3)
        scores = np.where(seen, q @ k.transpose(0, 2, 1) / np.sqrt(WIDTH // HEADS), -np.inf)
        mixture = np.exp(scores - scores.max(-1, keepdims=True))
        mixture /= mixture.sum(-1, keepdims=True)
        if block == BLOCK:
            return mixture[HEAD]
        received = (mixture @ v).transpose(1, 0, 2).reshape(len(text), WIDTH)
        x = x + dense(f"{block}.out", received)
        up = dense(f"{block}.up", norm(f"{block}.norm2", x))
        gelu = 0.5 * up * (1 + np.tanh(np.sqrt(2 / np.pi) * (up + 0.044715 * up**3)))
        x = x + dense(f"{block}.down", gelu)
    raise ValueError(BLOCK)
