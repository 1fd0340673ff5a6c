/** Which pane leads: the one in which somebody scrolls, and none while somebody types. It knows no widget. */

/** How long after an input a pane may still be scrolling because of it, in milliseconds. */
export const PATIENCE = 2000;

/** The same after a press outside of all panes: cells that are far away may have to be laid out first. */
export const LONG_PATIENCE = 12_000;

/** A key, as far as leading goes. */
export interface Key {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

const MOVING = /^(Arrow(Up|Down|Left|Right)|Page(Up|Down)|Home|End)$/;
const SILENT = /^(Alt|AltGraph|CapsLock|Control|Escape|Meta|Shift)$/;

/** Whether a key moves about or types; undefined where it does neither. */
export function meaning(key: Key, inEditor: boolean): "moves" | "types" | undefined {
  if (SILENT.test(key.key)) return undefined;
  if (!inEditor || MOVING.test(key.key)) return "moves";
  const modified = key.ctrlKey || key.metaKey || key.altKey;
  if (key.key === "Enter" && (modified || key.shiftKey)) return "moves"; // it runs the cell
  return modified ? undefined : "types";
}

/** Who leads among panes `P`. The scrolling of any other pane moves nothing, so that there are no loops. */
export class Leading<P> {
  /** The pane of the last input, if any. */
  pane: P | null = null;

  private until = Number.NEGATIVE_INFINITY;

  /** Somebody scrolls in the pane, or chose something outside that may make it scroll. */
  move(pane: P | null, now: number, patience = PATIENCE): void {
    this.pane = pane;
    this.until = now + patience;
  }

  /** Somebody presses a button over the pane, as on its scroll bar. */
  hold(pane: P | null): void {
    this.move(pane, 0, Number.POSITIVE_INFINITY);
  }

  /** The button is let go. */
  release(now: number): void {
    if (this.until === Number.POSITIVE_INFINITY) this.until = now + PATIENCE;
  }

  /** Somebody types in the pane. */
  type(pane: P | null): void {
    this.pane = pane;
    this.until = Number.NEGATIVE_INFINITY;
  }

  /** Whether the others follow when this pane scrolls now. */
  leads(pane: P, now: number): boolean {
    return this.pane === pane && now <= this.until;
  }
}
