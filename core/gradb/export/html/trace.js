// The run: its events, and the value and gradient of each tensor after each of them. Places count the events from 0.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const header = read("trace-header");
const events = read("trace-events");
const told = read("trace-told");
const last = events.length - 1;
const DECIMALS = 5;

// Sorted writes by what was written: a cell is `value 3`, `grad 3`, `tensor 3`, `made 3`, `called w`, `came 12:7` or
// `name w`, which is the variable.
const cells = new Map();

function write(cell, place, content) {
  if (!cells.has(cell)) cells.set(cell, []);
  cells.get(cell).push({ place, content });
}

// The last write of a cell up to a place, or undefined.
function written(cell, place) {
  const writes = cells.get(cell) ?? [];
  return writes[above(writes, place, (one) => one.place) - 1];
}

// How many of the items, which are in order, are not beyond a place.
function above(items, place, of = (item) => item) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(items[middle]) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

const content = (cell, place) => written(cell, place)?.content;

function seen(tensor, place) {
  write(`tensor ${tensor.id}`, place, tensor);
  if (content(`called ${tensor.name}`, place) !== tensor.id) write(`called ${tensor.name}`, place, tensor.id);
}

function held({ tensor, value }, place) {
  seen(tensor, place);
  write(`value ${tensor.id}`, place, value);
  const owner = tensor.name.endsWith(".grad") ? content(`called ${tensor.name.slice(0, -5)}`, place) : undefined;
  if (owner !== undefined) write(`grad ${owner}`, place, value);
}

function gather(event, place) {
  switch (event.kind) {
    case "tensor_created":
      return held(event, place);
    case "requires_grad":
      return seen(event.tensor, place);
    case "forward":
      if (event.node) event.outputs.forEach(({ tensor }) => write(`made ${tensor.id}`, place, event));
      return [...event.outputs, ...event.aliases].forEach((one) => held(one, place));
    case "visit":
      return write(`came ${event.node.id}:${event.node.forward ?? 0}`, place, event.incoming.find((one) => one !== null));
    case "accumulate":
    case "zero_grad":
      seen(event.tensor, place);
      return write(`grad ${event.tensor.id}`, place, event.after);
    case "update":
      held({ tensor: event.tensor, value: event.after }, place);
      return event.aliases.forEach((one) => held(one, place));
    case "clipped":
      event.gradients.forEach(({ tensor, after }) => write(`grad ${tensor.id}`, place, after));
      return event.aliases.forEach((one) => held(one, place));
  }
}

told.before.forEach(({ held: one, grad }) => {
  held(one, -1);
  write(`grad ${one.tensor.id}`, -1, grad);
});
events.forEach(gather);

const names = Object.keys(told.variables);
for (const [name, holding] of Object.entries(told.variables))
  holding.forEach(([since, id]) => write(`name ${name}`, since - (events[0]?.index ?? 1), id));

// The tensor that an event is about, as its id, or undefined.
function subject(event) {
  switch (event.kind) {
    case "forward":
      return event.outputs[0]?.tensor.id;
    case "backward_started":
      return event.roots[0]?.id;
    case "clipped":
      return event.gradients[0]?.tensor.id;
    case "visit":
    case "fan_in":
      return event.node.leaf?.id ?? events[event.node.forward - events[0].index]?.outputs[0]?.tensor.id;
    default:
      return event.tensor?.id;
  }
}

// --- numbers and values as texts

function number(value, digits = DECIMALS) {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string" || Number.isInteger(value)) return String(value);
  if (Math.abs(value) < 1e-4) return value.toExponential(digits - 1).replace(/\.?0*e/, "e");
  return String(Number(value.toPrecision(digits)));
}

const shapeOf = ({shape}) => (shape.length === 1 ? `[${shape}]` : shape.length ? shape.join("×") : "scalar");
const flat = (data) => (Array.isArray(data) ? data.flat(Infinity) : [data]);
const nested = (data) => (Array.isArray(data) ? `[${data.map(nested).join(", ")}]` : number(data));

function brief(value) {
  if (!value) return "None";
  if (value.data !== null && value.health.count <= 4) return nested(value.data);
  return `${shapeOf(value)} ‖${number(value.health.norm, 4)}‖`;
}
