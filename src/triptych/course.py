"""Where things are: the course's folders, its siblings and its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from triptych.errors import TriptychError

#: The three panels, in their order from left to right.
FRAMEWORKS = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX"}

CONFIG = "_config.yml"


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
    def _repository(self) -> dict[str, str]:
        place = self.root / CONFIG
        try:
            settings = yaml.safe_load(place.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as error:
            raise TriptychError(place, f"not YAML ({' '.join(str(error).split())})") from error
        repository = settings.get("repository")
        if not isinstance(repository, dict) or not repository.get("url"):
            raise TriptychError(place, "no repository: url", "name the repository's address there")
        return repository

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

    def chapters(self) -> list[str]:
        """The chapters that have notebooks, by name."""
        return sorted({path.parent.name for path in self.notebooks()})

    def notebooks(self, chapter: str = "*") -> list[Path]:
        """The notebooks of a chapter (of all chapters by default), siblings in panel order."""
        order = list(FRAMEWORKS)
        found = self.root.glob(f"notebooks/{chapter}/*.ipynb")
        return sorted(
            (path for path in found if ".ipynb_checkpoints" not in path.parts),
            key=lambda p: (p.parent.name, order.index(p.stem) if p.stem in order else 99, p.stem),
        )

    def siblings(self, chapter: str) -> dict[str, Path]:
        """The chapter's three aligned notebooks, by framework.

        Raises TriptychError for an unknown chapter or a missing sibling.
        """
        folder = self.root / "notebooks" / chapter
        if not folder.is_dir():
            raise TriptychError(
                f"notebooks/{chapter}", "no such chapter", f"there are: {', '.join(self.chapters())}"
            )
        siblings = {name: folder / f"{name}.ipynb" for name in FRAMEWORKS}
        for path in siblings.values():
            if not path.is_file():
                raise TriptychError(
                    self.name(path), "no such notebook", "a chapter has one for each framework"
                )
        return siblings
