"""Multiplications for one more letter, with a cache and without, against the length of the text so far."""

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.site.plots import GREY

TIME, WIDTH, LAYERS, LETTERS = 96, 64, 2, 53
#: For one letter: all dense layers of all blocks, and the head.
DENSE = LAYERS * (3 + 1 + 4 + 4) * WIDTH * WIDTH
HEAD = WIDTH * LETTERS


def attention(queries: int, keys: int) -> int:
    """The scores, and the mixture of the values."""
    return LAYERS * 2 * queries * keys * WIDTH


def whole(letters: int) -> int:
    """The whole text through the network once more."""
    return letters * (DENSE + HEAD) + attention(letters, letters)


def cached(letters: int, keys: int) -> int:
    """The newest letter only, whose query meets so many kept keys."""
    return DENSE + HEAD + attention(1, keys if keys else letters)


def draw(_: Course) -> Figure:
    """Three lines: the text as it grows, the text in all its places, the cache."""
    figure = Figure(figsize=(5.2, 3.5), layout="constrained")  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    lengths = range(1, TIME + 1)
    axes.plot(lengths, [whole(TIME)] * TIME, "--", color="#b3400b", lw=1.6)
    axes.plot(lengths, [whole(n) for n in lengths], color="#b3400b", lw=2)
    axes.plot(lengths, [cached(n, 0) for n in lengths], color="#0b5cad", lw=2)
    axes.text(3, whole(TIME) * 1.12, f"whole text, always {TIME} places", fontsize=9, color="#b3400b")
    axes.text(38, whole(30) * 0.72, "whole text, as long as it is", fontsize=9, color="#b3400b")
    axes.text(30, cached(30, 0) * 1.25, "with a cache: the newest letter", fontsize=9, color="#0b5cad")
    ratio = whole(TIME) / cached(TIME, 0)
    arrow = {"arrowstyle": "<->", "color": GREY}
    axes.annotate("", (TIME, whole(TIME)), (TIME, cached(TIME, 0)), arrowprops=arrow)
    axes.text(TIME - 1.5, 1.2e6, f"{ratio:.0f} times", ha="right", fontsize=9)
    axes.set_yscale("log")
    axes.set_ylim(6e4, 3e7)
    axes.set_xlabel("letters so far")
    axes.set_ylabel("multiplications for the next letter")
    axes.spines[["top", "right"]].set_visible(False)
    return figure
