// Finds the places of the course that a reader's words are about: names in code, headings,
// error messages. No page, no network: search.js shows what is found.
//
// A place is { page, anchor, heading, kind, text, siblings: { framework: { text } } }, a text being
// [["prose" or "code", "..."], ...].
(() => {
  "use strict";

  const NAME = /[\p{L}\p{N}_]+(?:[.-][\p{L}\p{N}_]+)*/gu; // jax.lax.stop_gradient, all-reduce, 3.11
  const HUMP = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\p{N}+|[^A-Za-z\p{N}_]+/gu;
  const HEADING = 1.5; // what a word in a heading adds to what it counts in the text, at most 2.2

  // A lesson (a section that the frameworks' notebooks share) is worth more than a remark elsewhere,
  // and most where a term first stands, in the order of the book: there it is explained.
  const WORTH = { lesson: 1.5, page: 1, exercise: 0.6, claim: 0.4 };
  const FIRST = 1.3;
  const LEAST = 0.08; // of the best place's score: what has less is not shown

  // Too frequent to be marked where they are found.
  const SMALL = new Set("and are but can for from has have its not that the this was with you".split(" "));

  // What is written in several ways is one term: plurals and endings, -ise and -ize, and a name
  // with or without its dots, hyphens, underscores and capitals.
  function stem(word) {
    if (!/^[a-z]{4,}$/.test(word)) return word;
    const plain = word.replace(/iz(?=e|i|a)/, "is");
    return plain.replace(/(?:ations?|ings?|ed|es|e|(?<!s)s)$/, (end) =>
      plain.length - end.length < 3 ? end : "",
    );
  }

  // The terms of one name: itself, every run of its dotted parts, and the words of each part.
  function* termsOf(name) {
    const parts = name.split(".").filter(Boolean);
    for (let from = 0; from < parts.length; from++) {
      for (let to = from + 1; to <= Math.min(parts.length, from + 4); to++) {
        const run = parts.slice(from, to).join("").replace(/[-_]/g, "").toLowerCase();
        if (run) yield to - from === 1 ? stem(run) : run;
      }
      const words = parts[from].split(/[-_]/).flatMap((part) => part.match(HUMP) ?? []);
      if (words.length > 1) for (const word of words) yield stem(word.toLowerCase());
    }
  }

  function terms(text, known = new Map()) {
    return (text.match(NAME) ?? []).flatMap((name) => {
      if (!known.has(name)) known.set(name, [...termsOf(name)]);
      return known.get(name);
    });
  }

  const flat = (text) => text.toLowerCase().replace(/\s+/g, " ").trim();

  // An index of the places, each with a weight: how often a term stands where.
  function build(places) {
    const known = new Map();
    const postings = new Map();
    const lengths = [];
    const heads = [];
    const whole = [];
    places.forEach((place, number) => {
      const texts = [place.text, ...Object.values(place.siblings).map((sibling) => sibling.text)];
      const body = texts.flat().map(([, text]) => text);
      const all = terms(`${place.heading} ${body.join(" ")}`, known);
      const counts = new Map();
      for (const term of all) counts.set(term, (counts.get(term) ?? 0) + 1);
      const head = new Set(terms(place.heading, known));
      for (const [term, often] of counts) {
        if (!postings.has(term)) postings.set(term, []);
        postings.get(term).push([number, often, head.has(term) ? HEADING : 0]);
      }
      lengths.push(all.length);
      heads.push(flat(place.heading));
      whole.push(flat(`${place.heading} ${body.join(" ")}`));
    });
    const mean = lengths.reduce((sum, length) => sum + length, 0) / (lengths.length || 1);
    return { places, postings, lengths, mean, heads, whole, vocabulary: [...postings.keys()] };
  }

  // Whether two words differ by one letter: added, left out, replaced or swapped with the next.
  function near(a, b) {
    if (Math.abs(a.length - b.length) > 1) return false;
    let start = 0;
    while (start < a.length && a[start] === b[start]) start++;
    const rest = (word, from) => word.slice(start + from);
    return (
      rest(a, 1) === rest(b, 1) ||
      rest(a, 0) === rest(b, 1) ||
      rest(a, 1) === rest(b, 0) ||
      (a[start] === b[start + 1] && a[start + 1] === b[start] && rest(a, 2) === rest(b, 2))
    );
  }

  // The index's terms that a term of the question stands for, each with a weight: itself; if the
  // reader is still writing, what begins so; if it is unknown, what is nearly spelt so.
  function meant(index, term, unfinished) {
    const known = index.postings.has(term);
    const found = new Map(known ? [[term, 1]] : []);
    if (term.length > 2 && (unfinished || !known))
      for (const other of index.vocabulary)
        if (other.startsWith(term) && other !== term) found.set(other, 0.4);
    if (!found.size && term.length > 3)
      for (const other of index.vocabulary) if (near(term, other)) found.set(other, 0.6);
    return found;
  }

  // The best places for the words, at most `limit`. BM25, times the share of the question that a
  // place has at all, more where the words stand there as they were asked.
  function find(index, words, limit = 30) {
    const names = words.match(NAME) ?? [];
    const asked = new Map();
    names.forEach((name, number) => {
      const last = number === names.length - 1 && words.endsWith(name);
      for (const term of termsOf(name)) asked.set(term, last);
    });
    const total = index.places.length;
    const scores = new Float64Array(total);
    const shares = new Float64Array(total);
    let weight = 0;
    for (const [term, unfinished] of asked) {
      const best = new Map(); // of the terms that it stands for, the one that fits a place best
      let rarest = 0;
      for (const [other, factor] of meant(index, term, unfinished)) {
        const postings = index.postings.get(other);
        const rare = Math.log(1 + (total - postings.length + 0.5) / (postings.length + 0.5));
        if (factor === 1 || rare > rarest) rarest = rare;
        const first = postings.find(([number]) => index.places[number].kind === "lesson")?.[0];
        for (const [number, often, head] of postings) {
          const long = 0.7 + (0.3 * index.lengths[number]) / index.mean;
          const bonus = number === first ? FIRST : 1;
          const score = factor * bonus * rare * ((often * 2.2) / (often + 1.2 * long) + head);
          if (score > (best.get(number)?.[0] ?? 0)) best.set(number, [score, factor]);
        }
      }
      const worth = rarest || Math.log(1 + total);
      weight += worth;
      for (const [number, [score, factor]] of best) {
        scores[number] += score;
        shares[number] += worth * factor;
      }
    }
    const phrase = flat(words);
    const results = [];
    index.places.forEach((place, number) => {
      if (!scores[number]) return;
      let score = scores[number] * (shares[number] / weight) ** 2 * WORTH[place.kind];
      if (phrase.length > 2 && index.whole[number].includes(phrase)) score *= 2;
      if (index.heads[number] === phrase) score *= 3;
      else if (index.heads[number].split(", ").includes(phrase)) score *= 2;
      results.push({ place, score });
    });
    results.sort((a, b) => b.score - a.score);
    return results.filter(({ score }) => score >= LEAST * results[0].score).slice(0, limit);
  }

  // The words of a question as they may stand in a text: a pattern with one group, or null.
  function asked(words) {
    const names = [...new Set(words.match(NAME) ?? [])];
    const long = names.filter((name) => name.length > 2 && !SMALL.has(name.toLowerCase()));
    const patterns = (long.length ? long : names)
      .sort((a, b) => b.length - a.length)
      .map((name) => {
        const root = stem(name.toLowerCase());
        const plain = /^[a-z]{4,}$/i.test(name);
        const text = plain ? `${root.slice(0, -1)}(?:${root.at(-1)}|\\b)\\w*` : name.replace(/[.]/g, "\\.");
        return `(?<![\\w])${text}${plain ? "" : "(?![\\w])"}`;
      });
    return patterns.length ? new RegExp(`(${patterns.join("|")})`, "giu") : null;
  }

  const SHOWN = 220; // characters of prose around what was found
  const LINES = 3; // and lines of code

  // How much of the question a text has: the letters of the different words found.
  function share(text, pattern) {
    const found = new Set((text.match(pattern) ?? []).map((word) => word.toLowerCase()));
    return [...found].reduce((sum, word) => sum + word.length, 0);
  }

  // The piece of a place that shows why it was found, and the siblings that have as much of it.
  function context(place, words) {
    const pattern = asked(words);
    const own = place.text.map(([kind, text]) => ({ kind, text, sibling: null }));
    const theirs = Object.entries(place.siblings).flatMap(([sibling, { text }]) =>
      text.map(([kind, piece]) => ({ kind, text: piece, sibling })),
    );
    const texts = [...own, ...theirs];
    if (!texts.length) return null;
    let best = texts[0];
    let most = 0;
    const bySibling = new Map();
    for (const candidate of texts) {
      const much = pattern ? share(candidate.text, pattern) : 0;
      if (much > most) [best, most] = [candidate, much];
      if (candidate.sibling)
        bySibling.set(candidate.sibling, Math.max(much, bySibling.get(candidate.sibling) ?? 0));
    }
    const top = Math.max(0, ...bySibling.values());
    const having = top ? [...bySibling].filter(([, much]) => much === top).map(([sibling]) => sibling) : [];
    const piece = best.kind === "code" ? lines(best.text, pattern) : stretch(best.text, pattern);
    return { kind: best.kind, text: piece, siblings: having };
  }

  // The lines of code that have most of what was asked.
  function lines(text, pattern) {
    const all = text.split("\n").filter((line) => line.trim());
    let [first, most] = [0, -1];
    for (let line = 0; line < all.length; line++) {
      const much = pattern ? share(all.slice(line, line + LINES).join("\n"), pattern) : 0;
      if (much > most) [first, most] = [line, much];
    }
    const shown = all.slice(first, first + LINES);
    const indent = Math.min(...shown.map((line) => line.match(/^ */)[0].length));
    return shown
      .map((line) => line.slice(indent))
      .join("\n")
      .trimEnd();
  }

  // The stretch of prose around the first of what was asked.
  function stretch(text, pattern) {
    if (text.length <= SHOWN) return text;
    const at = Math.max(0, pattern ? text.search(pattern) : 0);
    const from = at < SHOWN / 2 ? 0 : text.lastIndexOf(" ", at - SHOWN / 3) + 1;
    const to = from + SHOWN >= text.length ? text.length : text.lastIndexOf(" ", from + SHOWN);
    return `${from ? "… " : ""}${text.slice(from, to)}${to < text.length ? " …" : ""}`;
  }

  globalThis.ranking = { asked, build, context, find, near, stem, terms };
})();
