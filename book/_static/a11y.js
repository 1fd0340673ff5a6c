// What the theme's own mark-up lacks (sphinx-book-theme 1.3, pydata-sphinx-theme 0.17),
// as axe-core finds it; tests/ hold every kind of page to no violations.
for (const summary of document.querySelectorAll(".bd-sidenav summary")) {
  const page = summary.closest("li").querySelector("a").textContent.trim();
  summary.setAttribute("aria-label", `Pages under ${page}`);
}
// The site's name stands outside any landmark.
const sidebar = document.querySelector("#pst-primary-sidebar");
sidebar?.setAttribute("role", "complementary");
sidebar?.setAttribute("aria-label", "Site");
// The side bars, where they are dialogs: the contents stay open over the section that was chosen,
// and the focus is lost when one is closed.
for (const side of ["primary", "secondary"]) {
  const dialog = document.querySelector(`#pst-${side}-sidebar-modal`);
  let followed = false;
  dialog?.addEventListener("click", (event) => {
    followed = event.target.closest("a") !== null;
    if (followed && side === "secondary") dialog.close();
  });
  dialog?.addEventListener("close", () => {
    if (!followed) document.querySelector(`.${side}-toggle`)?.focus();
  });
}
