// The graph: one drawing for graphs that look alike, in which only states, values and flow change.

const MARKS = { n: ["not_built", "·"], b: ["built", ""], r: ["ready", "◇"], v: ["visited", "✓"], f: ["freed", "∅"] };
const LEAST_SCALE = window.innerWidth < 900 ? 0.6 : 0.75;
const MOST_SCALE = 1.35;
const box = document.getElementById("drawing");
let shownDrawing = -1;
let nodesDrawn = [];
let edgesDrawn = new Map();
let wholeGraph = false;
let inSight = -1;

// The states of the nodes after each event.
const statesAt = [];
told.scenes.forEach(([, states], place) => statesAt.push(states || statesAt[place - 1] || ""));

function drawGraph(place) {
  const [graphPlace, , current, flow] = told.scenes[place];
  const graph = told.graphs[graphPlace];
  document.getElementById("graph-note").textContent = graph.left_out
    ? `… ${graph.left_out} of ${graph.left_out + graph.nodes.length} nodes are not drawn`
    : "";
  if (graph.drawing !== shownDrawing) beginDrawing(graph.drawing);
  graph.nodes.forEach((node, number) => drawNode(node, number, statesAt[place][number], number === current, place));
  drawFlow(flow);
  box.setAttribute("aria-label", graphInWords(graph, statesAt[place], current));
  inSight = current;
  if (current >= 0) reveal(nodesDrawn[current].group);
}

function beginDrawing(number) {
  const { width, height, svg } = told.drawings[number];
  shownDrawing = number;
  inSight = -1;
  box.innerHTML = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-6 -8 ${width + 14} ${height + 16}">${DEFS}${svg}</svg>`;
  nodesDrawn = [...box.querySelectorAll(".node")].map((group) => ({
    group,
    ...Object.fromEntries(["value", "grad", "mark"].map((kind) => [kind, group.querySelector(`.${kind}`)])),
  }));
  nodesDrawn.forEach(({ group }, node) => group.addEventListener("click", () => chooseNode(node)));
  edgesDrawn = new Map();
  box.querySelectorAll(".edge").forEach((path) => {
    const key = `${path.dataset.from} ${path.dataset.to}`;
    edgesDrawn.set(key, [...(edgesDrawn.get(key) ?? []), path]);
  });
  const flows = document.createElementNS("http://www.w3.org/2000/svg", "g");
  flows.id = "flows";
  box.firstChild.insertBefore(flows, nodesDrawn[0]?.group ?? null);
  scale();
}

// As large as it fits, but never too small to read: then it scrolls.
function scale() {
  const drawing = told.drawings[shownDrawing];
  if (!drawing) return;
  const fits = Math.min(MOST_SCALE, box.clientWidth / (drawing.width + 14), box.clientHeight / (drawing.height + 16) || 1);
  const by = wholeGraph ? fits : Math.max(fits, LEAST_SCALE);
  box.firstChild.style.width = `${Math.floor((drawing.width + 14) * by)}px`;
  if (inSight >= 0) reveal(nodesDrawn[inSight].group);
}

function drawNode(node, number, letter, current, place) {
  const [state, mark] = MARKS[letter];
  const { group, value, grad, mark: sign } = nodesDrawn[number];
  group.setAttribute("class", `node ${node.role} ${state}${current ? " current" : ""}`);
  sign.textContent = mark;
  const there = letter === "n" ? undefined : content(`value ${node.tensor}`, place);
  if (there) value.textContent = inBox(there);
  else if (value.dataset.shape) value.textContent = value.dataset.shape;
  value.dataset.shape ??= there ? shapeOf(there) : value.textContent;
  const gradient = gradientOf(node, place);
  grad.textContent = gradient ? gradInBox(node.role === "leaf" ? "grad" : "∇", gradient) : "";
}

// `.grad`, or what came in when the walk of this graph visited the node.
function gradientOf(node, place) {
  const kept = content(`grad ${node.tensor}`, place);
  if (kept || !node.node) return kept;
  return content(`came ${node.node}:${node.forward}`, place);
}

function inBox(value) {
  if (value.health.count !== 1 || value.data === null) return shapeOf(value);
  return number(flat(value.data)[0]);
}

function gradInBox(sign, value) {
  if (value.health.count === 1 && value.data !== null) return `${sign} ${number(flat(value.data)[0], 4)}`;
  return `‖${sign}‖ ${number(value.health.norm, 3)}`;
}

function drawFlow(flow) {
  const flows = document.getElementById("flows");
  box.querySelectorAll(".under").forEach((path) => path.classList.remove("under"));
  flows.replaceChildren();
  flow.forEach(([source, target, way]) =>
    (edgesDrawn.get(`${source} ${target}`) ?? []).forEach((path) => {
      const moving = path.cloneNode();
      path.classList.add("under");
      moving.setAttribute("class", `edge flow ${way > 0 ? "forward" : "backward"}`);
      moving.removeAttribute("marker-end");
      moving.setAttribute(way > 0 ? "marker-end" : "marker-start", way > 0 ? "url(#onward)" : "url(#back)");
      flows.append(moving);
    }),
  );
}

function graphInWords(graph, states, current) {
  if (!graph.nodes.length) return "Graph: empty here";
  const counts = Object.entries(MARKS)
    .map(([letter, [state]]) => [[...states].filter((one) => one === letter).length, state.replace("_", " ")])
    .filter(([count]) => count)
    .map(([count, state]) => `${count} ${state}`);
  const now = current < 0 ? "" : `, at ${graph.nodes[current].title}`;
  return `Graph of ${graph.nodes.length} nodes: ${counts.join(", ")}${now}`;
}

// Scrolls a pane, and not the page, to an element.
function reveal(element) {
  const pane = element.closest(".scroll");
  const [own, around] = [element.getBoundingClientRect(), pane.getBoundingClientRect()];
  if (own.top < around.top || own.bottom > around.bottom)
    pane.scrollTop += own.top - around.top - (around.height - own.height) / 2;
  if (own.left < around.left || own.right > around.right)
    pane.scrollLeft += own.left - around.left - (around.width - own.width) / 2;
}
