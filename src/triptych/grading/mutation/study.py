"""The mutants of a chapter's notebooks: tried where they are not known, and counted.

Answers that are the same in several frameworks are tried in the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.grading.chapter import GradedChapter
from triptych.grading.mutation.explained import Same, explained
from triptych.grading.mutation.mutants import Mutant, mutants
from triptych.grading.mutation.outcomes import Outcomes
from triptych.grading.mutation.trial import Fate, Trial
from triptych.grading.sandbox import Sandbox
from triptych.notebooks import answers
from triptych.notebooks import cells as plain


@dataclass(frozen=True)
class Counts:
    """How many mutants there are of each kind."""

    killed: int = 0
    equivalent: int = 0
    survived: int = 0
    untried: int = 0


@dataclass
class Exercise:
    """An exercise in one framework: its mutants, and what became of those that were tried."""

    chapter: str
    framework: str
    name: str
    answer: str
    mutants: list[Mutant]
    tried_in: str
    explanations: list[Same] = field(default_factory=list)
    fates: dict[str, Fate] = field(default_factory=dict)

    @property
    def alive(self) -> list[tuple[Mutant, Fate]]:
        """The survivors without an explanation."""
        return [(m, f) for m in self.mutants if (f := self._fate(m)) and not f.killed and not self._why(m)]

    @property
    def refuted(self) -> list[tuple[Mutant, Fate]]:
        """Those that are said to be equivalent, and were killed."""
        return [(m, f) for m in self.mutants if (f := self._fate(m)) and f.killed and self._why(m)]

    @property
    def counts(self) -> Counts:
        """Its mutants, counted."""
        fates = [(self._fate(mutant), self._why(mutant)) for mutant in self.mutants]
        return Counts(
            sum(fate is not None and fate.killed for fate, _ in fates),
            sum(fate is not None and not fate.killed and bool(why) for fate, why in fates),
            len(self.alive),
            sum(fate is None for fate, _ in fates),
        )

    def _fate(self, mutant: Mutant) -> Fate | None:
        return self.fates.get(mutant.answer)

    def _why(self, mutant: Mutant) -> str:
        return next((each.why for each in self.explanations if each.covers(mutant)), "")


class Study:
    """The exercises of a chapter and what became of their mutants."""

    def __init__(self, course: Course, chapter: GradedChapter) -> None:
        """Nothing is tried yet. Raises TriptychError where an explanation cannot be read."""
        self._course, self._chapter = course, chapter
        self._explanations = explained(course, chapter.name)
        self._solutions = {
            framework: plain.read(course.root / "solutions" / chapter.name / f"{framework}.ipynb")
            for framework in FRAMEWORKS
            if framework in chapter.released
        }
        self._outcomes = {
            framework: Outcomes(course, chapter.name, framework, solution, chapter.checks_text)
            for framework, solution in self._solutions.items()
        }
        self.exercises: list[Exercise] = []
        first: dict[tuple[str, str], str] = {}
        for framework, solution in self._solutions.items():
            for name, texts in answers.by_exercise(solution).items():
                text = "\n\n".join(texts)
                origin = first.setdefault((name, text), framework)
                made = mutants(name, framework, text)
                why = [each for each in self._explanations if each.exercise == name]
                exercise = Exercise(chapter.name, framework, name, text, made, origin, why)
                known = ((m, self._outcomes[origin].get(m)) for m in made)
                exercise.fates = {m.answer: fate for m, fate in known if fate}
                self.exercises.append(exercise)

    def run(self, kind: str, chosen: Callable[[Exercise], bool]) -> Iterator[Exercise]:
        """Try the mutants of the chosen exercises that are not known yet; each exercise when it is through.

        Raises TriptychError where a reference does not pass its checks.
        """
        for framework in self._solutions:
            mine = [each for each in self.exercises if each.framework == framework and chosen(each)]
            if any(each.counts.untried for each in mine):
                with Sandbox((FRAMEWORKS[framework].module,), kind=kind) as sandbox:
                    for each in mine:
                        yield self._tried(each, sandbox)
            else:
                yield from mine

    def stale(self) -> list[str]:
        """Explanations of changes that no mutant makes any more, one line each."""
        made = [mutant for each in self.exercises for mutant in each.mutants]
        return [line for each in self._explanations for line in each.stale(made)]

    def _tried(self, exercise: Exercise, sandbox: Sandbox) -> Exercise:
        todo = [mutant for mutant in exercise.mutants if mutant.answer not in exercise.fates]
        if todo and exercise.tried_in == exercise.framework:
            solution, released = self._solutions[exercise.framework], self._chapter.released
            trial = Trial(
                sandbox, exercise.framework, solution, released[exercise.framework], self._chapter.checks
            )
            for mutant, fate in trial.fates(exercise.name, todo):
                self._outcomes[exercise.framework].keep(mutant, fate)
                exercise.fates[mutant.answer] = fate
            for other in self.exercises:
                if (other.name, other.tried_in) == (exercise.name, exercise.framework):
                    other.fates = exercise.fates
        return exercise
