// Unit tests of the choice of panels and of their columns, for `node --test`; test_javascript.py runs them.
import assert from "node:assert/strict";
import { test } from "node:test";
import "../../src/triptych/site/choice.js";
import "../../src/triptych/site/columns.js";

const { naming, read, wanted, pressed } = globalThis.frameworkChoice;
const { fitting } = globalThis.panelColumns;
const THREE = ["pytorch", "tensorflow", "jax"];
const FOUR = [...THREE, "keras"];
const stored = (...frameworks) => JSON.stringify({ version: 1, frameworks });

test("without a word from address or store all is chosen, and nothing is new", () => {
  for (const search of ["", "?", "?page=2", "?framework=", "?framework=,,", "?framework"]) {
    assert.deepEqual(read(search, null, THREE), { chosen: THREE, fresh: false, unknown: [] }, search);
  }
});

test("a page may choose for a reader who has not, and for nobody else", () => {
  const first = ["pytorch", "jax"];
  assert.deepEqual(read("", null, THREE, first), { chosen: first, fresh: false, unknown: [] });
  assert.deepEqual(read("", stored("tensorflow"), THREE, first).chosen, ["tensorflow"]);
  assert.deepEqual(read("?framework=jax", null, THREE, first).chosen, ["jax"]);
});

test("the address chooses, each name once, however it is written", () => {
  for (const search of [
    "?framework=jax,pytorch",
    "?framework=JAX,PyTorch",
    "?framework=jax,,pytorch,jax,",
    "?framework=jax&framework=pytorch",
    "?x=1&framework=%20jax%2Cpytorch",
    "?framework=jax+pytorch",
    "?framework=jax;%20pytorch",
  ]) {
    assert.deepEqual(
      read(search, null, THREE),
      { chosen: ["jax", "pytorch"], fresh: true, unknown: [] },
      search,
    );
  }
});

test("of an address that names the unknown the known is taken, and the rest is told", () => {
  const { chosen, unknown } = read("?framework=caffe,jax,<b>", stored("pytorch"), THREE);
  assert.deepEqual([chosen, unknown], [["jax"], ["caffe", "<b>"]]);
});

test("an address that names nothing known leaves the stored choice", () => {
  assert.deepEqual(read("?framework=caffe", stored("jax"), THREE), {
    chosen: ["jax"],
    fresh: false,
    unknown: ["caffe"],
  });
});

test("a framework that this page has not is told, too, and keeps its place in the store", () => {
  assert.deepEqual(read("?framework=keras,jax", null, THREE).unknown, ["keras"]);
  const same = read("?framework=jax", stored("keras", "jax"), THREE);
  assert.deepEqual([same.chosen, same.fresh], [["keras", "jax"], false]);
});

test("what is stored in another form is ignored", () => {
  for (const text of [
    "columns",
    "tabs",
    "",
    "{",
    "null",
    "[]",
    '"jax"',
    '{"version":1}',
    '{"version":1,"frameworks":[]}',
    '{"version":1,"frameworks":"jax"}',
    '{"version":1,"frameworks":[1]}',
    '{"version":2,"frameworks":["jax"]}',
  ]) {
    assert.deepEqual(read("", text, THREE).chosen, THREE, text);
  }
  assert.deepEqual(read("", stored("jax", "jax"), THREE).chosen, ["jax"]);
});

test("where none of the chosen is, all is wanted", () => {
  assert.deepEqual(wanted(["keras"], THREE), THREE);
  assert.deepEqual(wanted(["keras", "jax"], THREE), ["jax"]);
});

test("a switch turns a panel off, but not the last one", () => {
  assert.deepEqual(pressed(THREE, THREE, "tensorflow", 3), ["pytorch", "jax"]);
  assert.deepEqual(pressed(["jax"], THREE, "jax", 3), ["jax"]);
});

test("a switch turns a panel on", () => {
  assert.deepEqual(pressed(["jax"], THREE, "pytorch", 3), ["jax", "pytorch"]);
});

