"""Notebooks from somebody else are read, whatever they hold."""

from __future__ import annotations

import pytest

from support.submissions import notebook
from triptych.notebooks.untrusted import parse


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_encoding_that_says_what_it_is_costs_nothing(encoding: str) -> None:
    assert parse(notebook("x = 'é'").decode().encode(encoding))["cells"][0]["source"] == "x = 'é'"


def test_metadata_may_be_anything_and_lone_surrogates_do_no_harm() -> None:
    odd = notebook(
        metadata=[1], cells=[{"cell_type": "code", "source": ["x = '\ud800'"], "metadata": 3, "id": 5}]
    )
    (cell,) = parse(odd)["cells"]
    assert (cell["source"], cell["metadata"], cell["id"]) == ("x = '?'", {}, "")
