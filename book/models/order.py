"""In which order two channels of 2 x 3 pixels are laid in a row: channels first, channels last."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from triptych.course import Course
from triptych.site.plots import GREY

CHANNELS, HEIGHT, WIDTH = 2, 2, 3
COLOURS = ("#3b6ea5", "#e0a03b")  # from the site's palette
CELL = 0.42


def draw(course: Course) -> Figure:
    """The two channels above; below, the two rows of twelve, with lines for one pixel."""
    del course
    cells = [(c, h, w) for c in range(CHANNELS) for h in range(HEIGHT) for w in range(WIDTH)]
    first = np.arange(len(cells)).reshape(CHANNELS, HEIGHT, WIDTH)
    rows = {
        "PyTorch, (channels, height, width)": first.ravel(),
        "Keras, TensorFlow and Flax, (height, width, channels)": first.transpose(1, 2, 0).ravel(),
    }
    figure = Figure(figsize=(5.4, 4.2))  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    places: list[dict[int, float]] = []
    for number in range(len(cells)):
        c, h, w = cells[number]
        _cell(axes, 1.5 + 1.1 * w + 5.2 * c, 0.95 * h, c, _name(cells[number]))
    for c in range(CHANNELS):
        axes.text(2.5 + 5.2 * c, -0.65, f"channel {'ab'[c]}", ha="center", fontsize=10)
    for at, (title, order) in enumerate(rows.items()):
        y = 4.0 + 3.2 * at
        axes.text(0, y + (0.95 if at else -0.65), title, fontsize=10, ha="left")
        for place, number in enumerate(order):
            _cell(axes, place + 0.5, y, cells[number][0], _name(cells[number]))
        places.append({int(number): place + 0.5 for place, number in enumerate(order)})
    above, below = places
    for number in above:
        axes.plot(
            [above[number], below[number]],
            [4.0 + CELL, 7.2 - CELL],
            color=COLOURS[cells[number][0]],
            linewidth=0.9,
            alpha=0.6,
            zorder=0,
        )
    axes.text(
        0,
        9.1,
        "the same twelve numbers: a matrix whose rows fit\none order does not fit the other",
        fontsize=9.5,
        va="center",
        color=GREY,
    )
    axes.set_xlim(-0.1, 12.2)
    axes.set_ylim(9.7, -1.1)
    axes.axis("off")
    return figure


def _name(cell: tuple[int, int, int]) -> str:
    channel, row, column = cell
    return f"{'ab'[channel]}{row * WIDTH + column}"


def _cell(axes, x: float, y: float, channel: int, words: str) -> None:
    axes.add_patch(
        Rectangle((x - CELL, y - CELL), 2 * CELL, 2 * CELL, facecolor=COLOURS[channel], alpha=0.35)
    )
    axes.text(x, y, words, ha="center", va="center", fontsize=9)
