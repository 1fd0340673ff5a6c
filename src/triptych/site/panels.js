// Panels as columns or as tabs: columns where the window has room for three, unless the
// reader chose tabs, which the browser remembers for the whole site.
//
// Loaded in the head, only by pages that have panels. `show` runs before anything is
// drawn, so that nothing jumps.
(() => {
  "use strict";
  const KEY = "triptych-panels";
  const root = document.documentElement;
  const wide = matchMedia("(min-width: 1400px)");
  let choice = "columns";
  try {
    choice = localStorage.getItem(KEY) ?? choice;
  } catch {} // the browser keeps nothing for this site

  function show() {
    root.dataset.panels = wide.matches && choice !== "tabs" ? "columns" : "tabs";
  }

  // Leave `read` where it is in the window, whatever is about to change above it.
  function hold(read) {
    if (!read) return;
    const before = read.getBoundingClientRect().top;
    requestAnimationFrame(() => {
      const hidden = read.getClientRects().length === 0;
      if (hidden) read.closest(".side-by-side")?.scrollIntoView();
      else scrollBy({ top: read.getBoundingClientRect().top - before, behavior: "instant" });
    });
  }

  function showAnew() {
    hold(document.elementFromPoint(root.clientWidth / 2, 120)); // a line or two below the header
    show();
  }

  function button(view, text, name) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.ariaLabel = name;
    made.ariaPressed = String(choice === view);
    made.addEventListener("click", () => {
      choice = view;
      try {
        localStorage.setItem(KEY, choice);
      } catch {}
      for (const other of made.parentElement.children) other.ariaPressed = String(other === made);
      showAnew();
    });
    return made;
  }

  show();
  wide.addEventListener("change", showAnew);
  // A tab that is chosen in one set changes all the others; this comes before they change.
  document.addEventListener("change", (event) => hold(event.target.closest(".side-by-side")), true);
  document.addEventListener("DOMContentLoaded", () => {
    const group = document.createElement("div");
    group.className = "side-by-side-view";
    group.role = "group";
    group.ariaLabel = "Frameworks";
    group.append(button("columns", "Columns", "Show in columns"), button("tabs", "Tabs", "Show as tabs"));
    const header = document.querySelector(".article-header-buttons");
    if (header) header.prepend(group);
    else document.querySelector(".side-by-side").before(group);
  });
})();
