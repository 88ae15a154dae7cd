// The walk: where the cursor is, the keys, the slider and the buttons.

const KEYS = [
  ["s →", "on", "one event on", ["s", "ArrowRight"]],
  ["S ←", "back", "one event back", ["S", "ArrowLeft"]],
  ["n", "nodeOn", "to the next node that backward visits", ["n"]],
  ["N", "nodeBack", "to the visit before", ["N"]],
  ["l", "lineOn", "to the next source line", ["l"]],
  ["L", "lineBack", "to the source line before", ["L"]],
  ["f", "phaseOn", "to the end of this phase (forward, backward, update)", ["f"]],
  ["F", "phaseBack", "to the start of this phase", ["F"]],
  ["]", "stepOn", "to the next training step", ["]"]],
  ["[", "stepBack", "to the start of this step, then the step before", ["["]],
  ["w", null, "to the next write of the tensor shown", ["w"]],
  ["W", null, "to the write before", ["W"]],
  ["PgDn", "tenthOn", "a tenth of the page on", ["PageDown"]],
  ["PgUp", "tenthBack", "a tenth of the page back", ["PageUp"]],
  ["G End", "end", "to the last event", ["G", "End"]],
  ["g Home", "start", "to the first event", ["g", "Home"]],
  ["space", null, "plays the walk, and pauses it", [" "]],
  ["+ -", null, "plays faster, slower", ["+", "=", "-"]],
  ["z", null, "the whole graph, or large enough to read", ["z"]],
  ["Esc", null, "the tensor pane follows the event again", ["Escape"]],
  ["?", null, "these keys", ["?"]],
];
const moveOf = new Map(KEYS.flatMap(([, move, , keys]) => (move ? keys.map((key) => [key, move]) : [])));

let cursor = 0;
let playing = null;
let pause = 600;
let chosen = null; // the name of a variable, or the id of a tensor without one

const chosenTensor = (place) => (typeof chosen === "string" ? content(`name ${chosen}`, place) : (chosen ?? subject(events[place])));

function go(place) {
  cursor = Math.max(0, Math.min(last, place));
  const draw = [drawEvent, drawGraph, drawSource, drawTensors, drawTensor, drawLoss, drawNotes, drawOutput];
  draw.forEach((pane) => pane(cursor));
  const slider = byId("slider");
  slider.value = cursor;
  slider.setAttribute("aria-valuetext", `${events[cursor].address}: ${told.explained[cursor][0]}`);
  document.querySelectorAll("[data-move]").forEach((button) => {
    const to = Math.max(0, Math.min(last, moves[button.dataset.move](cursor)));
    button.setAttribute("aria-disabled", String(to === cursor));
  });
  history.replaceState(null, "", `#${events[cursor].address}`);
}

// Writes of what the tensor pane shows, value and gradient together.
function writesOf(id) {
  const all = ["value", "grad"].flatMap((kind) => (cells.get(`${kind} ${id}`) ?? []).map(({ place }) => place));
  return [...new Set(all)].filter((place) => place >= 0).sort((a, b) => a - b);
}

function toWrite(step) {
  const id = chosenTensor(cursor);
  if (id === undefined) return;
  const name = content(`tensor ${id}`, cursor)?.name;
  chosen ??= names.includes(name) ? name : id;
  go(step(writesOf(id))(cursor));
}

function chooseName(name) {
  chosen = chosen === name ? null : name;
  go(cursor);
}

function chooseNode(node) {
  const { tensor } = told.graphs[told.scenes[cursor][0]].nodes[node];
  const name = content(`tensor ${tensor}`, cursor)?.name;
  chosen = names.includes(name) ? name : tensor;
  go(cursor);
}

function toLine(line) {
  const places = events.flatMap((event, place) => (event.line === line ? [place] : []));
  go(places[above(places, cursor)] ?? places[0]);
}

function play(on) {
  clearInterval(playing);
  playing = on ? setInterval(() => (cursor === last ? play(false) : go(cursor + 1)), pause) : null;
  byId("play").textContent = on ? "pause" : "play";
  byId("play").setAttribute("aria-label", on ? "Pause" : "Play");
}

function faster(by) {
  pause = Math.max(40, Math.min(3000, pause * by));
  if (playing) play(true);
}

const others = {
  w: () => toWrite(nextOf),
  W: () => toWrite(previousOf),
  " ": () => play(!playing),
  "+": () => faster(1 / 1.5),
  "=": () => faster(1 / 1.5),
  "-": () => faster(1.5),
  z: () => {
    wholeGraph = !wholeGraph;
    scale();
    drawGraph(cursor);
  },
  Escape: () => {
    chosen = null;
    go(cursor);
  },
  "?": () => byId("keys").showModal(),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  if (event.key === " " && event.target.closest?.("button, a")) return;
  const act = others[event.key] ?? (moveOf.has(event.key) ? () => go(moves[moveOf.get(event.key)](cursor)) : null);
  if (!act) return;
  event.preventDefault();
  if (!" +=-z".includes(event.key)) play(false);
  act();
}

// The track of the slider shows the phases.
function drawTrack() {
  if (phaseStarts.length > 300) return;
  const stops = phaseStarts.map((start, run) => {
    const end = phaseStarts[run + 1] ?? events.length;
    const percent = (place) => `${((100 * place) / events.length).toFixed(3)}%`;
    return `var(--${events[start].phase}) ${percent(start)} ${percent(end)}`;
  });
  byId("slider").style.setProperty("--track", `linear-gradient(to right, ${stops.join(", ")})`);
}

function begin() {
  if (!events.length) {
    document.querySelectorAll("main section:not(#event), nav").forEach((part) => (part.hidden = true));
    byId("said").textContent = "This run has no events.";
    return;
  }
  byId("slider").max = last;
  byId("slider").addEventListener("input", (event) => go(Number(event.target.value)));
  document.querySelectorAll("[data-move]").forEach((button) => button.addEventListener("click", () => {
    play(false);
    go(moves[button.dataset.move](cursor));
  }));
  byId("play").addEventListener("click", () => play(!playing));
  byId("help").addEventListener("click", others["?"]);
  byId("key-rows").replaceChildren(...KEYS.map(([keys, , what]) => {
    const row = make("tr");
    row.append(make("th", keys), make("td", what));
    return row;
  }));
  document.addEventListener("keydown", pressed);
  new ResizeObserver(scale).observe(box);
  window.addEventListener("hashchange", () => go(hashPlace() ?? cursor));
  drawTrack();
  beginSource();
  beginNotes();
  beginLoss();
  go(hashPlace() ?? placeOf(told.at) ?? 0);
}

// The place that the address in the page's own address names.
function hashPlace() {
  const text = location.hash.slice(1).replaceAll("%20", " ");
  return text ? locate(text) : undefined;
}

begin();
