// What is said of one answer: its interval, what each column contributes to it, and its route.

const LEVEL = 0.9;

function showAnswer({ answer, model }, reply) {
  const { predictions, lower, upper, routes, version, contributions, warnings = [] } = reply;
  const [{ members, degraded }] = routes;
  const degradedNote = degraded ? ", degraded: an expert could not answer" : "";
  const between =
    lower === undefined || lower[0] === null ? [] : [betweenText(model.target, lower[0], upper[0])];
  answer.replaceChildren(
    element(
      "p",
      {},
      element("strong", {}, figure(predictions[0])),
      ` ${model.target}, by version ${version}${degradedNote}`,
    ),
    ...[...between, ...warnings].map((text) => element("p", {}, text)),
    ...(contributions ? [whyTable(predictions[0], contributions)] : []),
    ...routesOf(members, model.members),
  );
}

function betweenText(target, lower, upper) {
  return `The ${target} of ${100 * LEVEL} % of such rows is ${figure(lower)} to ${figure(upper)}.`;
}

/** Columns that contribute most; the rest in one line. */
const MOST_COLUMNS = 12;

function whyTable(prediction, { columns, base, values, limits }) {
  const shares = columns
    .map((name, j) => ({ name, share: values[0][j] }))
    .sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
  const rest = shares.slice(MOST_COLUMNS).reduce((sum, { share }) => sum + share, 0);
  const limit = limits?.[0] ?? 0;
  const rows = [
    ...shares.slice(0, MOST_COLUMNS),
    ...(shares.length > MOST_COLUMNS ? [{ name: "all other columns", share: rest }] : []),
    ...(Math.abs(limit) > 1e-9 ? [{ name: "limit of predictions", share: limit }] : []),
  ];
  const most = Math.max(...rows.map(({ share }) => Math.abs(share)), 1e-300);
  const cells = ({ name, share }) => {
    const bar = element("div", { class: share < 0 ? "share down" : "share up" });
    bar.style.width = `${(50 * Math.abs(share)) / most}%`;
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      element("td", { class: "number" }, signed(share)),
      element("td", { class: "track", "aria-hidden": "true" }, bar),
    );
  };
  return element(
    "table",
    { class: "why" },
    element(
      "caption",
      {},
      `Why ${figure(prediction)}: ${figure(base)} on average; the columns of this row add`,
    ),
    element("tbody", {}, ...rows.map(cells)),
  );
}

function signed(value) {
  const shown = figure(Math.abs(value));
  if (Number(shown.replaceAll(",", "")) === 0) return "0";
  return `${value < 0 ? "−" : "+"}${shown}`;
}

/** Routes of the members that divide the rows; a committee's other members have none. */
function routesOf(routes, members) {
  const divided = routes
    .map((route, m) => ({ route, member: members[m] }))
    .filter(({ member }) => members.length === 1 || member.experts.length > 1);
  const notes = divided.flatMap(({ route, member }) => routeNotes(route, member, members.length));
  if (members.length === 1) return notes;
  const voting = members.filter(({ weight }) => weight > 0).length;
  const told = `The weighted answers of ${voting} members make this one.`;
  return [element("p", { class: "facts" }, told), ...notes];
}

function routeNotes({ weight, expert, gateScore, scores, novelty }, { experts }, nMembers) {
  const { regime } = experts.find(({ id }) => id === expert);
  const others = experts.map(({ id }, k) => `${id} ${percent(scores[k])}`).join(", ");
  const rules = regime === null ? "" : `, which rules where ${regime.where.join(", or ")}`;
  const lead = weight === 0 ? "Explained, not predicted, by" : "Routed to";
  const share = nMembers === 1 || weight === 0 ? "" : `, of a member that weighs ${figure(weight)}`;
  const gate = experts.length === 1 ? "" : `Its gate score ${percent(gateScore)}; all: ${others}. `;
  const strange =
    novelty === undefined || novelty === null
      ? ""
      : `Novelty ${figure(novelty)}: ${novelty > 1 ? "unlike" : "like"} the rows ${expert} learnt.`;
  return [
    element("p", {}, `${lead} ${expert}${share}${rules}.`),
    element("p", { class: "facts" }, `${gate}${strange}`),
  ];
}
