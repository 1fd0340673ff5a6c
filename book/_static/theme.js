// Where the browser keeps nothing for this site, or has no room for it, the theme's scripts would end
// before its buttons work: what they keep then lasts as long as the page.
(() => {
  let real = null;
  try {
    real = localStorage;
    real.setItem("triptych-probe", "");
    real.removeItem("triptych-probe");
  } catch {
    const kept = new Map();
    const value = {
      getItem: (key) => (kept.has(key) ? kept.get(key) : (real?.getItem(key) ?? null)),
      setItem: (key, text) => kept.set(key, String(text)),
      removeItem: (key) => kept.set(key, null),
    };
    Object.defineProperty(globalThis, "localStorage", { value, configurable: true });
  }
})();

// Light or dark as the reader's system is, before anything is drawn. The theme does it after
// the page is drawn, so that colours flash and borders appear late.
(() => {
  const chosen = localStorage.getItem("mode");
  if (chosen && chosen !== "auto") return;
  const page = document.documentElement.dataset;
  page.mode = "auto";
  page.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
})();
