// How many panels fit beside each other, and which side bars make room for them.
//
// Sets `panelColumns`; see choice.js for why it is no ES module.
(() => {
  "use strict";
  const LINE = 60; // characters that a line of code may have (CONTRIBUTING.md)
  // In rem, as panels.css and the theme have them.
  const [NAVIGATION, CONTENTS] = [16, 17]; // the side bars
  const [EDGES, GAP, PADDING] = [2, 1.25, 1]; // beside all panels, between two, around a panel's code
  const [LEAST, GOOD, FULL] = [0.71875, 0.75, 0.875]; // sizes of code's type: 11.5, 12 and 14 pixels

  // For a window of `width` rem, and a type whose characters are `ratio` times as wide as it is high.
  // Returns how many of `count` panels are `columns`, and what is folded: never anything for one panel.
  function fitting(width, ratio, count) {
    // A type that is narrower than most also looks smaller: it gets no more columns.
    const line = LINE * Math.max(ratio, 0.6);
    const size = (columns, beside) =>
      ((width - EDGES - beside - GAP * (columns - 1)) / columns - PADDING) / line;
    let columns = count;
    while (columns > 1 && size(columns, 0) < LEAST) columns--;
    if (columns === 1 || size(columns, NAVIGATION + CONTENTS) >= FULL) return { columns, folded: [] };
    return {
      columns,
      folded: size(columns, NAVIGATION) >= GOOD ? ["contents"] : ["contents", "navigation"],
    };
  }

  globalThis.panelColumns = Object.freeze({ fitting });
})();
