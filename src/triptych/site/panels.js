// Shows the panels of the frameworks that the reader has chosen, as many beside each other as fit,
// and has a switch for each in the page's header.
//
// Loaded in the head, only by pages that have panels, with their frameworks in data-frameworks, and in
// data-first those that are shown to a reader who has not chosen, where these are not all.
// `show` runs before anything is drawn, so that nothing jumps. It sets, for panels.css,
//   html[data-panels="2"][data-hidden="tensorflow"][data-folded="contents navigation"]
//   and for print.css html[data-unchosen="tensorflow"], what is not chosen whether it fits or not;
//   html[data-coming] until the page has been read to its end.
(() => {
  "use strict";
  const { read, wanted, pressed, stored, store, name: nameInAddress } = globalThis.frameworkChoice;
  const { fitting } = globalThis.panelColumns;
  const SET = ".side-by-side";
  const READ = 120; // pixels from the window's top: a line or two below the header
  const root = document.documentElement;
  const { frameworks, first } = document.currentScript.dataset;
  const here = frameworks.split(" ");
  const switches = new Map();
  const note = document.createElement("p");
  const { fresh, unknown, ...found } = read(location.search, stored(), here, first?.split(" "));
  let { chosen } = found;
  let ratio = 0.6;

  // How wide code's characters are for their height, with the reader's fonts and settings.
  function measure() {
    const probe = document.createElement("span");
    probe.style.cssText =
      "font: 0.75rem var(--pst-font-family-monospace); position: absolute; text-rendering: geometricPrecision; white-space: pre";
    probe.textContent = "0".repeat(100);
    root.append(probe);
    const ratio =
      probe.getBoundingClientRect().width / 100 / Number.parseFloat(getComputedStyle(probe).fontSize);
    probe.remove();
    return ratio || 0.6;
  }

  const fit = (count) =>
    fitting(root.clientWidth / Number.parseFloat(getComputedStyle(root).fontSize), ratio, count);

  function mark(name, value) {
    if (root.dataset[name] !== value) root.dataset[name] = value;
  }

  function show() {
    const list = wanted(chosen, here);
    const { columns, folded } = fit(list.length);
    const view = list.slice(0, columns);
    mark("panels", String(columns));
    mark("hidden", here.filter((name) => !view.includes(name)).join(" "));
    mark("unchosen", here.filter((name) => !list.includes(name)).join(" "));
    mark("folded", folded.join(" "));
    for (const [name, button] of switches) button.ariaPressed = String(view.includes(name));
    // A set with none of these panels shows all that it has.
    for (const one of document.querySelectorAll(SET)) {
      one.classList.toggle("all", !view.some((name) => one.querySelector(`:scope > .${name}`)));
    }
  }

  // --- what is read stays where it is --------------------------------------------------

  const inView = (element) => element.getClientRects().length > 0;
  const place = (element) => element?.getBoundingClientRect();
  const from = (blocks) => [...blocks].find((block) => inView(block) && place(block).bottom > READ);

  // Make a change, and leave what is read where it is in the window. Where its panel goes, the same
  // place of another panel takes its place: as far in the part before, at or after the checkpoint.
  function hold(change) {
    const [set] = [...document.querySelectorAll(SET)].filter(
      (one) => place(one).top <= READ && one === from([one]),
    );
    const panels = set ? [...set.children].filter(inView) : [];
    const read = set
      ? panels.map((panel) => from(panel.querySelectorAll(":scope > * > *")))
      : [from(document.querySelectorAll(".bd-article section > :not(section)"))];
    const tops = read.map((block) => place(block)?.top);
    const part = set ? [...panels[0].children].indexOf(from(panels[0].children)) : -1;
    const was = place(panels[0]?.children[part]);
    change();
    const kept = read.findIndex((block) => block && inView(block));
    if (kept >= 0) move(place(read[kept]).top - tops[kept]);
    else if (was) {
      const now = place([...set.children].find(inView)?.children[part]);
      if (now) move(now.top - READ + ((READ - was.top) / was.height) * now.height);
    }
  }

  const move = (top) => scrollBy({ top, behavior: "instant" });

  // --- the switches --------------------------------------------------------------------

  function press(name) {
    const fits = fit(here.length).columns;
    chosen = pressed(chosen, here, name, fits);
    store(chosen);
    nameInAddress(wanted(chosen, here));
    note.textContent = "";
    hold(show);
  }

  function bar() {
    const group = document.createElement("div");
    group.className = "side-by-side-switches";
    group.role = "group";
    group.ariaLabel = "Frameworks to show";
    for (const name of here) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = name;
      button.textContent = document.querySelector(`${SET} > .${name} > .rubric`).textContent;
      button.addEventListener("click", () => press(name));
      switches.set(name, button);
      group.append(button);
    }
    note.role = "status";
    group.append(note);
    const header = document.querySelector(".header-article-items__start");
    if (header) header.after(group);
    else document.querySelector(SET).before(group);
  }

  // An address may ask for anything: of many names a few are told, of a long one its beginning.
  function tellUnknown() {
    if (!unknown.length) return;
    const names = unknown.map((name) => `“${name.length > 24 ? `${name.slice(0, 23)}…` : name}”`);
    const told = [...names.slice(0, 3), ...(names.length > 3 ? [`${names.length - 3} more`] : [])].join(", ");
    const titles = [...switches.values()].map((button) => button.textContent);
    const there = new Intl.ListFormat("en-GB").format(titles);
    note.textContent = `This page has no panels for ${told}. It has ${there}.`;
    addEventListener("pointerdown", quiet);
    addEventListener("keydown", (event) => event.key === "Escape" && quiet());
  }

  function quiet() {
    note.textContent = "";
  }

  // What a search has found may stand in a panel that is not in view. It is shown on this page, and
  // the choice stays what it was.
  function reveal({ target }) {
    const panel = target.closest(`${SET} > *`);
    const name = here.find((name) => panel?.classList.contains(name));
    if (!name || inView(panel)) return;
    chosen = pressed(chosen, here, name, fit(here.length).columns);
    show();
  }

  // The navigation, where it is folded: as the theme shows it on narrow screens. The theme moves it
  // back when it is closed.
  function openNavigation(event) {
    const button = event.target.closest(".primary-toggle");
    if (!button || !root.dataset.folded.includes("navigation") || !matchMedia("(min-width: 992px)").matches)
      return;
    event.preventDefault();
    event.stopPropagation();
    const [navigation, dialog] = ["", "-modal"].map((end) =>
      document.getElementById(`pst-primary-sidebar${end}`),
    );
    dialog.append(...navigation.childNodes);
    dialog.classList.add(...navigation.classList);
    navigation.className = "";
    dialog.showModal();
  }

  mark("coming", "");
  document.addEventListener("readystatechange", () => delete root.dataset.coming, { once: true });
  ratio = measure();
  root.style.setProperty("--triptych-character", String(ratio));
  show();
  if (fresh) store(chosen);
  document.addEventListener("click", openNavigation, true);
  document.addEventListener("DOMContentLoaded", () => {
    bar();
    show();
    document.addEventListener("triptych:reveal", reveal);
    requestAnimationFrame(tellUnknown); // a status that changes is read aloud
    addEventListener("resize", () => hold(show));
  });
})();
