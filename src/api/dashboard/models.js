// Second part of the dashboard's script: what is shown of each model.

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
    const at = new Date().toLocaleTimeString("en");
    view.answer.textContent = `version ${version} replaced ${view.version} at ${at}`;
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
