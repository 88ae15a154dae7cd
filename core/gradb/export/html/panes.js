// The other panes: what happened, the program, the tensors, the loss, notes and output. Texts are never read as HTML.

const byId = (id) => document.getElementById(id);

function make(tag, text = "", kind = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

// --- what happened

function drawEvent(place) {
  const event = events[place];
  const [title, symbols, numbers] = told.explained[place];
  byId("phase").textContent = event.phase;
  byId("phase").className = event.phase;
  byId("address").textContent = event.address;
  byId("count").textContent = `${event.line ? `· line ${event.line} ` : ""}· event ${event.index} of ${told.total}`;
  byId("said").textContent = title;
  const rows = symbols.flatMap((symbol, row) => [make("span", `${symbol}\n`, "symbols"), make("span", numbers[row] ? `  ${numbers[row]}\n` : "", "numbers")]);
  byId("formulas").replaceChildren(...rows);
}

// --- the program

const TOKENS = /(#.*)|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\b(and|as|assert|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|not|or|pass|raise|return|try|while|with|yield|None|True|False)\b|\b(\d[\w.]*)/g;
const KINDS = ["comment", "string", "keyword", "number"];
const withEvents = new Set(events.map((event) => event.line));

function coloured(code) {
  const parts = [];
  let end = 0;
  for (const match of code.matchAll(TOKENS)) {
    const kind = KINDS[match.slice(1).findIndex((group) => group !== undefined)];
    parts.push(code.slice(end, match.index), make("span", match[0], kind));
    end = match.index + match[0].length;
  }
  return [...parts, code.slice(end)];
}

function beginSource() {
  const lines = header.source ? header.source.replace(/\n$/, "").split("\n") : [];
  byId("source").hidden = !lines.length;
  byId("lines").style.setProperty("--digits", String(lines.length).length);
  byId("lines").replaceChildren(
    ...lines.map((code, index) => {
      const item = make("li");
      const text = make("code");
      text.append(...coloured(code));
      item.append(text);
      if (withEvents.has(index + 1)) {
        item.className = "eventful";
        item.addEventListener("click", () => toLine(index + 1));
      }
      return item;
    }),
  );
}

function drawSource(place) {
  byId("lines").querySelector("[aria-current]")?.removeAttribute("aria-current");
  const item = byId("lines").children[events[place].line - 1];
  if (!item) return;
  item.setAttribute("aria-current", "true");
  reveal(item);
}

// --- tensors

function drawTensors(place) {
  const held = names.map((name) => [name, content(`name ${name}`, place)]).filter(([, id]) => id !== undefined);
  const shown = new Set(); // a parameter has a name in each module around it: one will do
  const rows = held.filter(([name, id]) => !(name.includes(".") && shown.has(id)) && shown.add(id));
  byId("rows").replaceChildren(
    ...rows.map(([name, id]) => {
      const row = make("tr");
      const button = make("button", name, "name");
      button.setAttribute("aria-pressed", String(id === chosenTensor(place)));
      button.addEventListener("click", () => chooseName(name));
      const first = make("th");
      first.scope = "row";
      first.append(button);
      row.append(first, cellOf(`value ${id}`, place, "value"), cellOf(`grad ${id}`, place, "grad"));
      if (id === chosenTensor(place)) row.className = "chosen";
      return row;
    }),
  );
  const marked = byId("rows").querySelector(".chosen, .changed");
  if (marked) reveal(marked);
}

function cellOf(cell, place, kind) {
  const now = written(cell, place);
  const changed = now?.place === place;
  const element = make("td", `${changed ? "● " : ""}${brief(now?.content)}`, kind + (changed ? " changed" : "") + (now?.content ? "" : " none"));
  const before = changed ? written(cell, place - 1) : undefined;
  if (before) element.title = `was ${brief(before.content)}`;
  return element;
}

function drawTensor(place) {
  const id = chosenTensor(place);
  byId("tensor").hidden = id === undefined;
  if (id === undefined) return;
  const tensor = content(`tensor ${id}`, place);
  if (!tensor) return byId("facts").replaceChildren(make("p", "It is not there yet."));
  byId("tensor-title").textContent = tensor.name;
  const flags = [
    `${shapeOf(tensor)} ${tensor.dtype}`,
    tensor.is_leaf ? "leaf" : (tensor.grad_fn ?? ""),
    tensor.requires_grad ? "requires grad" : "does not require grad",
  ];
  const parts = [make("p", flags.filter(Boolean).join(" · "), "flags")];
  const made = content(`made ${id}`, place);
  const came = made && `came ${made.node.id}:${made.index}`;
  const kinds = [["value", `value ${id}`], [".grad", `grad ${id}`], [`∂L/∂${tensor.name}, on its way`, came]];
  for (const [title, cell] of kinds) {
    const found = cell && written(cell, place);
    if (found) parts.push(make("h3", title), ...elements(found.content, title === "value" ? "value" : "grad"), writer(found));
  }
  byId("facts").replaceChildren(...parts);
}

const MOST_ROWS = 32;
const MOST_COLUMNS = 12;
const FOLDED = 8; // a long vector is shown in rows of so many

// The elements as a table with a bar of heat in each, and what sums them up.
function elements(value, kind) {
  if (!value) return [make("p", "None")];
  const { health } = value;
  const sums = ["min", "max", "mean", "norm"].filter((name) => health[name] !== null);
  const odd = ["nan", "inf", "zeros"].filter((name) => health[name]);
  const told_ = [...sums, ...odd].map((name) => `${name} ${number(health[name], 4)}`).join(" · ");
  const bad = health.nan || health.inf;
  const summary = make("p", (bad ? "⚠ " : "") + told_, bad ? "health bad" : "health");
  if (value.data === null) return [make("p", `${health.count} elements, too many to write out`), summary];
  const all = flat(value.data);
  const vector = all.length > MOST_COLUMNS && value.shape.filter((size) => size > 1).length < 2;
  const across = vector ? FOLDED : (value.shape.at(-1) ?? 1);
  const rows = Array.from({ length: Math.ceil(all.length / across) || 0 }, (_, row) => all.slice(row * across, (row + 1) * across));
  const most = Math.max(...all.filter(Number.isFinite).map(Math.abs), 1e-30);
  const table = make("table", "", `elements ${kind}`);
  rows.slice(0, MOST_ROWS).forEach((row) => {
    const line = table.insertRow();
    row.slice(0, MOST_COLUMNS).forEach((one) => {
      const cell = line.insertCell();
      cell.textContent = number(one, 4);
      cell.style.setProperty("--heat", `${Math.round(Math.min(1, Math.abs(Number(one)) / most || 0) * 55)}%`);
      cell.className = one < 0 ? "negative" : "positive";
    });
    if (row.length > MOST_COLUMNS) line.insertCell().textContent = "…";
  });
  const more = rows.length > MOST_ROWS ? [make("p", `… ${rows.length - MOST_ROWS} more rows`)] : [];
  if (vector) more.push(make("p", `a vector, in rows of ${FOLDED}`, "flags"));
  return health.count > 1 ? [table, ...more, summary] : [table, ...(bad ? [summary] : [])];
}

function writer(write) {
  const line = make("p", "", "writer");
  if (write.place < 0) return line;
  const link = make("a", events[write.place].address);
  link.href = `#${events[write.place].address}`;
  line.append("by ", link);
  return line;
}

// --- notes and output

function beginNotes() {
  byId("notes").hidden = !told.about && !told.notes.length;
}

function drawNotes(place) {
  const found = above(told.notes, events[place].index, ([index]) => index) - 1;
  const [index, which] = found < 0 ? [-1, []] : told.notes[found];
  const texts = found < 0 ? [told.about] : which.map((number) => told.says[number]);
  const blocks = texts.flatMap(prose);
  byId("says").replaceChildren(...blocks);
  byId("says").classList.toggle("past", found >= 0 && index !== events[place].index);
}

// Paragraphs and lists, with **bold** and `code`.
function prose(text) {
  return text.trim().split(/\n\s*\n/).filter(Boolean).map((block) => {
    const items = block.split(/\n(?=\s*[-*] )/);
    if (!/^\s*[-*] /.test(items[0])) return inline(make("p"), block);
    const list = make("ul");
    list.append(...items.map((item) => inline(make("li"), item.replace(/^\s*[-*] /, ""))));
    return list;
  });
}

function inline(element, text) {
  for (const part of text.split(/(\*\*.+?\*\*|`[^`]+`)/s)) {
    if (part.startsWith("**") && part.length > 4) element.append(make("strong", part.slice(2, -2)));
    else if (part.startsWith("`") && part.length > 2) element.append(make("code", part.slice(1, -1)));
    else element.append(part);
  }
  return element;
}

const prints = events.flatMap((event, place) => (event.kind === "printed" || event.kind === "raised" ? [place] : []));

function drawOutput(place) {
  const until = prints.slice(0, above(prints, place));
  byId("output").hidden = !until.length;
  byId("printed").replaceChildren(
    ...until.slice(-200).map((at) => {
      const { kind, text, error, message } = events[at];
      const said = kind === "printed" ? text : `${error}: ${message}`;
      return make("span", said, kind + (at === place ? " now" : ""));
    }),
  );
  byId("printed").scrollTop = byId("printed").scrollHeight;
}
