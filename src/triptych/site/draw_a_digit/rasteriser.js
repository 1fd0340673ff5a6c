// From strokes to counts of ink: 32 x 32 points, and the sums of their 8 x 8 blocks.
//
// A script that sets `rasteriser`, and not an ES module, which no browser loads for a page that was
// opened as a file. node --test imports it as it is.
(() => {
  "use strict";

  // As NIST's programs did: scaled to 20 x 32 points in the middle of 32 x 32, the ink brought to the
  // usual amount, then sheared upright. Nothing depends on how a browser paints.

  const WIDE = 20; // points that a digit is wide; it is 32 high
  const MOST = 1.5; // how much more a digit is stretched in width than in height
  const INK = 313; // points of ink, the median of the data set's images
  const PENS = [2, 24]; // the pen's radius is so many 128ths of the drawing's size

  // Strokes are lists of points [x, y] on the drawing surface; at least one point is there.
  // Returns 32 x 32 bytes, row by row: 1 where there is ink.
  function bitmap(strokes) {
    const points = strokes.flat();
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const [width, height] = [right - left, bottom - top];
    const size = Math.max(width, height, 16);
    const segments = strokes.flatMap((stroke) =>
      stroke.length > 1 ? stroke.slice(1).map((point, i) => [stroke[i], point]) : [[stroke[0], stroke[0]]],
    );

    // The points of 32 x 32 whose centre, taken back to the surface, lies within the pen of a stroke.
    function inked(pen) {
      const radius = (size * pen) / 128;
      const down = 32 / (height + 2 * radius);
      const across = Math.min(WIDE / (width + 2 * radius), MOST * down);
      const on = new Uint8Array(32 * 32);
      for (let row = 0; row < 32; row++) {
        const y = (top + bottom) / 2 + (row + 0.5 - 16) / down;
        for (let column = 0; column < 32; column++) {
          const x = (left + right) / 2 + (column + 0.5 - 16) / across;
          on[row * 32 + column] = segments.some(([a, b]) => distance2(x, y, a, b) <= radius * radius);
        }
      }
      return on;
    }

    let best = null;
    for (let pen = PENS[0]; pen <= PENS[1]; pen++) {
      const on = inked(pen);
      const off = Math.abs(sum(on) - INK);
      if (!best || off < best.off) best = { on, off };
    }
    return upright(best.on);
  }

  // The squared distance of (x, y) from the segment between two points.
  function distance2(x, y, [ax, ay], [bx, by]) {
    const [ux, uy] = [bx - ax, by - ay];
    const length2 = ux * ux + uy * uy;
    const along = length2 ? Math.min(1, Math.max(0, ((x - ax) * ux + (y - ay) * uy) / length2)) : 0;
    const [dx, dy] = [x - ax - along * ux, y - ay - along * uy];
    return dx * dx + dy * dy;
  }

  // Rows are shifted so that the leftmost ink near the top stands above the leftmost near the bottom.
  function upright(on) {
    const row = (r) => on.subarray(r * 32, r * 32 + 32);
    const inked = [...Array(32).keys()].filter((r) => row(r).includes(1));
    const [top, bottom] = [inked[0] + 2, inked.at(-1) - 2];
    if (!(top < bottom)) return on;
    const [above, below] = [row(top).indexOf(1), row(bottom).indexOf(1)];
    if (above < 0 || below < 0) return on;
    const slope = (above - below) / (bottom - top);
    const sheared = new Uint8Array(32 * 32);
    for (let r = 0; r < 32; r++) {
      const shift = Math.floor((r - 16) * slope + 0.5);
      row(r).forEach((ink, column) => {
        if (ink && column + shift >= 0 && column + shift < 32) sheared[r * 32 + column + shift] = 1;
      });
    }
    return sheared;
  }

  // The ink in each block of 4 x 4 points: 64 counts from 0 to 16, row by row.
  function counted(on) {
    const counts = Array(64).fill(0);
    on.forEach((ink, i) => {
      counts[(i >> 7) * 8 + ((i & 31) >> 2)] += ink;
    });
    return counts;
  }

  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

  globalThis.rasteriser = Object.freeze({ bitmap, counted });
})();
