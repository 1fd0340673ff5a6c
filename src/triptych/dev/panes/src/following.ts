/** The panes follow each other: one listener for all of them, on the document. */

import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { Leading, LONG_PATIENCE, meaning, PATIENCE } from "./leading";
import { begunAbove, chapter, go, laidOut, ROOM, sections, seen } from "./panes";
import { counterpart } from "./sections";

/** The shortest time between two looks at a pane that is being scrolled, in milliseconds. */
const INTERVAL = 80;

const PASSIVE = { capture: true, passive: true };

/** What makes the panes follow each other, while it is `on`. */
export class Following {
  private readonly tracker: INotebookTracker;
  private leading = new Leading<NotebookPanel>();
  private places = new Map<NotebookPanel, number>();
  private looking = false;
  private switched = true;

  constructor(tracker: INotebookTracker) {
    this.tracker = tracker;
  }

  /** Listen to what is done in the panes. */
  listen(): void {
    document.addEventListener("wheel", (event) => this.move(event), PASSIVE);
    document.addEventListener("touchmove", (event) => this.move(event), PASSIVE);
    document.addEventListener("pointerdown", (event) => this.move(event), PASSIVE);
    document.addEventListener("pointerup", () => this.leading.release(performance.now()), PASSIVE);
    document.addEventListener("pointercancel", () => this.leading.release(performance.now()), PASSIVE);
    document.addEventListener("keydown", (event) => this.press(event), PASSIVE);
    document.addEventListener("scroll", (event) => this.scrolled(event), PASSIVE);
    this.tracker.activeCellChanged.connect(() => this.hasten());
  }

  /** Whether the panes follow each other. */
  get on(): boolean {
    return this.switched;
  }

  set on(on: boolean) {
    const begins = on && !this.switched;
    this.switched = on;
    const pane = this.current;
    if (begins && pane) this.lead(pane, seen(pane, sections(pane)), false);
  }

  /** The pane of the last input, or JupyterLab's current one. */
  get current(): NotebookPanel | null {
    const { pane } = this.leading;
    return pane && !pane.isDisposed && pane.isVisible ? pane : this.tracker.currentWidget;
  }

  /** The other notebooks of the pane's chapter that are seen beside it. */
  siblings(pane: NotebookPanel): NotebookPanel[] {
    return this.tracker.filter(
      (other) =>
        other !== pane && other.isVisible && other.content.model !== null && chapter(other) === chapter(pane),
    );
  }

  /** Bring the siblings to where the pane is: to its section `place`. */
  lead(pane: NotebookPanel, place: number, fromBelow: boolean): void {
    const own = sections(pane);
    for (const sibling of this.siblings(pane)) {
      const others = sections(sibling);
      const target = counterpart(own, place, others);
      if (target === undefined) continue;
      this.places.set(sibling, target);
      if (seen(sibling, others) === target) continue;
      void go(
        sibling,
        others,
        target,
        fromBelow,
        () => this.leading.pane === sibling || this.places.get(pane) !== place,
      );
    }
    this.places.set(pane, place);
  }

  /** The pane that an event happens in. Outside of all, as in the table of contents, it is about the current one. */
  private paneOf(event: Event): { pane: NotebookPanel | null; inside: boolean } {
    const node = event.target instanceof Node ? event.target : null;
    const pane = this.tracker.find((panel) => panel.node.contains(node));
    return pane ? { pane, inside: true } : { pane: this.tracker.currentWidget, inside: false };
  }

  private move(event: Event): void {
    const { pane, inside } = this.paneOf(event);
    const pressed = event.type === "pointerdown";
    if (!inside && !pressed) return;
    if (inside && pressed) this.leading.hold(pane);
    else this.leading.move(pane, performance.now(), inside ? PATIENCE : LONG_PATIENCE);
    this.look(pane, inside);
  }

  private press(event: KeyboardEvent): void {
    const { pane, inside } = this.paneOf(event);
    const editor =
      event.target instanceof Element && event.target.closest(".cm-content, input, textarea, select");
    const what = meaning(event, Boolean(editor));
    if (what === "types") this.leading.type(pane);
    if (what !== "moves") return;
    this.leading.move(pane, performance.now(), inside ? PATIENCE : LONG_PATIENCE);
    this.look(pane, inside);
  }

  /** Remember where the pane is before it scrolls; where it may jump, every place is news. */
  private look(pane: NotebookPanel | null, known: boolean): void {
    if (!pane) return;
    if (!known) this.places.delete(pane);
    else if (!this.places.has(pane) || !this.looking)
      this.places.set(pane, seen(pane, sections(pane), this.places.get(pane)));
  }

  private scrolled(event: Event): void {
    const pane = this.on && this.tracker.find((panel) => panel.content.outerNode === event.target);
    if (!pane || this.looking || !this.leading.leads(pane, performance.now())) return;
    this.looking = true;
    setTimeout(() => {
      this.looking = false;
      if (!this.on || pane.isDisposed || !pane.isVisible) return;
      const before = this.places.get(pane);
      const own = sections(pane);
      const place = seen(pane, own, before);
      if (place === before) return;
      this.lead(pane, place, before !== undefined && place < before && begunAbove(pane, own, place));
    }, INTERVAL);
  }

  /** A heading chosen in the table of contents may not be laid out yet; JupyterLab's own jump waits for that. */
  private hasten(): void {
    const { activeCell, currentWidget } = this.tracker;
    if (!activeCell?.isPlaceholder() || !currentWidget) return;
    const last = currentWidget.content.activeCellIndex + ROOM;
    void laidOut(currentWidget, last, () => this.tracker.activeCell !== activeCell);
  }
}
