/** Where a notebook's sections begin, and which sections of two notebooks belong together. It knows no widget. */

/** A cell, as far as sections go. */
export interface Cell {
  readonly type: string;
  readonly source: string;
}

/** A `## ` heading: its words, how many headings before it have the same, and the index of its cell. */
export interface Section {
  readonly title: string;
  readonly nth: number;
  readonly cell: number;
}

/** The place above the first heading, where a number of a section is expected. */
export const TOP = -1;

/** The sections of a notebook, in their order; lines inside fenced code are no headings. */
export function sectionsOf(cells: readonly Cell[]): Section[] {
  const sections: Section[] = [];
  const seen = new Map<string, number>();
  cells.forEach((cell, index) => {
    for (const title of cell.type === "markdown" ? titlesIn(cell.source) : []) {
      const nth = seen.get(title) ?? 0;
      seen.set(title, nth + 1);
      sections.push({ title, nth, cell: index });
    }
  });
  return sections;
}

function titlesIn(source: string): string[] {
  const titles: string[] = [];
  let fence = "";
  for (const line of source.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (fence) {
      if (mark.startsWith(fence)) fence = "";
    } else if (mark) {
      fence = mark;
    } else {
      const title = /^ {0,3}##[ \t]+(.*?)[ \t]*#*[ \t]*$/.exec(line)?.[1];
      if (title) titles.push(title.replace(/\s+/g, " "));
    }
  }
  return titles;
}

/** The section that the cell belongs to, or TOP. */
export function sectionAt(sections: readonly Section[], cell: number): number {
  return sections.findLastIndex((section) => section.cell <= cell);
}

/** The section of `others` with the same heading, or undefined. */
export function sameSection(section: Section, others: readonly Section[]): number | undefined {
  const found = others.findIndex((other) => other.title === section.title && other.nth === section.nth);
  return found < 0 ? undefined : found;
}

/**
 * Where a sibling goes when one is at `place`: to the same heading, or else to the nearest one before it
 * that the sibling has too. Undefined where they share none: then they are no siblings.
 */
export function counterpart(
  sections: readonly Section[],
  place: number,
  others: readonly Section[],
): number | undefined {
  if (place === TOP) return sections.some((s) => sameSection(s, others) !== undefined) ? TOP : undefined;
  for (let number = place; number >= 0; number--) {
    const found = sameSection(sections[number], others);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The cells of a section: from the first (inclusive) to the last (exclusive) of `count` cells. */
export function cellsOf(sections: readonly Section[], place: number, count: number): [number, number] {
  const first = place === TOP ? 0 : sections[place].cell;
  return [first, sections.find((section) => section.cell > first)?.cell ?? count];
}

/**
 * The section that a reader has before the eyes.
 *
 * `tops` has the distance in pixels from the upper edge of the pane to each section's heading, `height` is
 * the pane's. A heading at the edge counts, or else the last one in the upper quarter or above it. Who
 * scrolls up stays in the section `before` until its heading has left the pane.
 */
export function sectionSeen(tops: readonly number[], height: number, before?: number): number {
  const atEdge = tops.findIndex((top) => top >= -8 && top <= 24);
  if (atEdge >= 0) return atEdge;
  const seen = tops.findLastIndex((top) => top <= height / 4);
  return before !== undefined && seen < before && tops[before] < height ? before : seen;
}
