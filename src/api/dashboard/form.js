// The last part of the dashboard's script: a form that sends one row to v1/predict, and the start.

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

function predict(body) {
  return ask("v1/predict", JSON.stringify(body));
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
  view.effects.replaceChildren();
  view.row = row;
  try {
    const plain = { model: model.name, explain: true, rows: [row] };
    const { highestInterval, isExplained } = model;
    const more = {
      ...(highestInterval !== null && highestInterval >= LEVEL ? { interval: LEVEL } : {}),
      ...(isExplained ? { contributions: true } : {}),
    };
    const reply = await predict({ ...plain, ...more }).catch(() => predict(plain));
    showAnswer(view, reply);
    if (reply.contributions) {
      await showEffects(view, row, reply).catch((error) => {
        view.effects.replaceChildren(element("p", { class: "bad" }, error.message));
      });
    }
  } catch (error) {
    answer.replaceChildren(element("p", { class: "bad" }, error.message));
  }
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
