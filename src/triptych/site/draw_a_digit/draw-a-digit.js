// The page "Draw a digit": strokes become 8 x 8 counts of ink, made as those of the data set were,
// and three exports of one network read them, all in the browser.
//
// Loaded only by the page that has the part. Runtime and models come with the first stroke or button.
(() => {
  "use strict";
  const { bitmap, counted } = globalThis.rasteriser;
  const choice = globalThis.frameworkChoice;
  const STATIC = new URL(".", document.currentScript.src);
  const WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
  const SIDE = 280; // of the drawing surface: points are whole numbers from 0 to 280
  const [STEP, SMALL_STEP] = [10, 2]; // of the pen by arrow keys
  const [ROUNDS, RUNS] = [7, 20]; // a browser's clock is coarse: a round times many runs

  // Images that the network was not trained on: the first of each digit from number 1,200 of the data set.
  // A letter is a count of ink, a for 0 to q for 16.
  const STORED = [
    [1200, 7, "aamqqmaaaageknbaaaaanjaaaafjqqmaadqqldaaaahnaaaaaaliaaaaaaqdaaaa"],
    [1202, 3, "ackpqqoaahlegpjaaaagpmaaaadqjaaaaafqiaaaaaalpcaaaabgqcaaabqqgaaa"],
    [1203, 5, "aacmqqhaaaknhidaacpgaaaaalohfbaaafqqqpgaaaeeeoiaaaaehofaaacppfaa"],
    [1204, 1, "aaaepmaaaafpqlaaaiqqqeaaaollqcaaaaahqaaaaaajqcaaaaajqdaaaaafqfaa"],
    [1205, 0, "acipqkaaalqkepbaamnaanfaalnaaphaaiqaapgaagqbfqcaacqgpmaaaahqobaa"],
    [1207, 2, "abnqpgaaakpjlpaaahjammaaaaaapgaaaaaipbaaaacpkaaaaakqkjqcaanqplea"],
    [1210, 8, "aafmqkaaagqndpbaaliffkaaaelcmcaaaagqgaaaaacpiaaaaainiaaaaafpeaaa"],
    [1215, 6, "aaaonbaaaaeqlaaaaamqbaaaabpqobaaaeqmimhaacpiaiqcaakojppbaaboqoca"],
    [1221, 4, "aaabofaaaaallaaaaajmbaaaafpbaceaaohaankaapqqqqfaadiipkaaaaadpcaa"],
    [1226, 9, "aajqkcaaaaqolkaaabqjmpaaaahpqqiaaaakgqkaaaaabpjaaaabhqiaaagqqoba"],
  ];

  // --- the page's parts --------------------------------------------------------------

  const part = document.querySelector(".draw-a-digit-parts");
  const find = (name) => part.querySelector(`.draw-a-digit-${name}`);
  const surface = part.querySelector(".draw-a-digit-surface canvas");
  const small = find("bitmap");
  const cells = [...find("counts").querySelectorAll("td")];
  const bars = [...find("bars").rows];
  const [answer, agreement, time, penPlace] = ["answer", "agreement", "time", "pen"].map(find);
  const progress = part.querySelector("progress");
  const choices = [...part.querySelectorAll("input[name=framework]")];
  const start = answer.textContent.replace(/\s+/g, " ");

  let strokes = [];
  let current = null; // the stroke that is being drawn
  let stored = null; // the image of the data set that is shown instead of strokes
  let next = 0; // which of them comes next
  let byKeys = false;
  const pen = { x: SIDE / 2, y: SIDE / 2 };
  const held = new Set(); // arrow keys
  let asked = 0; // counts the questions, so that a late answer to an old one is dropped
  let results = null;

  const chosen = () => choices.find((box) => box.checked);

  // The same words again would be read aloud again.
  function say(element, text, read = false) {
    element.classList.toggle("read", read);
    if (element.textContent !== text) element.textContent = text;
  }

  // --- painting -----------------------------------------------------------------------

  function paint() {
    const scale = Math.max(1, devicePixelRatio);
    if (surface.width !== Math.round(SIDE * scale)) surface.width = surface.height = Math.round(SIDE * scale);
    const ink = getComputedStyle(surface).color;
    const on = surface.getContext("2d");
    on.setTransform(surface.width / SIDE, 0, 0, surface.width / SIDE, 0, 0);
    on.clearRect(0, 0, SIDE, SIDE);
    on.fillStyle = on.strokeStyle = ink;
    on.lineCap = on.lineJoin = "round";
    on.lineWidth = 14;
    for (const stroke of strokes) {
      on.beginPath();
      on.moveTo(...stroke[0]);
      for (const point of stroke) on.lineTo(...point);
      on.stroke();
    }
    stored?.counts.forEach((count, i) => {
      on.globalAlpha = count / 16;
      on.fillRect((i % 8) * (SIDE / 8), (i >> 3) * (SIDE / 8), SIDE / 8, SIDE / 8);
    });
    on.globalAlpha = 1;
    if (byKeys && document.activeElement === surface) {
      on.lineWidth = 2;
      on.strokeStyle = getComputedStyle(surface).outlineColor;
      on.beginPath();
      on.arc(pen.x, pen.y, current ? 5 : 9, 0, 2 * Math.PI);
      on.moveTo(pen.x - 14, pen.y);
      on.lineTo(pen.x + 14, pen.y);
      on.moveTo(pen.x, pen.y - 14);
      on.lineTo(pen.x, pen.y + 14);
      on.stroke();
    }
  }

  function paintBitmap(on) {
    const context = small.getContext("2d");
    context.clearRect(0, 0, 32, 32);
    context.fillStyle = getComputedStyle(surface).color;
    on?.forEach((ink, i) => {
      if (ink) context.fillRect(i & 31, i >> 5, 1, 1);
    });
  }

  function showCounts(counts) {
    cells.forEach((cell, i) => {
      cell.textContent = counts[i];
      // The greys leave out the middle, on which no text could be read.
      cell.style.setProperty("--ink", `${counts[i] > 8 ? 20 + counts[i] * 5 : counts[i] * 4.5}%`);
      cell.classList.toggle("dark", counts[i] > 8);
    });
  }

  function showResults() {
    const result = results?.get(chosen().value);
    bars.forEach((row, digit) => {
      const p = result?.probabilities[digit];
      row.dataset.probability = p ?? "";
      row.classList.toggle("best", digit === result?.label);
      row.cells[1].firstElementChild.firstElementChild.style.width = `${100 * (p ?? 0)}%`;
      row.cells[2].textContent = p === undefined ? "–" : percent(p);
    });
    say(agreement, result ? agreed() : "");
    say(
      time,
      result
        ? `${result.milliseconds.toPrecision(2)} ms for one image, in this browser ` +
            `(${chosen().dataset.name}’s export on one thread, median of ${ROUNDS} rounds of ${RUNS} runs).`
        : "",
    );
    if (!result) return;
    const what = stored
      ? `Number ${stored.number.toLocaleString("en")} of the data set, labelled ${WORDS[stored.label]}: r`
      : "R";
    say(
      answer,
      `${what}ead as ${WORDS[result.label]} (${percent(result.probabilities[result.label])}).`,
      true,
    );
  }

  function agreed() {
    const all = [...results.values()];
    const most = Math.max(
      ...all.flatMap((one) => one.probabilities.map((p, i) => Math.abs(p - all[0].probabilities[i]))),
    );
    const number = ["", "", "Both", "All three"][all.length] ?? "All";
    if (all.length === 1) return "";
    const close = most
      ? `their probabilities differ by at most ${most.toExponential(0)}`
      : "their probabilities are equal";
    if (all.every((one) => one.label === all[0].label)) {
      return `${number} exports say ${WORDS[all[0].label]}; ${close}.`;
    }
    const said = choices.map((box) => `${box.dataset.name} ${WORDS[results.get(box.value).label]}`);
    return `The exports disagree: ${said.join(", ")}; ${close}.`;
  }

  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const percent = (p) => `${(100 * p).toFixed(1)} %`;

  // --- runtime and models ---------------------------------------------------------------

  let loading = null;

  function load() {
    loading ??= begin();
    return loading;
  }

  async function begin() {
    say(answer, "Loading ONNX Runtime Web and the exports. Go on drawing: they read it when they are here.");
    progress.classList.add("shown");
    const [ort, wasm, ...models] = await Promise.all([
      import(new URL(part.dataset.runtime, STATIC)),
      download(part.dataset.wasm, (got) => {
        progress.value = got / Number(part.dataset.bytes);
      }),
      ...choices.map((box) => download(box.dataset.model)),
    ]);
    progress.removeAttribute("value"); // how long compiling takes is unknown
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmBinary = wasm; // downloaded above, so that its progress can be shown
    const sessions = new Map();
    for (const [i, box] of choices.entries()) {
      sessions.set(box.value, await ort.InferenceSession.create(models[i], { executionProviders: ["wasm"] }));
    }
    progress.classList.remove("shown");
    return { ort, sessions };
  }

  async function download(name, progressed = () => {}) {
    const response = await fetch(new URL(name, STATIC));
    if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
    const parts = [];
    let got = 0;
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      got += value.length;
      progressed(got);
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  }

  async function run({ ort, sessions }, counts) {
    const answers = new Map();
    for (const [framework, session] of sessions) {
      const input = new ort.Tensor(
        "float32",
        Float32Array.from(counts, (count) => count / 16),
        [1, 8, 8],
      );
      const feeds = { [session.inputNames[0]]: input };
      const once = async () => (await session.run(feeds))[session.outputNames[0]].data;
      const logits = [...(await once())];
      const times = [];
      for (let round = 0; round < ROUNDS; round++) {
        const before = performance.now();
        for (let i = 0; i < RUNS; i++) await once();
        times.push((performance.now() - before) / RUNS);
      }
      const exponentials = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
      const probabilities = exponentials.map((e) => e / sum(exponentials));
      const label = logits.indexOf(Math.max(...logits));
      const milliseconds = times.sort((a, b) => a - b)[ROUNDS >> 1];
      answers.set(framework, { probabilities, label, milliseconds });
    }
    return answers;
  }

  // --- what happens after each stroke or button -------------------------------------------

  async function look() {
    const turn = ++asked;
    const on = strokes.length ? bitmap(strokes) : null;
    const counts = stored?.counts ?? (on ? counted(on) : Array(64).fill(0));
    paint();
    paintBitmap(on);
    showCounts(counts);
    part.dataset.state = "busy";
    if (!on && !stored) {
      results = null;
      showResults();
      say(answer, loading ? "Empty. Draw a digit, or let one be shown." : start);
    } else if (location.protocol === "file:") {
      sayFile();
    } else {
      try {
        const answers = await run(await load(), counts);
        if (turn !== asked) return;
        results = answers;
        showResults();
      } catch (error) {
        progress.classList.remove("shown");
        say(answer, `The models could not be run here (${error.message}). Reload the page to try again.`);
      }
    }
    if (turn === asked) part.dataset.state = "ready";
  }

  function sayFile() {
    say(
      answer,
      "This page was opened as a file, and a browser lets such a page load no runtime and no model. " +
        "Serve the site’s folder over http: run python -m http.server in it, then open " +
        "http://localhost:8000/ and come back here.",
    );
  }

  function clear() {
    [strokes, current, stored] = [[], null, null];
    look();
  }

  const BUTTONS = {
    clear,
    undo() {
      if (current) lift();
      if (stored) stored = null;
      else strokes.pop();
      look();
    },
    show() {
      [strokes, current] = [[], null];
      const [number, label, letters] = STORED[next++ % STORED.length];
      stored = { number, label, counts: [...letters].map((letter) => letter.charCodeAt(0) - 97) };
      look();
    },
  };

  // --- drawing by mouse, finger or pen ---------------------------------------------------

  function put(x, y) {
    stored = null;
    current = [[x, y]];
    strokes.push(current);
  }

  function move(x, y) {
    const [lastX, lastY] = current.at(-1);
    if (x !== lastX || y !== lastY) current.push([x, y]);
  }

  function lift() {
    current = null;
    look();
  }

  function place(event) {
    const box = surface.getBoundingClientRect();
    const inside = (value, side) => Math.min(SIDE, Math.max(0, Math.round((value * SIDE) / side)));
    const border = surface.clientLeft;
    return [
      inside(event.clientX - box.left - border, surface.clientWidth),
      inside(event.clientY - box.top - border, surface.clientHeight),
    ];
  }

  surface.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    surface.setPointerCapture(event.pointerId);
    byKeys = false;
    put(...place(event));
    paint();
  });
  surface.addEventListener("pointermove", (event) => {
    if (!current || byKeys || !event.isPrimary) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const one of passed.length ? passed : [event]) move(...place(one));
    paint();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    surface.addEventListener(name, (event) => {
      if (!current || byKeys || !event.isPrimary) return;
      [pen.x, pen.y] = current.at(-1);
      lift();
    });
  }

  // --- drawing by keyboard -----------------------------------------------------------------

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const KEYS = { Delete: clear, Backspace: BUTTONS.undo, " ": () => (current ? lift() : put(pen.x, pen.y)) };

  function tellPen() {
    const [x, y] = [pen.x, pen.y].map((value) => Math.round((100 * value) / SIDE));
    say(penPlace, byKeys ? `Pen ${current ? "down" : "up"}, ${x} across, ${y} down (of 100).` : "");
  }

  surface.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (current && !byKeys) return; // a mouse is drawing
    const { key } = event;
    if (key in ARROWS) {
      held.add(key);
      const step = event.shiftKey ? SMALL_STEP : STEP;
      for (const [dx, dy] of [...held].map((name) => ARROWS[name])) {
        pen.x = Math.min(SIDE, Math.max(0, pen.x + dx * step));
        pen.y = Math.min(SIDE, Math.max(0, pen.y + dy * step));
      }
      byKeys = true;
      if (current) move(pen.x, pen.y);
    } else if (key in KEYS) {
      byKeys = true;
      if (!event.repeat) KEYS[key]();
    } else return;
    event.preventDefault();
    paint();
    tellPen();
  });
  surface.addEventListener("keyup", (event) => held.delete(event.key));
  surface.addEventListener("focus", () => {
    byKeys = surface.matches(":focus-visible");
    paint();
    tellPen();
  });
  surface.addEventListener("blur", () => {
    held.clear();
    if (current && byKeys) lift();
    byKeys = false;
    paint();
    tellPen();
  });

  for (const button of part.querySelectorAll("button")) {
    button.addEventListener("click", BUTTONS[button.dataset.do]);
  }

  // --- the framework, chosen here, in the address, or on another page -----------------------------

  const here = choices.map((box) => box.value);
  let { chosen: frameworks, fresh } = choice.read(location.search, choice.stored(), here);
  if (fresh) choice.store(frameworks);
  for (const box of choices) {
    box.checked = box.value === choice.wanted(frameworks, here)[0];
    box.addEventListener("change", () => {
      frameworks = choice.pressed(frameworks, here, box.value, 1);
      choice.store(frameworks);
      choice.name(choice.wanted(frameworks, here));
      showResults();
    });
  }

  if (location.protocol === "file:") sayFile();
  new MutationObserver(() => {
    paint();
    paintBitmap(strokes.length ? bitmap(strokes) : null);
  }).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  paint();
})();
