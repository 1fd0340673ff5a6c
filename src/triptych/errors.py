"""The one error that a user is meant to read."""


class TriptychError(Exception):
    """Bad input, told in one line that names the place and the remedy.

    The command line prints it without a traceback and exits with status 1;
    the Sphinx extension turns it into a located warning.
    """

    def __init__(self, place: object, problem: str, remedy: str = "") -> None:
        """``place``: file, section or cell; ``remedy``: what to do about it."""
        self.place, self.problem, self.remedy = str(place), problem, remedy
        super().__init__(f"{place}: {problem}" + (f"; {remedy}" if remedy else ""))
