// The dashboard's script: asks /v1/overview every two seconds and shows what it says; a form sends
// one row to /v1/predict. Everything is set as text, never as HTML: names are the user's.

const EVERY_MS = 2000;
const COLOURS = [
  "#2f7ed8",
  "#d9730d",
  "#1a9a6c",
  "#b5459f",
  "#8a6d00",
  "#5b5fc7",
  "#c43d4b",
  "#4d7c8a",
];

const byId = (id) => document.getElementById(id);
/** Views of the models shown, by name. */
const views = new Map();
/** Kept in memory only. */
let token = null;
let timer = 0;

/** An element with attributes and children; texts are texts. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const whole = (value) => value.toLocaleString("en");
const figure = (value) => value.toLocaleString("en", { maximumSignificantDigits: 4 });
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const milliseconds = (value) => (value === null ? "–" : `${figure(value)} ms`);
const time = (text) =>
  new Date(text).toLocaleString("en", { dateStyle: "medium", timeStyle: "medium" });

function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function hash(text) {
  return element("code", { title: text }, text.slice(0, 12));
}

async function ask(path, body) {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const sent = {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
  };
  const response = await fetch(path, body === undefined ? { headers } : sent);
  if (response.status === 401) askForToken(token !== null);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function askForToken(wasWrong) {
  token = null;
  const form = byId("ask-token");
  if (form.hidden) {
    form.hidden = false;
    byId("token").focus();
  }
  if (wasWrong) byId("token").value = "";
}

function say(text, isBad = false) {
  const state = byId("state");
  if (state.textContent === text) return;
  state.textContent = text;
  state.className = isBad ? "bad" : "";
}

async function refresh() {
  clearTimeout(timer);
  try {
    const overview = await ask("/v1/overview");
    byId("ask-token").hidden = true;
    const { version, uptimeS, queueRows } = overview.server;
    byId("server").textContent =
      `version ${version}, up ${duration(uptimeS)}, ${whole(queueRows)} rows waiting`;
    showModels(overview.models);
    say("live");
  } catch (error) {
    const waiting = !byId("ask-token").hidden;
    say(waiting ? "a token is needed" : `no figures: ${error.message}`, true);
  }
  timer = setTimeout(refresh, document.hidden ? 10 * EVERY_MS : EVERY_MS);
}

function showModels(models) {
  for (const [name, view] of views) {
    if (models.some((model) => model.name === name)) continue;
    view.section.remove();
    views.delete(name);
  }
  for (const model of models) {
    if (!views.has(model.name)) views.set(model.name, createView(model));
    updateView(views.get(model.name), model);
  }
}

function createView({ name }) {
  const part = (tag, attributes) => element(tag, attributes);
  const view = {
    facts: part("p", { class: "facts" }),
    verdict: part("p", { class: "facts" }),
    figures: part("dl", { class: "figures" }),
    regimes: part("div"),
    form: part("form", { class: "try" }),
    answer: part("div", { class: "answer", role: "status" }),
    versions: part("tbody"),
    /** What the form and the last poll were made from. */
    columns: "",
    version: null,
    before: null,
  };
  const head = element(
    "tr",
    {},
    ...["version", "digest", "made", "loaded"].map((text) => element("th", { scope: "col" }, text)),
  );
  const table = element("table", {}, element("thead", {}, head), view.versions);
  view.section = element(
    "section",
    { "aria-label": `model ${name}` },
    element("h2", {}, name),
    view.facts,
    view.verdict,
    element("h3", {}, "Traffic"),
    view.figures,
    element("h3", {}, "Regimes, and who serves them"),
    view.regimes,
    element("h3", {}, "Try a row"),
    view.form,
    view.answer,
    element("h3", {}, "Versions"),
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": "versions" },
      table,
    ),
  );
  view.form.addEventListener("submit", (event) => {
    event.preventDefault();
    void tryRow(view);
  });
  byId("models").append(view.section);
  return view;
}

