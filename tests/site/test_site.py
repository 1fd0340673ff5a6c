"""The built site, read as files: links, launch targets, requests, alt texts."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from support import ROOT, need
from triptych.course import Course
from triptych.dev import doctor as tools

OURS = Course(ROOT)


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, BeautifulSoup]:
    """Every page of the site, parsed."""
    found = {
        path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in site.rglob("*.html")
    }
    assert site / "book/graphs.html" in found
    return found


@pytest.fixture(scope="module")
def tracked() -> set[str]:
    """The files that git knows, and so the repository's web page has."""
    git = need(tools.GIT)
    listed = subprocess.run([git, "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True)
    return set(listed.stdout.splitlines())


def hrefs(page: BeautifulSoup) -> list[str]:
    return [a["href"] for a in page.find_all("a", href=True)]


def repository_file(url: str) -> str | None:
    """The file of our repository that a launch or source link opens, or None for another link."""
    name = OURS.repository_url.removeprefix("https://github.com/")
    parts = urlsplit(url)
    match = re.search(rf"{re.escape(name)}/(?:blob|edit|raw)/{re.escape(OURS.branch)}/(.+)", parts.path)
    return unquote(match.group(1)) if match else None


def test_launch_and_source_links_open_tracked_files(pages, tracked):
    opened = {file for page in pages.values() for url in hrefs(page) if (file := repository_file(url))}
    assert {OURS.name(path) for path in OURS.notebooks()} <= opened
    assert "book/graphs.md" in opened
    assert opened <= tracked, f"not in the repository: {sorted(opened - tracked)}"


def test_no_page_offers_a_service_that_cannot_hold_the_frameworks(pages):
    """Binder's free machines have too little memory for three frameworks, and start in minutes."""
    assert not [url for page in pages.values() for url in hrefs(page) if "binder" in url.lower()]


def test_every_notebook_can_be_launched_on_colab_from_its_page(pages, site):
    for path in OURS.notebooks():
        page = pages[site / OURS.name(path).replace(".ipynb", ".html")]
        assert OURS.colab_url(path) in hrefs(page)


def test_no_internal_link_or_anchor_is_dead(pages, site):
    ids = {path: {tag["id"] for tag in page.find_all(id=True)} for path, page in pages.items()}
    dead, seen = [], 0
    for path, page in pages.items():
        for url in hrefs(page):
            parts = urlsplit(url)
            if parts.scheme or parts.netloc or not (parts.path or parts.fragment):
                continue
            seen += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                dead.append(f"{path.relative_to(site)} -> {url}")
            elif parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in ids[target]:
                dead.append(f"{path.relative_to(site)} -> {url} (no such anchor)")
    assert seen > 100
    assert dead == []


def test_a_page_loads_nothing_from_elsewhere(pages, site):
    outside = []
    for path, page in pages.items():
        loaded = [
            tag[name] for name in ("src", "data-src", "poster") for tag in page.find_all(**{name: True})
        ]
        loaded += [
            tag["href"] for tag in page.find_all("link", href=True) if "canonical" not in tag.get("rel", ())
        ]
        outside += [f"{path.relative_to(site)}: {url}" for url in loaded if urlsplit(url).netloc]
    for sheet in site.rglob("*.css"):
        urls = re.findall(
            r"(?:url\(|@import)\s*['\"]?(https?:)?//[^)'\"]+", sheet.read_text(encoding="utf-8")
        )
        outside += [f"{sheet.relative_to(site)}: {url}" for url in urls]
    assert outside == []


def test_every_picture_has_a_real_alternative_text(pages, site):
    junk = re.compile(r"\.(png|svg|jpe?g)$|^(_images|image|figure)\b", re.IGNORECASE)
    seen, bad = 0, []
    for path, page in pages.items():
        for image in page.find_all("img"):
            seen += 1
            alt, link = image.get("alt"), image.find_parent("a")
            decoration = alt == "" and link and link.get_text(strip=True)
            if not decoration and (not alt or junk.search(alt)):
                bad.append(f"{path.relative_to(site)}: {image.get('src')}: {alt!r}")
    assert seen > 10
    assert bad == []


def test_every_claim_has_its_full_row_on_one_page_and_a_link_to_it_on_the_ledgers(pages, site):
    rows = [row["id"] for page in pages.values() for row in page.select("table.claims-full tr[id]")]
    links = [
        urlsplit(a["href"]).fragment for a in pages[site / "book/claims.html"].select("table.claims td a")
    ]
    assert len(rows) == len(set(rows)) > 300
    assert sorted(rows) == sorted(links)


def test_every_heading_of_a_chapters_notebooks_is_shown_on_its_pages(pages, site):
    from triptych.notebooks import model as notebook

    for chapter in [chapter.name for chapter in OURS.chapters]:
        contents = (ROOT / "book/_toc.yml").read_text(encoding="utf-8")
        order = re.findall(rf"file: (book/{chapter}\S*)", contents)
        text = "\n".join((ROOT / f"{page}.md").read_text(encoding="utf-8") for page in order)
        shown = re.findall(r"^`{3,}\{side-by-side\} (.+)$", text, re.MULTILINE)
        first = next(iter(OURS.siblings(chapter).values()))
        assert tuple(shown) == notebook.read(first, OURS).headings


def test_the_sections_that_feedback_links_are_there(pages, site):
    from triptych.grading.chapter import GradedChapter, chapters

    seen = 0
    for chapter in chapters(OURS):
        for links in GradedChapter.of(OURS, chapter).sections.values():
            for title, address in links:
                seen += 1
                page, _, anchor = address.removeprefix(OURS.site_url).partition("#")
                section = pages[site / page].find(id=anchor)
                assert section is not None and title in section.get_text(), address
    assert seen > 45
