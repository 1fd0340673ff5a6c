// Light or dark as the reader's system is, before anything is drawn. The theme does it after
// the page is drawn, so that colours flash and borders appear late.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("mode");
  } catch {}
  if (chosen && chosen !== "auto") return;
  const page = document.documentElement.dataset;
  page.mode = "auto";
  page.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
})();
