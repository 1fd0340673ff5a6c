"""A directive for a worked solution: the reasons, and the answers of all frameworks, folded.

    ```{worked} graphs/places
    Each line runs in one of three places, so ...
    ```

The argument is the chapter and the exercise, by the name of its visible check. The body is
Markdown. The code comes from ``solutions/``, and stands in panels as notebooks' sections do.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_design.shared import create_component

from triptych.errors import TriptychError
from triptych.frameworks import PANELS
from triptych.notebooks import answers
from triptych.site.chapter import ChapterDirective
from triptych.site.markup import page_link
from triptych.site.page_files import PageFiles
from triptych.site.panels import PANEL, SET

#: The class of a fold, which the style sheet and the search look for.
WORKED = "worked"
_TITLE = "A solution, and its reasons"


class Worked(ChapterDirective):
    """One exercise's reasons and answers, in a fold."""

    required_arguments = 1
    has_content = True

    @property
    def chapter(self) -> str:
        """The chapter that the argument names."""
        chapter, slash, exercise = self.arguments[0].partition("/")
        if not (chapter and slash and exercise):
            raise TriptychError(self.arguments[0], "no exercise", "write CHAPTER/EXERCISE")
        return chapter

    def content_nodes(self) -> list[nodes.Node]:
        """The fold; a framework whose answer cannot be shown is a warning."""
        exercise = self.arguments[0].partition("/")[2]
        panels = []
        for framework in self.notebooks:
            try:
                panels.append(self._panel(framework, exercise))
            except TriptychError as error:  # the others are still worth reading
                self.warn(error)
        fold = create_component(
            "dropdown",
            opened=False,
            type="dropdown",
            has_title=True,
            icon=None,
            chevron=None,
            container_classes=["sd-mb-3", WORKED],
            title_classes=[],
            body_classes=[],
            classes=[WORKED],
            children=[nodes.rubric("", _TITLE)],
        )
        self.set_source_info(fold)
        self.state.nested_parse(self.content, self.content_offset, fold)
        if panels:
            fold += create_component(SET, classes=[SET], children=panels)
        return [fold]

    def _panel(self, framework: str, exercise: str) -> nodes.Element:
        """A framework's title, its answers, and the way to its exercises. Raises TriptychError."""
        path = answers.solution(self.course, self.chapter, framework)
        self.env.note_dependency(str(path))
        there = answers.reference(self.course, self.chapter, framework)
        if exercise not in there:
            problem = f"{self.course.name(path)} has no such exercise"
            raise TriptychError(self.arguments[0], problem, f"there are: {', '.join(there)}")
        blocks = [nodes.literal_block(text, text, language="python") for text in there[exercise]]
        link = page_link(self, f"exercises/{self.chapter}/{framework}", "The exercises")
        return create_component(
            SET,
            classes=[PANEL, framework],
            children=[
                nodes.rubric("", PANELS[framework].title),
                create_component(SET, children=blocks),
                nodes.paragraph("", "", link, classes=[f"{SET}-links"]),
            ],
        )


def add_worked(app: Sphinx, files: PageFiles) -> None:
    """Add the directive, and its style."""
    app.add_directive("worked", Worked)
    files.add(Path(__file__).with_suffix(".css"), WORKED)
