/** One command runs a section in all panes, with what it stands on. */

import type { ISessionContext } from "@jupyterlab/apputils";
import { Notification } from "@jupyterlab/apputils";
import type { Cell } from "@jupyterlab/cells";
import {
  type INotebookTracker,
  type Notebook,
  NotebookActions,
  type NotebookPanel,
} from "@jupyterlab/notebook";
import type { Following } from "./following";
import { cellSeen, sections, seen } from "./panes";
import { cellsOf, sameSection, type Section, sectionAt, TOP } from "./sections";

/** What has run, by notebook: each cell's text then, by its id. A kernel that starts anew knows nothing. */
const ran = new WeakMap<Notebook, Map<string, string>>();

const text = (cell: Cell): string => cell.model.sharedModel.getSource();

/** Remember what runs in the notebooks, by whatever command. */
export function remember(tracker: INotebookTracker): void {
  NotebookActions.executed.connect((_, { notebook, cell, success }) => {
    if (!ran.has(notebook)) ran.set(notebook, new Map());
    if (success) ran.get(notebook)?.set(cell.model.id, text(cell));
    else ran.get(notebook)?.delete(cell.model.id);
  });
  const watch = (panel: NotebookPanel): void => {
    const forget = (): void => void ran.delete(panel.content);
    panel.sessionContext.kernelChanged.connect(forget);
    panel.sessionContext.statusChanged.connect((_: ISessionContext, status: string) => {
      if (/restarting|terminating|dead/.test(status)) forget();
    });
  };
  tracker.forEach(watch);
  tracker.widgetAdded.connect((_, panel) => watch(panel));
}

/** The cells to run for a section: its own, and those above it that have not run as they stand. */
function due(notebook: Notebook, own: readonly Section[], place: number): Cell[] {
  const [first, end] = cellsOf(own, place, notebook.widgets.length);
  const known = ran.get(notebook);
  return notebook.widgets
    .slice(0, end)
    .filter(
      (cell, index) =>
        cell.model.type === "code" && (index >= first || known?.get(cell.model.id) !== text(cell)),
    );
}

/** Have a cell of the section be the active one, which JupyterLab brings into view when it has run something. */
function activate(panel: NotebookPanel, own: readonly Section[], place: number): void {
  const { content } = panel;
  const [first, end] = cellsOf(own, place, content.widgets.length);
  if (content.activeCellIndex >= first && content.activeCellIndex < end) return;
  content.mode = "command"; // in edit mode an active Markdown cell shows its source
  const shown = content.widgets.slice(first, end).findIndex((_, offset) => cellSeen(panel, first + offset));
  content.activeCellIndex = first + Math.max(shown, 0);
}

/** Run the section of the current pane in it and in its siblings. */
export async function runSection(following: Following): Promise<void> {
  const pane = following.current;
  if (!pane) return;
  const own = sections(pane);
  const active = pane.content.activeCellIndex;
  const place = cellSeen(pane, active) ? sectionAt(own, active) : seen(pane, own);
  const without: string[] = [];
  const runs = [pane, ...following.siblings(pane)].map(async (panel) => {
    const others = sections(panel);
    const target = place === TOP ? TOP : sameSection(own[place], others);
    await panel.sessionContext.ready;
    if (target === undefined) {
      without.push(`${panel.title.label} has no section “${own[place].title}”`);
    } else if (!panel.sessionContext.session?.kernel) {
      without.push(`${panel.title.label} has no kernel`);
    } else {
      activate(panel, others, target);
      await NotebookActions.runCells(panel.content, due(panel.content, others, target), panel.sessionContext);
    }
  });
  if (following.on) following.lead(pane, place, false);
  await Promise.all(runs);
  if (without.length) Notification.info(`Not run: ${without.join("; ")}.`, { autoClose: 5000 });
}
