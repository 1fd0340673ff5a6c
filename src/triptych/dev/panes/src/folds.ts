/** A folded cell says what it does: the words after `# @title`, as Colab shows them. */

import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";

const TITLE = /^#\s*@title\s+/;

/** Keep the lines of folded cells without their mark. */
export function showTitles(tracker: INotebookTracker): void {
  const watch = ({ content }: NotebookPanel): void => {
    const write = (): void => {
      for (const line of content.node.querySelectorAll(".jp-InputPlaceholder .jp-PlaceholderText")) {
        const told = line.textContent ?? "";
        if (TITLE.test(told)) line.textContent = told.replace(TITLE, "");
      }
    };
    const observer = new MutationObserver(write); // JupyterLab writes the line anew whenever the cell is folded
    observer.observe(content.node, { childList: true, subtree: true });
    content.disposed.connect(() => observer.disconnect());
    write();
  };
  tracker.forEach(watch);
  tracker.widgetAdded.connect((_, panel) => watch(panel));
}
