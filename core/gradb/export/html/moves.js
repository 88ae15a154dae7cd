// Where a move leads: each takes the place of the cursor and gives the place to go to.

const opVisits = [];
const lineStarts = [];
const phaseStarts = [];
const stepStarts = [];

events.forEach((event, place) => {
  const before = events[place - 1];
  if (event.kind === "visit" && event.node.leaf === null) opVisits.push(place);
  if (!before || before.line !== event.line) lineStarts.push(place);
  if (!before || before.step !== event.step) stepStarts.push(place);
  if (!before || before.step !== event.step || before.phase !== event.phase) phaseStarts.push(place);
});

const nextOf = (places) => (place) => places[above(places, place)] ?? place;
const previousOf = (places) => (place) => places[above(places, place - 1) - 1] ?? place;
const endOfPhase = (place) => (nextOf(phaseStarts)(place) === place ? last : nextOf(phaseStarts)(place) - 1);
const tenth = Math.max(1, Math.round(events.length / 10));

const moves = {
  start: () => 0,
  end: () => last,
  on: (place) => place + 1,
  back: (place) => place - 1,
  nodeOn: nextOf(opVisits),
  nodeBack: previousOf(opVisits),
  lineOn: nextOf(lineStarts),
  lineBack: previousOf(lineStarts),
  phaseOn: (place) => (endOfPhase(place) === place ? endOfPhase(place + 1) : endOfPhase(place)),
  phaseBack: previousOf(phaseStarts),
  stepOn: nextOf(stepStarts),
  stepBack: previousOf(stepStarts),
  tenthOn: (place) => place + tenth,
  tenthBack: (place) => place - tenth,
};

// The place of an address such as `step2/backward/4`, `step3`, `#1234` or `line 12`; undefined where it is not here.
function locate(text) {
  const wanted = text.trim();
  if (/^#?\d+$/.test(wanted)) return placeOf(Number(wanted.replace("#", "")));
  const line = /^line\s*(\d+)$/.exec(wanted);
  const found = events.findIndex((event) =>
    line ? event.line === Number(line[1]) : event.address === wanted || event.address.startsWith(`${wanted}/`),
  );
  return found < 0 ? undefined : found;
}

// The place of the event with a number; undefined where it is not here.
function placeOf(index) {
  const place = events.length ? index - events[0].index : -1;
  return place in events ? place : undefined;
}
