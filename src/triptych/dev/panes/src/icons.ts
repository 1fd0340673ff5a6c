/** The icons of the two commands. */

import { LabIcon } from "@jupyterlab/ui-components";

const svg = (shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g class="jp-icon3" fill="#616161">${shapes}</g></svg>`;

/** Three panes, each with the triangle of "run". */
export const runIcon = new LabIcon({
  name: "triptych-panes:run-section",
  svgstr: svg(
    '<path d="M1 4h1.5v16H1zM8.5 4H10v16H8.500zM16 4h1.500v16H16z"/><path d="M3.500 8l4 4-4 4zM11 8l4 4-4 4zM18.500 8l4 4-4 4z"/>',
  ),
});

/** Two panes and the arrow between them. */
export const followIcon = new LabIcon({
  name: "triptych-panes:follow",
  svgstr: svg('<path d="M2 4h7v2H4v12h5v2H2zM15 4h7v16h-7v-2h5V6h-5z"/><path d="M7 11h7V8l4 4-4 4v-3H7z"/>'),
});
