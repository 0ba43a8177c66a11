// What the dashboard shows of each model.

/** Sections so far, for their ids. */
let made = 0;

function createView({ name }) {
  const part = (tag, attributes) => element(tag, attributes);
  const view = {
    facts: part("p", { class: "facts" }),
    expected: part("p", { class: "expected" }),
    verdict: part("p", { class: "facts" }),
    figures: part("dl", { class: "figures" }),
    charts: part("div", { class: "charts" }),
    members: part("div"),
    form: part("form", { class: "try" }),
    answer: part("div", { class: "answer", role: "status" }),
    effects: part("div", { class: "effects" }),
    versions: part("tbody"),
    /** What the form and the last poll were made from. */
    columns: "",
    /** The row that was tried last. */
    row: null,
    version: null,
    before: null,
  };
  const heads = ["version", "digest", "made", "loaded"];
  const table = element("table", {}, headOf(heads), view.versions);
  view.section = element(
    "section",
    { id: `model-${++made}`, "aria-label": `model ${name}` },
    element("h2", {}, name),
    view.facts,
    view.expected,
    view.verdict,
    element("h3", {}, "Try a row"),
    view.form,
    view.answer,
    view.effects,
    element("h3", {}, "Traffic"),
    view.figures,
    view.charts,
    element("h3", {}, "Who answers"),
    view.members,
    element("h3", {}, "Versions"),
    scrolling("versions", table),
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
  const why = `${verdict.why.slice(0, 1).toUpperCase()}${verdict.why.slice(1)}`;
  view.verdict.textContent = verdict.partitioning
    ? `partitioning: ${verdict.partitioning}. ${why}`
    : "";
  if (view.version !== null && view.version !== version) {
    const at = new Date().toLocaleTimeString("en");
    view.answer.textContent = `version ${version} replaced ${view.version} at ${at}`;
  }
  view.version = version;
  view.model = model;
  showExpected(view, model);
  showFigures(view, model.traffic);
  showCharts(view, model.traffic.history);
  showMembers(view, model);
  showVersions(view, model);
  const columns = JSON.stringify([name, model.features]);
  if (columns !== view.columns) showForm(view, model);
  view.columns = columns;
}

/** The error to expect on new rows, where the fit measured it. */
function showExpected(view, { expected, target }) {
  view.expected.hidden = expected === null;
  if (expected === null) return;
  const { rmse, r2, nSamples } = expected;
  const share = r2 === null ? "" : ` (R² ${r2.toFixed(r2 > 0.99 ? 3 : 2)})`;
  const rows = `root mean squared error of ${target}, on ${whole(nSamples)} held-out rows`;
  view.expected.replaceChildren(
    "Expect an error of about ",
    element("strong", {}, rmse.toLocaleString("en", { maximumSignificantDigits: 3 })),
    `${share} on new rows: ${rows}.`,
  );
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
    ["95 % within", milliseconds(latency.p95Ms)],
    ["99 % within", milliseconds(latency.p99Ms)],
    ["unlike training rows", noveltyRate === null ? "–" : percent(noveltyRate)],
  ];
  view.figures.replaceChildren(
    ...entries.map(([what, value]) =>
      element("div", {}, element("dt", {}, what), element("dd", {}, value)),
    ),
  );
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
