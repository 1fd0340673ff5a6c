"""Where things are: the course's folders, its siblings and its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS, PANELS

CONFIG = "_config.yml"


@dataclass(frozen=True)
class Chapter:
    """A chapter: the names of its notebooks, and the environment that they run in.

    Where ``aligned``, the notebooks are siblings: the same headings, the same inputs and the
    same numbers, shown side by side. ``environment`` is "course" for the course's own; a
    chapter with another one is run there, and not by ``make test``. Its pages say at their top
    for whom it is (``reader`` ends a sentence that begins with "You"), and what one should know
    before: ``needs`` in words, and the chapters that come ``after``. ``exercises`` says whether
    it has exercises and worked solutions: where it has, in each of its notebooks' FRAMEWORKS.
    """

    name: str
    notebooks: tuple[str, ...] = tuple(FRAMEWORKS)
    aligned: bool = True
    environment: str = "course"
    reader: str = ""
    needs: str = ""
    after: tuple[str, ...] = ()
    exercises: bool = True

    @property
    def exercise_notebooks(self) -> tuple[str, ...]:
        """The names of its notebooks of exercises."""
        return tuple(name for name in self.notebooks if name in FRAMEWORKS) if self.exercises else ()


#: The chapters, in the order of the book. What parity, lanes, badges, the site and the
#: workflows know of a chapter, they know from here.
CHAPTERS: tuple[Chapter, ...] = (
    Chapter(
        "models",
        notebooks=tuple(PANELS),
        reader="know Python and what a neural network is, and want to build and train one, or to move one",
        needs="NumPy's arrays, and what a loss is",
        exercises=False,
    ),
    Chapter(
        "graphs",
        reader="have trained a small network in one framework, and wonder when its Python runs",
        needs="tensors, and what a gradient is",
    ),
    Chapter(
        "autodiff",
        reader="have asked a framework for a gradient, and want to know what it did",
        needs="partial derivatives and the chain rule",
    ),
    Chapter(
        "distributed",
        reader="train on one device, and will soon need several",
        needs="gradient descent on batches, what a process is",
        after=("graphs",),
    ),
    Chapter(
        "deployment",
        reader="have a trained model, and others are to use it",
        needs="how a network is defined and trained",
        after=("graphs",),
    ),
    Chapter(
        "performance",
        reader="choose a framework by its speed, or have to defend a number",
        needs="how a network is trained",
        after=("graphs",),
    ),
)


@lru_cache(maxsize=4)
def _parsed(text: str) -> Any:
    """YAML as data, for reading only; kept, as each page of the site asks for the course's settings."""
    return yaml.safe_load(text)


@dataclass(frozen=True)
class Course:
    """A checkout of the course, known by the folder that holds ``_config.yml``."""

    root: Path

    @classmethod
    def containing(cls, start: Path) -> Course:
        """The course that ``start`` (a file or a folder) lies in.

        Raises TriptychError where no folder above holds ``_config.yml``.
        """
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / CONFIG).is_file():
                return cls(folder)
        raise TriptychError(
            start, f"no {CONFIG} in this folder or above it", "go to your copy of the course first"
        )

    @cached_property
    def _settings(self) -> dict[str, Any]:
        place = self.root / CONFIG
        try:
            settings = _parsed(place.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise TriptychError(place, f"not YAML ({' '.join(str(error).split())})") from error
        return settings if isinstance(settings, dict) else {}

    @cached_property
    def _repository(self) -> dict[str, str]:
        repository = self._settings.get("repository")
        if not isinstance(repository, dict) or not repository.get("url"):
            place = self.root / CONFIG
            raise TriptychError(place, "no repository: url", "name the repository's address there")
        return repository

    @property
    def site_url(self) -> str:
        """The published site's address, as ``_config.yml`` has it; empty where it has none."""
        html = self._settings.get("html")
        address = html.get("baseurl") if isinstance(html, dict) else None
        return f"{str(address).rstrip('/')}/" if address else ""

    @property
    def repository_url(self) -> str:
        """The repository's address, as ``_config.yml`` names it (the only place that does)."""
        return str(self._repository["url"]).rstrip("/")

    @property
    def branch(self) -> str:
        """The branch that launch links open, as ``_config.yml`` names it."""
        return str(self._repository.get("branch", "main"))

    def name(self, path: Path) -> str:
        """``path`` as a reader knows it: relative to the course where it lies inside."""
        path = path.resolve()
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def colab_url(self, path: Path) -> str:
        """Where Colab opens the notebook ``path`` from the repository."""
        repository = self.repository_url.removeprefix("https://github.com/")
        host = "https://colab.research.google.com/github"
        return f"{host}/{repository}/blob/{self.branch}/{self.name(path)}"

    def source_url(self, path: Path) -> str:
        """Where the repository's web page shows ``path``."""
        return f"{self.repository_url}/blob/{self.branch}/{self.name(path)}"

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters, in the order of the book."""
        return CHAPTERS

    def chapter(self, name: str) -> Chapter:
        """The chapter of that name. Raises TriptychError where there is none."""
        for chapter in self.chapters:
            if chapter.name == name:
                return chapter
        known = ", ".join(chapter.name for chapter in self.chapters)
        raise TriptychError(f"notebooks/{name}", "no such chapter", f"there are: {known}")

    def notebooks(self, chapter: str | None = None) -> list[Path]:
        """The notebooks of a chapter (of all chapters by default) that are there, in their order."""
        chosen = self.chapters if chapter is None else [self.chapter(chapter)]
        paths = (self.root / "notebooks" / c.name / f"{name}.ipynb" for c in chosen for name in c.notebooks)
        return [path for path in paths if path.is_file()]

    def siblings(self, chapter: str) -> dict[str, Path]:
        """The chapter's notebooks, by name.

        Raises TriptychError for an unknown chapter or a missing notebook.
        """
        folder = self.root / "notebooks" / chapter
        siblings = {name: folder / f"{name}.ipynb" for name in self.chapter(chapter).notebooks}
        for path in siblings.values():
            if not path.is_file():
                raise TriptychError(
                    self.name(path), "no such notebook", f"the chapter {chapter!r} declares it: write it"
                )
        return siblings

    def strays(self) -> list[Path]:
        """Notebooks below ``notebooks/`` that no chapter declares."""
        declared = set(self.notebooks())
        there = self.root.glob("notebooks/**/*.ipynb")
        return sorted(p for p in there if p not in declared and ".ipynb_checkpoints" not in p.parts)
