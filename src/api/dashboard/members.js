// Who answers: one mixture's regimes as cards; a committee's members as one table.

function showMembers(view, { members }) {
  const parts = members.map((member, m) => ({ member, m }));
  const divided = parts.filter(({ member }) => members.length === 1 || member.experts.length > 1);
  const cards = divided.flatMap(({ member, m }) => [
    ...(members.length === 1 ? [] : [element("h4", {}, `Regimes of member m${m}`)]),
    regimeCards(member),
  ]);
  view.members.replaceChildren(...(members.length === 1 ? [] : [memberTable(parts)]), ...cards);
}

function memberTable(parts) {
  const heads = ["member", "kind", "weight", "experts", "gate", "parameters"];
  const rows = parts.map(({ member: { weight, gate, experts }, m }) => {
    const kinds = [...new Set(experts.map(({ kind }) => kind))].join(", ");
    const blobs = experts.map(({ blob }) => blob);
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, `m${m}`),
      element("td", {}, kinds),
      element("td", {}, weight === 0 ? "explains only" : percent(weight)),
      element("td", {}, whole(experts.length)),
      element("td", {}, gate === null ? "none" : gate.kind),
      element("td", {}, hash(blobs[0]), blobs.length === 1 ? "" : ` and ${blobs.length - 1} more`),
    );
  });
  const table = element("table", {}, headOf(heads), element("tbody", {}, ...rows));
  const voting = parts.filter(({ member }) => member.weight > 0).length;
  return element(
    "div",
    {},
    element("p", { class: "facts" }, `One model: the weighted mean of ${voting} members.`),
    scrolling("members", table),
  );
}

function headOf(texts) {
  const cells = texts.map((text) => element("th", { scope: "col" }, text));
  return element("thead", {}, element("tr", {}, ...cells));
}

/** A wide table in a box of its own, which the keyboard can scroll. */
function scrolling(name, table) {
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": name },
    table,
  );
}

function regimeCards({ experts }) {
  const served = experts.reduce((sum, { rowsServed }) => sum + rowsServed, 0);
  const cards = experts.map((expert, k) => regimeCard(expert, k, served));
  return element("ul", { class: "cards" }, ...cards);
}

function regimeCard({ id, kind, blob, share, residuals, rowsServed, regime }, k, served) {
  const part = served === 0 ? 0 : rowsServed / served;
  const bar = element("div", { class: "bar", "aria-hidden": "true" }, element("div"));
  bar.firstChild.style.width = `${100 * part}%`;
  const error =
    residuals.nSamples > 0 ? `, rmse ${figure(Math.sqrt(residuals.meanSquaredError))}` : "";
  const facts = `${percent(share)} of the training rows${error}, ${kind} `;
  const card = element(
    "li",
    {},
    element("h4", {}, id),
    element("p", {}, regime === null ? "" : regime.where.join(", or ")),
    element("p", { class: "facts" }, facts, hash(blob)),
    element("p", {}, `${whole(rowsServed)} rows served${served > 0 ? `, ${percent(part)}` : ""}`),
    bar,
  );
  card.style.setProperty("--own", COLOURS[k % COLOURS.length]);
  return card;
}
