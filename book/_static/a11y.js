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
// The list of contents, where it is a dialog, stays open over the section that was chosen.
const contents = document.querySelector("#pst-secondary-sidebar-modal");
contents?.addEventListener("click", (event) => event.target.closest("a") && contents.close());
