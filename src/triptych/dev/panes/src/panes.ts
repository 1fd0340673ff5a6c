/** A notebook in a pane: its sections, which of them is seen, and how to go to one. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import { cellsOf, type Section, sectionSeen, sectionsOf } from "./sections";

/** After how many milliseconds a jump is corrected, again and again: cells get their height when they are shown. */
const CORRECTIONS = [0, 50, 100, 200, 400, 800];

/** The sections of a notebook. */
export function sections(panel: NotebookPanel): Section[] {
  return sectionsOf(panel.content.widgets.map(({ model }) => ({ type: model.type, source: source(model) })));
}

/** The text of a cell; only of Markdown, where the sections are. */
function source(model: NotebookPanel["content"]["widgets"][number]["model"]): string {
  return model.type === "markdown" ? model.sharedModel.getSource() : "";
}

/** The chapter that a notebook belongs to: the last folder of its path. */
export function chapter(panel: NotebookPanel): string {
  return panel.context.path.split("/").at(-2) ?? "";
}

/** How far each cell's upper edge is below the pane's; cells outside a window that JupyterLab keeps are far. */
function distance(panel: NotebookPanel, cell: number): number {
  const { outerNode, widgets } = panel.content;
  const { node } = widgets[cell];
  if (node.isConnected) return node.getBoundingClientRect().top - outerNode.getBoundingClientRect().top;
  const shown = widgets.findIndex((widget) => widget.node.isConnected);
  return cell < shown ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The section that is seen in the pane, after the section `before`. */
export function seen(panel: NotebookPanel, own: readonly Section[], before?: number): number {
  const tops = own.map((section) => distance(panel, section.cell));
  return sectionSeen(tops, panel.content.outerNode.clientHeight, before);
}

/** Whether the section began further up, beyond the pane's upper edge. */
export function begunAbove(panel: NotebookPanel, own: readonly Section[], place: number): boolean {
  return distance(panel, own[place]?.cell ?? 0) < -8;
}

/** Whether any of the cell is seen in the pane. */
export function cellSeen(panel: NotebookPanel, cell: number): boolean {
  const node = panel.content.widgets[cell]?.node;
  const top = node?.isConnected ? distance(panel, cell) : Number.POSITIVE_INFINITY;
  return top < panel.content.outerNode.clientHeight && top + (node?.offsetHeight ?? 0) > 0;
}

/** How far beyond a section's first cell to wait for others, without which the pane cannot scroll to it. */
export const ROOM = 12;

/** How long to wait for cells that JupyterLab has not laid out yet, in milliseconds. */
const PATIENCE = 60_000;

const pause = (time: number): Promise<void> => new Promise((done) => setTimeout(done, time));

/**
 * Have the cells up to `last` laid out. JupyterLab lays out a notebook's cells one after the other, when it is
 * idle; a jump beyond what is there would come to nothing. Gives false where it is not worth waiting any more.
 */
export async function laidOut(panel: NotebookPanel, last: number, stay: () => boolean): Promise<boolean> {
  const until = performance.now() + PATIENCE;
  while (!panel.isDisposed && panel.content.widgets.slice(0, last + 1).some((cell) => cell.isPlaceholder())) {
    if (stay() || !panel.isVisible || performance.now() > until) return false;
    panel.content.update(); // lays out some more
    await pause(20);
  }
  return !panel.isDisposed && panel.isVisible && !stay();
}

/**
 * Go to a section: its heading comes to the upper edge, or, `fromBelow`, its end to the lower one if it is
 * longer than the pane. `stay` says whether to leave it at that.
 */
export async function go(
  panel: NotebookPanel,
  own: readonly Section[],
  place: number,
  fromBelow: boolean,
  stay: () => boolean,
): Promise<void> {
  const { content } = panel;
  const [first, end] = cellsOf(own, place, content.widgets.length);
  for (const wait of CORRECTIONS) {
    await pause(wait);
    if (!(await laidOut(panel, Math.max(first + ROOM, fromBelow ? end : 0), stay))) return;
    const height =
      distance(panel, end - 1) + content.widgets[end - 1].node.offsetHeight - distance(panel, first);
    if (fromBelow && height > content.outerNode.clientHeight)
      await arrive(content.scrollToItem(end - 1, "end", 0));
    else if (Math.abs(distance(panel, first)) > 2) await arrive(content.scrollToItem(first, "start", 0));
  }
}

/** JupyterLab rejects a jump that another one overtakes. */
async function arrive(jump: Promise<void>): Promise<void> {
  await jump.catch(() => undefined);
}
