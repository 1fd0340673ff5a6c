import assert from "node:assert/strict";
import test from "node:test";

await import("../../src/triptych/site/search/ranking.js");
const { asked, build, context, find, near, stem, terms } = globalThis.ranking;

function place(heading, prose, siblings = {}, kind = "page") {
  const texts = Object.entries(siblings).map(([name, text]) => [name, { text: [["code", text]] }]);
  return { heading, kind, text: [["prose", prose]], siblings: Object.fromEntries(texts) };
}

const places = [
  place("Loops", "A loop in the program.", { jax: "out = jax.lax.scan(step, 0, xs)" }, "lesson"),
  place(
    "Stopping",
    "What flows back.",
    { jax: "y = jax.lax.stop_gradient(x)", pytorch: "y = x.detach()" },
    "lesson",
  ),
  place("Retracing and its price", "A function is traced again.", {}, "lesson"),
  place(
    "Errors",
    "Read it aloud.",
    { jax: "TracerBoolConversionError\nAttempted boolean\nconversion" },
    "lesson",
  ),
  place("All-reduce", "The sum of all."),
  place("Quantisation", "Small integers and a scale."),
];
const index = build(places);
const headings = (words) => find(index, words).map(({ place }) => place.heading);

test("a name is found whole, by its parts, and however it is joined", () => {
  for (const words of [
    "stop_gradient",
    "jax.lax.stop_gradient",
    "stop gradient",
    "stop-gradient",
    "stopGradient",
  ])
    assert.equal(headings(words)[0], "Stopping", words);
  assert.equal(headings("lax.scan")[0], "Loops");
  assert.equal(headings("allreduce")[0], "All-reduce");
});

test("an error is found by its class, by a part of it, and by its message over two lines", () => {
  for (const words of [
    "TracerBoolConversionError",
    "tracer bool",
    "Attempted boolean conversion of Tensor[3]",
  ])
    assert.equal(headings(words)[0], "Errors", words);
});

test("endings, the other spelling and a slip of a letter do not matter", () => {
  assert.equal(headings("retrace")[0], "Retracing and its price");
  assert.equal(headings("quantization")[0], "Quantisation");
  assert.equal(headings("quntization")[0], "Quantisation");
  assert.equal(stem("gradients"), stem("gradient"));
  assert.ok(near("retarcing", "retracing") && !near("scan", "loop"));
});

test("what the reader is still writing is found", () => {
  assert.equal(headings("stop_gra")[0], "Stopping");
});

test("nothing is found for words that nothing has, nor for signs", () => {
  assert.deepEqual(headings("zzzzqqqq"), []);
  for (const words of ["", "  ", "()[]*+?\\", "…"]) assert.deepEqual(headings(words), [], words);
});

test("the context shows the line, and which siblings have it", () => {
  const { kind, text, siblings } = context(places[1], "stop_gradient");
  assert.deepEqual([kind, siblings], ["code", ["jax"]]);
  assert.match(text, /stop_gradient/);
  assert.equal(context(places[1], "nothing of it").text, "What flows back.");
});

test("the words are marked whole, without the smallest", () => {
  const mark = (text, words) => text.match(asked(words));
  assert.deepEqual(mark("the tracer and others, traced", "the trace"), ["tracer", "traced"]);
  assert.deepEqual(mark("jax.lax.scan, flax scan", "lax.scan"), ["lax.scan"]);
  assert.equal(asked("?!"), null);
});

test("terms of a dotted name are the runs of its parts", () => {
  assert.deepEqual(new Set(terms("lax.scan")), new Set(["lax", "laxscan", "scan"]));
});
