"""A map of the export routes: from each framework, through its files, to the places that it reached."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook

HEADING = "Choosing a path"

#: The rows from top to bottom: files in the middle column, places at the right.
FILES = (
    ".pt2 program",
    "AOTInductor",
    ".pte",
    "SavedModel",
    ".tflite",
    "StableHLO",
    "ONNX",
)
PLACES = ("Python", "C or C++", "phone", "server", "browser")
SCALE = (len(FILES) - 1) / (len(PLACES) - 1)

#: Each route, by the path that the checkpoint must have walked.
ROUTES = {
    "pytorch": (
        ("program", (".pt2 program", "Python")),
        ("other language", (".pt2 program", "AOTInductor", "C or C++")),
        ("phone", (".pt2 program", ".pte", "phone")),
    ),
    "tensorflow": (
        ("program", ("SavedModel", "Python")),
        ("other language", ("SavedModel", "C or C++")),
        ("phone", ("SavedModel", ".tflite", "phone")),
    ),
    "jax": (
        ("program", ("StableHLO", "Python")),
        ("other language", ("StableHLO", "C or C++")),
        ("phone", ("StableHLO", "SavedModel", ".tflite", "phone")),
        ("SavedModel", ("StableHLO", "SavedModel", "Python")),
    ),
}
#: Where a file does not stand in the middle column: no line runs behind it.
ASIDE = {"ONNX": 1.6, "AOTInductor": 3.1, ".pte": 2.7, ".tflite": 3.35}
SHARED = (("server", ("ONNX", "server")), ("browser", ("ONNX", "browser")))
STARTS = {"pytorch": 1.0, "tensorflow": 3.5, "jax": 5.3}


def draw(course: Course) -> Figure:
    """Three columns and a line for each route. Raises TriptychError where a notebook did not walk one."""
    figure = Figure(figsize=(5.2, 4.6))
    axes = figure.add_axes((0, 0, 1, 1))
    shift = {"pytorch": -0.09, "tensorflow": 0.0, "jax": 0.09}
    for name, path in course.siblings("deployment").items():
        walked = notebook.read(path, course).checkpoints[HEADING].only
        for route, stations in (*ROUTES[name], *SHARED):
            if route not in walked:
                raise TriptychError(
                    f"{course.name(path)}: {HEADING}", f"no path {route!r}", "walk it, or change ROUTES"
                )
            _route(axes, STARTS[name], stations, shift[name], FRAMEWORKS[name].colour)
        _label(axes, (0.0, STARTS[name]), FRAMEWORKS[name].title, FRAMEWORKS[name].colour)
    for file in FILES:
        _label(axes, _at(file), file)
    for place in PLACES:
        _label(axes, _at(place), place)
    axes.set_xlim(-0.65, 5.75)
    axes.set_ylim(len(FILES) - 0.4, -0.6)
    axes.set_axis_off()
    return figure


def _at(station: str) -> tuple[float, float]:
    """The middle of a station; a file made from another file stands to the right of it."""
    if station in PLACES:
        return 5.2, PLACES.index(station) * SCALE
    return ASIDE.get(station, 2.0), float(FILES.index(station))


def _route(axes: Axes, start: float, stations: tuple[str, ...], shift: float, colour: str) -> None:
    x, y = 0.0, start
    for station in stations:
        there = _at(station)
        axes.plot([x, there[0]], [y + shift, there[1] + shift], color=colour, linewidth=1.6, zorder=1)
        x, y = there


def _label(axes: Axes, at: tuple[float, float], text: str, colour: str = "#5b6470") -> None:
    axes.text(
        *at, text, ha="center", va="center", fontsize=9, zorder=2,
        bbox={"boxstyle": "round,pad=0.35", "facecolor": "#f7f8fa", "edgecolor": colour, "linewidth": 1.2},
    )  # fmt: skip