function updateView(view, model) {
  const { name, version, versions, target, verdict } = model;
  const { digest } = versions.find((one) => one.version === version);
  view.facts.replaceChildren(`predicts ${target}, version ${version}, digest `, hash(digest));
  view.verdict.textContent = verdict.partitioning
    ? `partitioning: ${verdict.partitioning}. ${verdict.why}`
    : "";
  if (view.version !== null && view.version !== version) {
    view.answer.textContent = `version ${version} took over from ${view.version} at ${new Date().toLocaleTimeString("en")}`;
  }
  view.version = version;
  view.model = model;
  showFigures(view, model.traffic);
  showRegimes(view, model);
  showVersions(view, model);
  const columns = JSON.stringify([name, model.features]);
  if (columns !== view.columns) showForm(view, model);
  view.columns = columns;
}

function showFigures(view, { requests, rows, latency, noveltyRate }) {
  const now = performance.now();
  const { before } = view;
  const rate = before === null ? null : (1000 * (rows - before.rows)) / (now - before.now);
  view.before = { rows, now };
  const entries = [
    ["requests", whole(requests)],
    ["rows", whole(rows)],
    ["rows a second", rate === null ? "–" : figure(rate)],
    ["median latency", milliseconds(latency.p50Ms)],
    ["95 %", milliseconds(latency.p95Ms)],
    ["99 %", milliseconds(latency.p99Ms)],
    ["novel rows", noveltyRate === null ? "–" : percent(noveltyRate)],
  ];
  view.figures.replaceChildren(
    ...entries.map(([what, value]) =>
      element("div", {}, element("dt", {}, what), element("dd", {}, value)),
    ),
  );
}

function showRegimes(view, { members }) {
  view.regimes.replaceChildren(
    ...members.flatMap((member, m) => {
      const served = member.experts.reduce((sum, { rowsServed }) => sum + rowsServed, 0);
      const role =
        member.weight === 0 ? "explains, does not predict" : `weight ${figure(member.weight)}`;
      const how =
        member.gate === null ? "one expert" : `${member.gate.kind} gate, ${member.recombination}`;
      const heading = `member m${m}, ${role}, ${how}`;
      const cards = member.experts.map((expert, k) => regimeCard(expert, k, served));
      return [
        ...(members.length > 1 ? [element("p", { class: "facts" }, heading)] : []),
        element("ul", { class: "cards" }, ...cards),
      ];
    }),
  );
}

function regimeCard({ id, kind, blob, share, residuals, rowsServed, regime }, k, served) {
  const part = served === 0 ? 0 : rowsServed / served;
  const bar = element("div", { class: "bar", "aria-hidden": "true" }, element("div"));
  bar.firstChild.style.width = `${100 * part}%`;
  const error =
    residuals.nSamples > 0 ? `, rmse ${figure(Math.sqrt(residuals.meanSquaredError))}` : "";
  const card = element(
    "li",
    {},
    element("h4", {}, id),
    element("p", {}, regime === null ? "" : regime.where.join(", or ")),
    element(
      "p",
      { class: "facts" },
      `${percent(share)} of the training rows${error}, ${kind} `,
      hash(blob),
    ),
    element("p", {}, `${whole(rowsServed)} rows served${served > 0 ? `, ${percent(part)}` : ""}`),
    bar,
  );
  card.style.setProperty("--own", COLOURS[k % COLOURS.length]);
  return card;
}

function showVersions(view, { version, versions }) {
  view.versions.replaceChildren(
    ...versions.map((one) => {
      const current = one.version === version;
      const row = element(
        "tr",
        current ? { class: "current" } : {},
        element("td", {}, current ? `${one.version}, served` : one.version),
        element("td", {}, hash(one.digest)),
        element("td", {}, time(one.createdAt)),
        element("td", {}, time(one.loadedAt)),
      );
      return row;
    }),
  );
}

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
    showAnswer(view, await ask("/v1/predict", body));
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
      : `Novelty ${figure(novelty)}: ${novelty > 1 ? "unlike" : "like"} what ${expert} was trained on.`;
  return [
    element("p", {}, `${lead} ${expert}${share}${rules}.`),
    element("p", { class: "facts" }, `${gate}${strange}`),
  ];
}

byId("ask-token").addEventListener("submit", (event) => {
  event.preventDefault();
  token = byId("token").value;
  void refresh();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void refresh();
});
void refresh();
