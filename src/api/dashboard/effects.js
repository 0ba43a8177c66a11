// How the answer to a row changes as one of its columns moves, for the columns that matter most.

const MOST_EFFECTS = 3;
const STEPS = 24;
const MOST_LEVELS = 6;
const EFFECT = { width: 300, height: 100 };

/** Asks for the answers along the most important columns, and draws them below the answer. */
async function showEffects(view, row, { predictions, version, contributions }) {
  const columns = columnsToMove(view.model, row, contributions);
  const rows = columns.flatMap(({ name, values }) =>
    values.map((value) => ({ ...row, [name]: value })),
  );
  if (rows.length === 0) return;
  const moved = await predict({ model: view.model.name, version, rows });
  // Another row was tried in the meantime.
  if (view.row !== row) return;
  let at = 0;
  const curves = columns.map((column) => {
    const answers = moved.predictions.slice(at, at + column.values.length);
    at += column.values.length;
    return { ...column, answers };
  });
  const all = [...curves.flatMap(({ answers }) => answers), predictions[0]];
  const scale = { low: Math.min(...all), high: Math.max(...all) };
  const place = { prediction: predictions[0], target: view.model.target, scale };
  view.effects.replaceChildren(
    element("h4", {}, `How ${figure(predictions[0])} changes as one column moves`),
    element("p", { class: "hint" }, "All other columns keep the values of this row."),
    element("div", { class: "charts" }, ...curves.map((curve) => effectOf(curve, place))),
  );
}

/** Numbers and categories, the one that contributes most first, with the values to try. */
function columnsToMove({ features }, row, { columns, values }) {
  const share = new Map(columns.map((name, j) => [name, Math.abs(values[0][j])]));
  return features
    .filter(({ type }) => type !== "date")
    .toSorted((a, b) => (share.get(b.name) ?? 0) - (share.get(a.name) ?? 0))
    .slice(0, MOST_EFFECTS)
    .map((feature) => ({ ...feature, own: row[feature.name], values: valuesOf(feature, row) }))
    .filter((column) => column.values.length > 1);
}

/** Steps over the usual range, with the row's value among them; or the first levels. */
function valuesOf({ name, type, range, levels }, row) {
  const own = row[name];
  if (type !== "number") {
    const all = [...new Set([...(own === null ? [] : [own]), ...levels])];
    // A line about one more level takes the place of that level.
    return all.length === MOST_LEVELS + 1 ? all : all.slice(0, MOST_LEVELS);
  }
  const [low, high] = own === null ? range : [Math.min(range[0], own), Math.max(range[1], own)];
  const steps = Array.from({ length: STEPS + 1 }, (_, i) => low + ((high - low) * i) / STEPS);
  return [...new Set(own === null ? steps : [...steps, own])].sort((a, b) => a - b);
}

function effectOf(curve, place) {
  return curve.type === "number" ? curveChart(curve, place) : levelList(curve, place);
}

function curveChart({ name, own, values, answers }, { prediction, target, scale }) {
  const { width, height } = EFFECT;
  const [first, last] = [values[0], values.at(-1)];
  const x = (value) => (width * (value - first)) / (last - first || 1);
  const y = (answer) => height - (height * (answer - scale.low)) / (scale.high - scale.low || 1);
  const points = values.map((value, i) => `${x(value)},${y(answers[i])}`).join(" ");
  const [least, most] = [Math.min(...answers), Math.max(...answers)];
  const note = `${figure(least)} to ${figure(most)}`;
  const label = `${target} as ${name} moves from ${figure(first)} to ${figure(last)}: ${note}`;
  const picture = drawn(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": label,
    },
    drawn("polyline", { points, class: "curve" }),
    ...(own === null ? [] : placeMarks(x(own), y(prediction))),
  );
  const here = own === null ? "missing in this row" : `${figure(own)} in this row`;
  return element(
    "figure",
    { class: "effect" },
    element(
      "figcaption",
      {},
      element("b", {}, name),
      ` ${here}`,
      element("br"),
      `${target} ${note}`,
    ),
    element(
      "div",
      { class: "plot" },
      heights(scale),
      picture,
      element(
        "p",
        { class: "ends", "aria-hidden": "true" },
        figure(first),
        element("span", {}, figure(last)),
      ),
    ),
  );
}

/** A line of no length with a round cap is a dot, however the picture is stretched. */
function placeMarks(x, y) {
  const across = drawn("line", { x1: x, x2: x, y1: 0, y2: EFFECT.height, class: "place" });
  return [across, drawn("line", { x1: x, x2: x, y1: y, y2: y, class: "dot" })];
}

function heights({ low, high }) {
  const texts = [high, low].map((value) => element("span", {}, figure(value)));
  return element("div", { class: "heights", "aria-hidden": "true" }, ...texts);
}

/** A dot for each level, at its place between the least and the greatest answer of all columns. */
function levelList({ name, own, values, answers, levels }, { target, scale }) {
  const rows = values.map((level, i) => {
    const spot = element("div", { class: level === own ? "spot own" : "spot" });
    const part = (answers[i] - scale.low) / (scale.high - scale.low || 1);
    spot.style.marginLeft = `calc(${part} * (100% - var(--spot)))`;
    const named = level === own ? element("b", {}, level) : level;
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, named),
      element("td", { class: "number" }, figure(answers[i])),
      element("td", { class: "track", "aria-hidden": "true" }, spot),
    );
  });
  const more = levels.filter((level) => !values.includes(level)).length;
  const rest = more === 0 ? "" : `, ${more} more levels are not shown`;
  const here = own === null ? "missing in this row" : `${own} in this row`;
  const caption = element("caption", {}, element("b", {}, name), ` ${here}; ${target}${rest}`);
  return element("table", { class: "why levels" }, caption, element("tbody", {}, ...rows));
}
