"""The site as one zip that opens from the disk."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from support.visits import visits
from triptych.cli import main
from triptych.errors import TriptychError
from triptych.site import offline


@pytest.fixture
def html(tmp_path: Path) -> Path:
    folder = tmp_path / "html"
    (folder / "_static").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Course</title>")
    (folder / "_static/a.css").write_text("a {}")
    (folder / "objects.inv").write_text("of no use to a reader")
    (folder / "404.html").write_text("for the host of a published site")
    return folder


def test_the_zip_holds_the_site_in_one_folder_and_is_the_same_when_made_again(html, tmp_path):
    first, second = tmp_path / "one.zip", tmp_path / "new" / "two.zip"
    assert offline.pack(html, first) == first.stat().st_size
    (html / "index.html").touch()
    offline.pack(html, second)
    assert first.read_bytes() == second.read_bytes()
    assert zipfile.ZipFile(first).namelist() == ["triptych/_static/a.css", "triptych/index.html"]


def test_without_a_site_it_says_how_to_get_one(tmp_path, monkeypatch):
    (tmp_path / "_config.yml").write_text("")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["offline"])
    assert done.exit_code == 1
    assert "no site is built there" in done.output and "make book" in done.output
    assert list(tmp_path.iterdir()) == [tmp_path / "_config.yml"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("html", "no name of a zip"),
        ("notes.ipynb", "no name of a zip"),
        ("html/site.zip", "in the site itself"),
        ("notes.ipynb/site.zip", "cannot be written"),
    ],
)
def test_no_other_file_and_no_folder_is_written_over_and_the_zip_lies_apart(html, tmp_path, name, problem):
    (tmp_path / "notes.ipynb").write_text("mine")
    with pytest.raises(TriptychError, match=problem):
        offline.pack(html, tmp_path / name)
    assert (tmp_path / "notes.ipynb").read_text() == "mine"
    assert not [*tmp_path.rglob("*.zip")]


def test_a_zip_that_cannot_be_written_leaves_the_old_one(html, tmp_path, monkeypatch):
    target = tmp_path / "site.zip"
    target.write_text("old")

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(TriptychError, match="No space left on device"):
        offline.pack(html, target)
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["html", "site.zip"]


@pytest.fixture(scope="module")
def unpacked(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course's own site from its zip, in a folder with an awkward name."""
    folder = tmp_path_factory.mktemp("a class's own – 教室 #1")
    offline.pack(site, folder / "site.zip")
    with zipfile.ZipFile(folder / "site.zip") as archive:
        archive.extractall(folder)
    return folder / offline.FOLDER


@pytest.mark.slow
@pytest.mark.parametrize("page", ["index.html", "book/graphs/tracing.html", "notebooks/graphs/jax.html"])
def test_pages_open_from_the_disk_and_ask_nothing_of_the_network(browser, unpacked, page):
    with visits(browser, unpacked.as_uri()) as visit:
        opened = visit(page)
        assert opened.locator("article h1").count() == 1
        assert [url for url in opened.loaded if not url.startswith(("file:", "data:"))] == []
        assert opened.faults == []


@pytest.mark.slow
def test_search_works_from_the_disk(browser, unpacked):
    with visits(browser, unpacked.as_uri()) as visit:
        page = visit("search.html?q=retracing")
        page.locator(".found > li a").first.click()
        page.wait_for_url("**/graphs/**")
        assert "retrac" in page.locator("article").inner_text().lower()
        assert page.faults == []
