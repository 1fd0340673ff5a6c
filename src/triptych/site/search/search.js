// Shows what the search finds: under the field of the dialog that every page has, and on the
// page search.html. The index is loaded when the reader begins, by a script element, which
// works from the disk too.
(() => {
  "use strict";
  const root = document.documentElement.dataset.content_root ?? "./";
  const IN_DIALOG = 8;
  const ON_PAGE = 40;
  const LOST = 3; // above the map of the chapters
  const LONGEST = 100; // characters of a dead address that are searched for
  let loading = null;

  function load() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${root}search-index.js`;
      script.onload = () => {
        const { titles, places } = globalThis.triptychIndex;
        for (const place of places) place.siblings = siblings(place.siblings);
        resolve({ titles, ...globalThis.ranking.build(places) });
      };
      script.onerror = () => {
        loading = null;
        reject(new Error("the index of the search could not be loaded"));
      };
      document.head.append(script);
    });
    return loading;
  }

  function siblings(written) {
    const entries = Object.entries(written);
    return Object.fromEntries(entries.map(([name, [page, anchor, text]]) => [name, { page, anchor, text }]));
  }

  function element(tag, className, ...content) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...content);
    return made;
  }

  // The text with the asked words marked.
  function marked(text, asked) {
    if (!asked) return [text];
    return text.split(asked).map((piece, number) => (number % 2 ? element("mark", "", piece) : piece));
  }

  // A link to a place; Sphinx's own script marks the words there.
  function address(page, anchor, words) {
    const highlight = words ? `?highlight=${encodeURIComponent(words)}` : "";
    return `${root}${page}${highlight}${anchor ? `#${anchor}` : ""}`;
  }

  function result(index, place, words) {
    const asked = globalThis.ranking.asked(words);
    const context = globalThis.ranking.context(place, words);
    const found = [...new Set(context?.text.match(asked ?? /$^/) ?? [])].join(" ");
    const link = element("a", "", ...marked(place.heading || place.trail.at(-1), asked));
    link.href = address(place.page, place.anchor, found);
    const item = element("li", "", link);
    if (place.trail.length && place.heading !== place.trail.at(-1))
      item.append(element("span", "found-trail", place.trail.join(" › ")));
    if (context) {
      const tag = context.kind === "code" ? "pre" : "p";
      item.append(element(tag, "found-context", ...marked(context.text, asked)));
    }
    const inside = Object.entries(place.siblings).filter(([name]) => context?.siblings.includes(name));
    if (inside.length) {
      const links = inside.map(([name, { page, anchor }]) => {
        const made = element("a", "", index.titles[name]);
        made.href = address(page, anchor, found);
        return made;
      });
      item.append(element("p", "found-siblings", "In the notebook: ", ...links));
    }
    return item;
  }

  // Show what the field's words find, at most `limit` places, below the field.
  function attach(form, limit, told = () => {}) {
    const field = form.querySelector("input");
    const status = element("p", "found-status");
    status.setAttribute("role", "status");
    const list = element("ol", "found");
    form.after(status, list);

    async function show() {
      const words = field.value.trim();
      told(words);
      if (words.length < 2) {
        status.replaceChildren();
        list.replaceChildren();
        return;
      }
      let index;
      try {
        index = await load();
      } catch (error) {
        status.replaceChildren(`${error.message}; is search-index.js beside the site's pages?`);
        return;
      }
      if (words !== field.value.trim()) return; // the reader has gone on writing
      const found = globalThis.ranking.find(index, words, ON_PAGE);
      list.replaceChildren(...found.slice(0, limit).map(({ place }) => result(index, place, words)));
      if (!found.length) {
        const glossary = element("a", "", "glossary");
        glossary.href = `${root}book/glossary.html`;
        status.replaceChildren(`Nothing found for “${words}”. Try another word, or the `, glossary, ".");
      } else if (found.length > limit) {
        const all = element("a", "", `all ${found.length === ON_PAGE ? "" : found.length} results`);
        all.href = `${root}search.html?q=${encodeURIComponent(words)}`;
        status.replaceChildren(`The ${limit} best places, or `, all, ".");
      } else {
        status.replaceChildren(found.length === 1 ? "One place." : `${found.length} places.`);
      }
    }

    field.addEventListener("input", show);
    field.addEventListener("focus", () => load().catch(() => {}), { once: true });
    form.parentElement.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const stops = [field, ...list.querySelectorAll("li > a")];
      const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      if (!stops[next]) return;
      event.preventDefault();
      stops[next].focus();
    });
    return { field, show };
  }

  // The words of an address's last part: what the page was about.
  function lastPart(path) {
    const part =
      path
        .split("/")
        .filter(Boolean)
        .at(-1)
        ?.replace(/\.\w+$/, "") ?? "";
    return part === "404"
      ? ""
      : decoded(part)
          .replace(/[-_+]+/g, " ")
          .slice(0, LONGEST);
  }

  function decoded(part) {
    try {
      return decodeURIComponent(part);
    } catch {
      return part; // a percent sign that stands for nothing
    }
  }

  // Where none of the words that a result marks in its section can be seen, they stand in closed folds
  // or in panels that are not in view (panels.js): the first of them is uncovered.
  function uncover() {
    const id = decoded(location.hash.slice(1));
    const place = id ? document.getElementById(id) : document.querySelector(".bd-article");
    const marks = [...(place?.querySelectorAll(".highlighted") ?? [])];
    if (!marks.length || marks.some((mark) => mark.checkVisibility())) return;
    marks[0].dispatchEvent(new Event("triptych:reveal", { bubbles: true }));
    for (let fold = marks[0].closest("details"); fold; fold = fold.parentElement.closest("details"))
      fold.open = true;
  }
  addEventListener("load", () => setTimeout(uncover, 50)); // Sphinx marks 10 ms after the page is read

  const inDialog = document.querySelector("#pst-search-dialog form");
  if (inDialog) attach(inDialog, IN_DIALOG);

  const onPage = document.querySelector(".triptych-search-page form");
  if (onPage) {
    const lost = Boolean(onPage.closest("[data-lost]")); // on 404.html, at whatever address
    const { field, show } = attach(onPage, lost ? LOST : ON_PAGE, (words) => {
      const query = words ? `?q=${encodeURIComponent(words)}` : "";
      if (!lost) history.replaceState(null, "", `${location.pathname}${query}`);
    });
    field.value = lost ? lastPart(location.pathname) : (new URLSearchParams(location.search).get("q") ?? "");
    field.focus();
    show();
    onPage.addEventListener("submit", (event) => {
      event.preventDefault();
      show();
    });
  }
})();
