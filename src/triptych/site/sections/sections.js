// The link behind a heading copies the section's address on the published site, also where the
// page was opened from a disk or another server. The page goes to the section as before.
(() => {
  "use strict";
  const published = document.querySelector('link[rel="canonical"]')?.href ?? location.href;

  // Without a permission for the clipboard (an old browser, a frame) a selected text is copied.
  function copySelected(text) {
    const field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("readonly", "");
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copySelected(text);
    }
  }

  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.role = "status";
  document.querySelector(".bd-article")?.append(said);

  for (const link of document.querySelectorAll(".bd-article a.headerlink")) {
    const heading = link.parentElement.firstChild?.textContent.trim() ?? "";
    link.title = "Copy the address of this section";
    link.setAttribute("aria-label", `Copy the address of the section “${heading}”`);
    link.addEventListener("click", async () => {
      if (!(await copy(new URL(link.hash, published).href))) return;
      link.dataset.copied = said.textContent = "Address copied";
      setTimeout(() => {
        delete link.dataset.copied;
        said.textContent = "";
      }, 2000);
    });
  }
})();
