// Boxes that filter a page's tables of claims. What they say stands in the address, so that a
// choice can be linked to: ?words=tf.function&verdict=wrong (not q: Sphinx's search would read it)
//
// Loaded only by pages that have such a table, which is whole without this script.
(() => {
  "use strict";
  const FIELDS = { chapter: "Chapter", article: "Article", system: "System", verdict: "Verdict" };
  const ERRORS = ["wrong", "outdated"]; // asked for together: what would mislead a reader today
  const slug = (text) =>
    text
      .trim()
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-");

  const tables = [...document.querySelectorAll("table.claims")];
  const rows = tables.flatMap((table) =>
    [...table.tBodies[0].rows].map((row) => {
      const by = {};
      for (const field of Object.keys(FIELDS)) {
        by[field] = [...row.querySelectorAll(`.by-${field}`)].flatMap((e) => e.textContent.split(", "));
      }
      return { row, by, text: row.textContent.toLowerCase() };
    }),
  );

  function labelled(text, box, name) {
    const label = document.createElement("label");
    label.append(text, box);
    box.name = name;
    return label;
  }

  // A box for each field in which the rows differ.
  function select(field) {
    const names = new Map(rows.flatMap(({ by }) => by[field].map((name) => [slug(name), name])));
    if (names.size < 2) return [];
    const box = document.createElement("select");
    box.append(new Option("all", ""));
    const sorted = [...names].sort(([, a], [, b]) => a.localeCompare(b));
    for (const [value, name] of sorted) box.append(new Option(name, value));
    if (field === "verdict" && ERRORS.every((name) => names.has(name))) {
      box.append(new Option(ERRORS.join(" or "), ERRORS.join(",")));
    }
    return [labelled(FIELDS[field], box, field)];
  }

  const form = document.createElement("form");
  form.className = "claims-filter";
  form.role = "search";
  form.ariaLabel = "Claims";
  form.autocomplete = "off"; // the address says what is chosen, not the browser's memory
  const words = document.createElement("input");
  words.type = "search";
  words.placeholder = "tf.function, say";
  const clear = document.createElement("button");
  clear.type = "reset";
  clear.textContent = "Clear";
  const count = document.createElement("p");
  count.role = "status";
  form.append(labelled("Words", words, "words"), ...Object.keys(FIELDS).flatMap(select), clear, count);
  const boxes = [...form.querySelectorAll("input, select")];

  function filter() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = boxes
      .filter((box) => box !== words && box.value)
      .map((box) => [box.name, box.value.split(",")]);
    let shown = 0;
    for (const { row, by, text } of rows) {
      row.hidden = !(
        wanted.every((word) => text.includes(word)) &&
        chosen.every(([field, values]) => by[field].some((name) => values.includes(slug(name))))
      );
      shown += !row.hidden;
    }
    count.textContent = `${shown} of ${rows.length} claims`;
  }

  function read() {
    const asked = new URLSearchParams(location.search);
    for (const box of boxes) {
      box.value = asked.get(box.name) ?? "";
      if (box.selectedIndex === -1) box.value = ""; // the address asks for an unknown choice
    }
    filter();
  }

  function write() {
    const asked = new URLSearchParams(location.search);
    for (const { name } of boxes) asked.delete(name);
    for (const { name, value } of boxes) if (value.trim()) asked.append(name, value.trim());
    const query = String(asked).replaceAll("%2C", ",");
    history.replaceState(history.state, "", `${location.pathname}${query && "?"}${query}${location.hash}`);
  }

  // A link to a claim shows it, whatever is chosen.
  function reveal() {
    const target = document.getElementById(location.hash.slice(1));
    if (target?.hidden && rows.some(({ row }) => row === target)) {
      form.reset();
      target.scrollIntoView();
    }
  }

  form.addEventListener("input", () => {
    write();
    filter();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    for (const box of boxes) box.value = "";
    write();
    filter();
  });
  addEventListener("popstate", read);
  addEventListener("hashchange", reveal);
  (tables[0].closest(".pst-scrollable-table-container") ?? tables[0]).before(form);
  read();
  reveal();
})();
