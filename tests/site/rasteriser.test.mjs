// Unit tests of the rasteriser, for `node --test`; test_javascript.py runs them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import "../../src/triptych/site/draw_a_digit/rasteriser.js";

const { bitmap, counted } = globalThis.rasteriser;
const drawings = JSON.parse(readFileSync(new URL("strokes.json", import.meta.url), "utf-8"));
const point = (x, y) => [x, y];
const line = (ax, ay, bx, by) => [point(ax, ay), point(bx, by)];
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const row = (on, r) => [...on.subarray(32 * r, 32 * r + 32)];
const moved = (strokes, change) => strokes.map((stroke) => stroke.map(change));

test("every drawing has about the data set's ink, and some in its first and in its last block", () => {
  for (const { digit, style, strokes } of drawings) {
    const counts = counted(bitmap(strokes));
    const name = `${digit}, ${style}`;
    assert.ok(Math.abs(sum(counts) - 313) < 25, `${name} has ${sum(counts)} points of ink`);
    assert.ok(sum(counts.slice(0, 8)) > 0 && sum(counts.slice(-8)) > 0, name);
  }
});

test("counts are the sums of blocks of 4 x 4 points", () => {
  const on = new Uint8Array(32 * 32);
  for (const at of [0, 3 * 32 + 3, 4 * 32 + 3, 31 * 32 + 31]) on[at] = 1;
  const counts = counted(on);
  assert.deepEqual([counts[0], counts[8], counts[63], sum(counts)], [2, 1, 1, 4]);
  assert.deepEqual(counted(new Uint8Array(32 * 32).fill(1)), Array(64).fill(16));
});

test("where and how large a digit is drawn makes no difference", () => {
  for (const { strokes } of drawings) {
    const expected = bitmap(strokes);
    assert.deepEqual(bitmap(moved(strokes, ([x, y]) => [x - 64, y + 32])), expected);
    assert.deepEqual(bitmap(moved(strokes, ([x, y]) => [x / 2, y / 2])), expected);
  }
});

test("the order and the direction of strokes make no difference", () => {
  for (const { strokes } of drawings) {
    const backwards = strokes.map((stroke) => stroke.toReversed()).reverse();
    assert.deepEqual(bitmap(backwards), bitmap(strokes));
  }
});

test("between two strokes there is no ink", () => {
  const [left, right] = [line(40, 0, 40, 200), line(160, 0, 160, 200)];
  assert.equal(sum(row(bitmap([left, right]), 16).slice(12, 20)), 0);
  assert.ok(sum(row(bitmap([[...left, ...right]]), 16).slice(12, 20)) > 0);
});

test("a slanted stroke is sheared upright", () => {
  const on = bitmap([line(100, 0, 40, 200)]);
  const [above, below] = [row(on, 2).indexOf(1), row(on, 29).indexOf(1)];
  assert.ok(Math.abs(above - below) <= 1, `${above} above, ${below} below`);
});

test("a narrow digit is stretched by at most half as much again as it is high", () => {
  const on = bitmap([line(140, 40, 140, 240)]);
  const columns = [...Array(32).keys()].filter((column) => on.some((ink, i) => ink && i % 32 === column));
  assert.ok(columns.at(-1) - columns[0] + 1 <= 14, `${columns}`);
});

test("a dot, a line and a corner to corner are no error", () => {
  for (const stroke of [[point(140, 140)], line(60, 140, 220, 140), line(0, 0, 280, 280)]) {
    const counts = counted(bitmap([stroke]));
    assert.ok(sum(counts) > 0 && Math.max(...counts) <= 16);
  }
});
