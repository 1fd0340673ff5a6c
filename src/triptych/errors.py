"""The one error that a user is meant to read."""


class TriptychError(Exception):
    """Bad input, told in one line that names the place and the mend.

    The command line prints it without a traceback and exits with status 1;
    the Sphinx extension turns it into a located warning.
    """

    def __init__(self, place: object, problem: str, mend: str = "") -> None:
        """``place``: file, section or cell; ``mend``: what to do about it."""
        self.place, self.problem, self.mend = str(place), problem, mend
        super().__init__(f"{place}: {problem}" + (f"; {mend}" if mend else ""))
