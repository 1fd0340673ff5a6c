"""What is being done now, for somebody who waits at a terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

import click


class Steps:
    """One line that changes, on a terminal; elsewhere a line for each kind of step. To stderr.

    A context manager, after which the line on the terminal is gone.
    """

    def __init__(self) -> None:
        self._changing = sys.stderr.isatty()
        self._before = ""

    def tell(self, step: str) -> None:
        """Show a step; those that differ in their numbers alone are of one kind."""
        kind = "".join(character for character in step if not character.isdigit())
        if self._changing:
            click.echo(f"\r\x1b[K{step} ...", nl=False, err=True)
        elif kind != self._before:
            click.echo(f"{step} ...", err=True)
        self._before = kind

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._changing and self._before:
            click.echo("\r\x1b[K", nl=False, err=True)
