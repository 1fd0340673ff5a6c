// The logic of the panes in JupyterLab that knows no widget. Run by `node --test`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LONG_PATIENCE, Leading, meaning, PATIENCE } from "../../src/triptych/dev/panes/src/leading.ts";
import {
  cellsOf,
  counterpart,
  sameSection,
  sectionAt,
  sectionSeen,
  sectionsOf,
  TOP,
} from "../../src/triptych/dev/panes/src/sections.ts";

const markdown = (source) => ({ type: "markdown", source });
const code = (source) => ({ type: "code", source });
const titled = (...titles) => sectionsOf(titles.map((title) => markdown(`## ${title}`)));
const titles = (...sources) => sectionsOf(sources.map(markdown)).map(({ title }) => title);

test("a section begins at a heading of the second level, and nowhere else", () => {
  assert.deepEqual(titles("# Title\n\n## One", "### Deeper", "words ## no", "##none", "##\tTab", "##"), [
    "One",
    "Tab",
  ]);
  assert.deepEqual(titles("##  Two   words ##", "   ## Indented", "    ## Code"), ["Two words", "Indented"]);
  assert.deepEqual(sectionsOf([code("## a comment"), markdown("## One")]), [
    { title: "One", nth: 0, cell: 1 },
  ]);
});

test("a heading inside fenced code is none, and a longer fence closes a shorter one", () => {
  assert.deepEqual(titles("```\n## no\n```\n## Yes"), ["Yes"]);
  assert.deepEqual(titles("~~~~\n## no\n~~~\n## no\n~~~~~\n## Yes"), ["Yes"]);
  assert.deepEqual(titles("```python\n## no"), []);
});

test("headings with the same words are told apart by their number", () => {
  const own = titled("One", "Trap", "Two", "Trap");
  const others = titled("Trap", "New", "Trap", "Two");
  assert.equal(sameSection(own[1], others), 0);
  assert.equal(sameSection(own[3], others), 2);
  assert.equal(sameSection(own[0], others), undefined);
});

test("a sibling goes to the same heading, or to the nearest one before it that it has", () => {
  const own = titled("One", "Two", "Three", "Four");
  assert.equal(counterpart(own, 2, titled("Three", "One")), 0);
  assert.equal(counterpart(own, 3, titled("One", "Own", "Two")), 2);
  assert.equal(counterpart(own, 1, titled("Three")), undefined);
  assert.equal(counterpart(own, TOP, titled("Three")), TOP);
  assert.equal(counterpart(own, TOP, titled("Else")), undefined);
  assert.equal(counterpart(own, 0, []), undefined);
});

test("a section's cells are those up to the next heading", () => {
  const own = sectionsOf([
    code("import"),
    markdown("## One"),
    code("1"),
    markdown("## Two\n\n## Same cell"),
    code("2"),
  ]);
  assert.deepEqual(cellsOf(own, TOP, 5), [0, 1]);
  assert.deepEqual(cellsOf(own, 0, 5), [1, 3]);
  assert.deepEqual(cellsOf(own, 1, 5), [3, 5]);
  assert.deepEqual(cellsOf([], TOP, 5), [0, 5]);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((cell) => sectionAt(own, cell)),
    [TOP, 0, 0, 2, 2],
  );
});

test("the section seen is the one at the upper edge, or the last that begins in the upper quarter", () => {
  assert.equal(sectionSeen([300, 900], 800), TOP);
  assert.equal(sectionSeen([190, 900], 800), 0);
  assert.equal(sectionSeen([-500, 10, 100], 800), 1, "a short section at the edge, not the next one");
  assert.equal(sectionSeen([-500, -20, 100], 800), 2);
  assert.equal(sectionSeen([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], 800), 0);
});

test("who scrolls up stays in a section until its heading has left the pane", () => {
  assert.equal(sectionSeen([-900, 700], 800, 1), 1);
  assert.equal(sectionSeen([-900, 801], 800, 1), 0);
  assert.equal(sectionSeen([0, 700], 800, 1), 0, "but a jump to the heading above counts");
  assert.equal(sectionSeen([-900, 700], 800, 5), 0, "a section that is no longer there");
});

const key = (name, ...modifiers) => ({
  key: name,
  altKey: modifiers.includes("alt"),
  ctrlKey: modifiers.includes("ctrl"),
  metaKey: modifiers.includes("meta"),
  shiftKey: modifiers.includes("shift"),
});

test("a key moves or types, and in an editor most of them type", () => {
  for (const name of ["a", "j", " ", "Enter", "ArrowDown"]) assert.equal(meaning(key(name), false), "moves");
  for (const name of ["ArrowDown", "PageUp", "End"]) assert.equal(meaning(key(name), true), "moves");
  for (const name of ["a", " ", "Enter", "Backspace", "Tab"]) assert.equal(meaning(key(name), true), "types");
  assert.equal(meaning(key("A", "shift"), true), "types");
  assert.equal(meaning(key("Enter", "shift"), true), "moves");
  assert.equal(meaning(key("Enter", "ctrl"), true), "moves");
  assert.equal(meaning(key("s", "meta"), true), undefined);
  assert.equal(meaning(key("Shift", "shift"), false), undefined);
});

test("only the pane of the last input leads, for a while, and not while somebody types", () => {
  const leading = new Leading();
  assert.equal(leading.leads("a", 0), false);
  leading.move("a", 1000);
  assert.equal(leading.leads("a", 1000 + PATIENCE), true);
  assert.equal(leading.leads("a", 1001 + PATIENCE), false);
  assert.equal(leading.leads("b", 1000), false);
  leading.move("b", 1000, LONG_PATIENCE);
  assert.equal(leading.leads("a", 1000), false);
  assert.equal(leading.leads("b", 1000 + LONG_PATIENCE), true);
  leading.type("b");
  assert.equal(leading.leads("b", 1000), false);
});

test("while a button is held the pane leads, and a while longer", () => {
  const leading = new Leading();
  leading.hold("a");
  assert.equal(leading.leads("a", 1e9), true);
  leading.release(1e9);
  assert.equal(leading.leads("a", 1e9 + PATIENCE), true);
  assert.equal(leading.leads("a", 1e9 + PATIENCE + 1), false);
  leading.release(2e9);
  assert.equal(leading.leads("a", 2e9), false, "a button pressed elsewhere");
});
