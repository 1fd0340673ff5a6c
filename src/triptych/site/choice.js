// Which frameworks the reader has chosen: in the address (?framework=pytorch,jax), or stored for the
// whole site. The first of the list are shown first where not all of them fit.
//
// A script that sets `frameworkChoice`, and not an ES module, which no browser loads for a page that
// was opened as a file. node --test imports it as it is.
(() => {
  "use strict";
  const KEY = "triptych-panels";
  const VERSION = 1; // of what is stored; what has another version, or none, is ignored

  // The names in an address's query, each once; written by hand, it may have blanks between them.
  function named(search) {
    const values = new URLSearchParams(search).getAll("framework").join(",").toLowerCase();
    return [...new Set(values.split(/[\s,;]+/))].filter(Boolean);
  }

  // The query, naming these instead; its commas as they are, so that it can be read.
  function naming(search, names) {
    const rest = new URLSearchParams(search);
    rest.delete("framework");
    const others = rest.toString();
    return `?${others && `${others}&`}framework=${names.join(",")}`;
  }

  // What was stored; null where it cannot be read.
  function parsed(text) {
    try {
      const { version, frameworks } = JSON.parse(text);
      const fine = version === VERSION && Array.isArray(frameworks) && frameworks.length;
      return fine && frameworks.every((name) => typeof name === "string") ? [...new Set(frameworks)] : null;
    } catch {
      return null;
    }
  }

  // The choice on a page that has the frameworks `here`; whether it is a new one, that is, the address
  // says another than the store; and what the address asks for in vain.
  // Where neither says anything, `first` is chosen, which is everything unless the page says less.
  function read(search, text, here, first = here) {
    const asked = named(search);
    const known = asked.filter((name) => here.includes(name));
    const before = parsed(text);
    const fresh = known.length > 0 && String(known) !== String(wanted(before ?? [], here));
    return {
      chosen: fresh ? known : (before ?? first),
      fresh,
      unknown: asked.filter((name) => !here.includes(name)),
    };
  }

  // The frameworks of `here` that are wanted, the most wanted first: never none.
  function wanted(chosen, here) {
    const both = chosen.filter((name) => here.includes(name));
    return both.length ? both : here;
  }

  // The choice after the switch `name` was pressed, where `fits` panels fit beside each other. What is
  // in view goes, unless it is alone. What is not comes into view; if need be, the last one makes room.
  function pressed(chosen, here, name, fits) {
    const list = wanted(chosen, here);
    const view = list.slice(0, fits);
    if (view.includes(name) && view.length === 1) return chosen;
    const rest = (view.includes(name) ? view : list).filter((other) => other !== name);
    if (!view.includes(name)) rest.splice(fits - 1, 0, name);
    return [...rest, ...chosen.filter((other) => !here.includes(other))];
  }

  function stored() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // the browser keeps nothing for this site
    }
  }

  function store(frameworks) {
    try {
      localStorage.setItem(KEY, JSON.stringify({ version: VERSION, frameworks }));
    } catch {}
  }

  // Have the page's address name these.
  function name(frameworks) {
    try {
      history.replaceState(history.state, "", naming(location.search, frameworks) + location.hash);
    } catch {} // a page that was opened as a file may keep its address
  }

  globalThis.frameworkChoice = Object.freeze({ naming, read, wanted, pressed, stored, store, name });
})();
