// The loss over the steps of the whole run, with the cursor; a click goes to a backward that the page has.

const CURVE = { width: 360, height: 150, left: 52, right: 10, top: 10, bottom: 22 };
const finite = told.losses.filter(([, , value]) => typeof value === "number");
const enough = finite.length > 1 && told.steps > 1;
const lossValues = finite.map(([, , value]) => value);
const [lowest, highest] = [Math.min(...lossValues), Math.max(...lossValues)];
const logarithmic = lowest > 0 && highest / lowest > 50;
const scaled = (value) => (logarithmic ? Math.log10(value) : value);

function svgElement(tag, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.textContent = text;
  return element;
}

const inner = { x: CURVE.width - CURVE.left - CURVE.right, y: CURVE.height - CURVE.top - CURVE.bottom };
const steps = Math.max(2, told.steps);
const xOf = (step) => CURVE.left + ((step - 1) / (steps - 1)) * inner.x;
const span = scaled(highest) - scaled(lowest) || 1;
const yOf = (value) => CURVE.top + (1 - (scaled(value) - scaled(lowest)) / span) * inner.y;

function beginLoss() {
  byId("loss").hidden = !enough;
  if (!enough) return;
  byId("loss-note").textContent = [
    logarithmic ? "logarithmic" : "",
    finite.length < told.losses.length ? `${told.losses.length - finite.length} are not finite` : "",
  ].filter(Boolean).join(", ");
  const chart = svgElement("svg", { viewBox: `0 0 ${CURVE.width} ${CURVE.height}`, role: "img" });
  const points = finite.map(([, step, value]) => `${xOf(step).toFixed(1)},${yOf(value).toFixed(1)}`);
  chart.append(
    svgElement("path", { class: "axis", d: `M${CURVE.left} ${CURVE.top}v${inner.y}h${inner.x}` }),
    svgElement("text", { class: "tick end", x: CURVE.left - 5, y: CURVE.top + 4 }, number(highest, 3)),
    svgElement("text", { class: "tick end", x: CURVE.left - 5, y: CURVE.top + inner.y + 4 }, number(lowest, 3)),
    svgElement("text", { class: "tick", x: CURVE.left, y: CURVE.height - 6 }, "step 1"),
    svgElement("text", { class: "tick end", x: CURVE.width - CURVE.right, y: CURVE.height - 6 }, `step ${told.steps}`),
    svgElement("polyline", { class: "curve", points: points.join(" ") }),
    svgElement("line", { id: "cursor", y1: CURVE.top, y2: CURVE.top + inner.y }),
    svgElement("circle", { id: "dot", r: 4.5 }),
    svgElement("text", { id: "dot-value", class: "tick" }),
  );
  chart.addEventListener("click", (click) => {
    const at = chart.createSVGPoint();
    [at.x, at.y] = [click.clientX, click.clientY];
    const { x } = at.matrixTransform(chart.getScreenCTM().inverse());
    const here = finite.filter(([index]) => placeOf(index) !== undefined);
    if (here.length) go(placeOf(here.reduce((a, b) => (Math.abs(xOf(b[1]) - x) < Math.abs(xOf(a[1]) - x) ? b : a))[0]));
  });
  byId("curve").replaceChildren(chart);
}

function drawLoss(place) {
  if (!enough) return;
  const event = events[place];
  const found = finite[above(finite, event.index, ([index]) => index) - 1];
  const x = xOf(event.step);
  byId("cursor").setAttribute("x1", x);
  byId("cursor").setAttribute("x2", x);
  byId("dot").style.display = byId("dot-value").style.display = found ? "" : "none";
  const said = found ? `loss ${number(found[2])} in step ${found[1]}` : "no loss yet";
  byId("curve").firstChild.setAttribute("aria-label", `Loss over ${told.steps} steps: ${said}`);
  if (!found) return;
  byId("dot").setAttribute("cx", xOf(found[1]));
  byId("dot").setAttribute("cy", yOf(found[2]));
  const left = xOf(found[1]) > CURVE.width / 2;
  byId("dot-value").setAttribute("class", `tick${left ? " end" : ""}`);
  byId("dot-value").setAttribute("x", xOf(found[1]) + (left ? -8 : 8));
  byId("dot-value").setAttribute("y", Math.max(CURVE.top + 12, Math.min(yOf(found[2]) - 7, CURVE.top + inner.y - 6)));
  byId("dot-value").textContent = number(found[2]);
}
