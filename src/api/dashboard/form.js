// Third part of the dashboard's script: a form that sends one row to v1/predict.

function showForm(view, { name, features }) {
  const fields = features.map((feature, j) => {
    const id = `${name}-${j}`;
    const label = element("label", { for: id }, feature.name);
    return element("div", {}, label, inputOf(feature, id));
  });
  const hint = element("p", { class: "hint" }, "An empty field is a missing value.");
  view.form.replaceChildren(
    element("div", { class: "fields" }, ...fields),
    hint,
    element("button", { type: "submit" }, "Predict"),
  );
}

function inputOf({ name, type, median, levels }, id) {
  if (type === "number") {
    return element("input", { id, name, type: "number", step: "any", value: figurePlain(median) });
  }
  if (type === "date") return element("input", { id, name, type: "text" });
  const options = levels.map((level) => element("option", { value: level }, level));
  return element("select", { id, name }, ...options, element("option", { value: "" }, "(missing)"));
}

/** A number as a field takes it: no thousands, four digits. */
function figurePlain(value) {
  return String(Number(value.toPrecision(4)));
}

async function tryRow(view) {
  const { model, form, answer } = view;
  const fields = [...form.querySelectorAll("input, select")];
  const row = Object.fromEntries(
    fields.map(({ name, value, type }) => {
      if (value === "") return [name, null];
      return [name, type === "number" ? Number(value) : value];
    }),
  );
  answer.textContent = "asking …";
  try {
    const body = JSON.stringify({ model: model.name, explain: true, rows: [row] });
    showAnswer(view, await ask("v1/predict", body));
  } catch (error) {
    answer.replaceChildren(element("p", { class: "bad" }, error.message));
  }
}

function showAnswer({ answer, model }, { predictions, routes, version }) {
  const [{ members, degraded }] = routes;
  const degradedNote = degraded ? ", degraded: an expert could not answer" : "";
  answer.replaceChildren(
    element(
      "p",
      {},
      element("strong", {}, figure(predictions[0])),
      ` ${model.target}, by version ${version}${degradedNote}`,
    ),
    ...members.flatMap((route, m) => routeNotes(route, model.members[m], members.length)),
  );
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

for (const link of document.querySelectorAll("nav a"))
  link.href = new URL(link.getAttribute("href"), base);
byId("ask-token").addEventListener("submit", (event) => {
  event.preventDefault();
  token = byId("token").value;
  void refresh();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void refresh();
});
void refresh();