test("where two fit, a third takes the place of the second, which is not forgotten", () => {
  assert.deepEqual(pressed(THREE, THREE, "jax", 2), ["pytorch", "jax", "tensorflow"]);
  assert.deepEqual(pressed(["pytorch", "jax", "tensorflow"], THREE, "tensorflow", 2), [
    "pytorch",
    "tensorflow",
    "jax",
  ]);
});

test("where two fit, turning one off leaves one", () => {
  assert.deepEqual(pressed(THREE, THREE, "pytorch", 2), ["tensorflow"]);
});

test("where one fits, a switch shows its panel and keeps the others in mind", () => {
  assert.deepEqual(pressed(THREE, THREE, "jax", 1), ["jax", "pytorch", "tensorflow"]);
  assert.deepEqual(pressed(THREE, THREE, "pytorch", 1), THREE);
});

test("a switch leaves what is chosen elsewhere", () => {
  assert.deepEqual(pressed(["keras", "jax"], THREE, "pytorch", 3), ["jax", "pytorch", "keras"]);
  assert.deepEqual(pressed(["keras"], THREE, "pytorch", 3), ["tensorflow", "jax", "keras"]);
});

test("what is pressed is in view, and something always is", () => {
  const lists = FOUR.flatMap((a) => FOUR.flatMap((b) => FOUR.map((c) => [...new Set([a, b, c])])));
  for (const list of [...lists, FOUR]) {
    for (const fits of [1, 2, 3, 4]) {
      for (const name of FOUR) {
        const before = wanted(list, FOUR).slice(0, fits);
        const after = wanted(pressed(list, FOUR, name, fits), FOUR).slice(0, fits);
        assert.equal(after.includes(name), !before.includes(name) || before.length === 1);
        assert.ok(after.length >= 1 && new Set(after).size === after.length);
      }
    }
  }
});

test("the address is written so that it can be read, and keeps what else is in it", () => {
  assert.equal(naming("", ["jax", "pytorch"]), "?framework=jax,pytorch");
  assert.equal(naming("?a=1&framework=x&b=%26&framework=y", ["jax"]), "?a=1&b=%26&framework=jax");
});

const rem = 16;
const [MENLO, CONSOLAS, WIDE] = [0.602, 0.55, 0.66];
const columns = (width, ratio, count) => fitting(width / rem, ratio, count).columns;

test("two fit at 1024 and 1280 pixels, three at 1440, four at 1920, with a scrollbar and without", () => {
  for (const ratio of [MENLO, CONSOLAS]) {
    for (const scrollbar of [0, 17]) {
      for (const [width, fits] of Object.entries({
        390: 1,
        768: 1,
        1024: 2,
        1280: 2,
        1440: 3,
        1680: 3,
        1920: 4,
      })) {
        assert.equal(columns(width - scrollbar, ratio, 4), fits, `${width} ${ratio}`);
      }
    }
  }
});

test("no more columns than panels, and none is folded for one", () => {
  assert.deepEqual(fitting(200, MENLO, 2), { columns: 2, folded: [] });
  assert.deepEqual(fitting(24, MENLO, 3), { columns: 1, folded: [] });
  assert.deepEqual(fitting(90, MENLO, 1), { columns: 1, folded: [] });
});

test("what makes room: first the contents, then the navigation", () => {
  assert.deepEqual(fitting(1920 / rem, MENLO, 2).folded, []);
  assert.deepEqual(fitting(1366 / rem, MENLO, 2).folded, ["contents"]);
  assert.deepEqual(fitting(1920 / rem, MENLO, 3).folded, ["contents"]);
  assert.deepEqual(fitting(1440 / rem, MENLO, 3).folded, ["contents", "navigation"]);
  assert.deepEqual(fitting(1024 / rem, MENLO, 2).folded, ["contents", "navigation"]);
});

test("a wide type, and a reader's larger type, get fewer columns", () => {
  assert.equal(columns(1440, WIDE, 3), 2);
  assert.equal(fitting(1440 / 20, MENLO, 3).columns, 2);
});
