/**
 * The part of the API's page that sends a request: its markup, and its script.
 *
 * The page holds nothing of a model. Its script asks v1/overview for the models that are served and
 * writes a body with the columns of one; a token is kept in the page alone.
 */

export const TRY_IT = `<section><h2>Try it</h2>
<form id="try">
<p id="models" hidden><label for="model">Model</label> <select id="model"></select></p>
<p id="ask-token" hidden><label for="token">This server asks for a token</label>
<input id="token" type="password" autocomplete="off"></p>
<p><label for="body">Body of <code>POST v1/predict</code></label>
<textarea id="body" rows="12" spellcheck="false">
{"rows": [{"age": 28, "mill": "a"}], "explain": true}
</textarea></p>
<button type="submit">Send</button>
</form>
<div role="status" id="status"></div>
<pre id="reply" tabindex="0" role="group" aria-label="answer" hidden></pre>
<p>The same in a shell:</p>
<pre id="command" tabindex="0" role="group" aria-label="command"></pre></section>`;

export const TRY_IT_SCRIPT = `
const byId = (id) => document.getElementById(id);
const url = (path) => new URL(path, location.href);
let models = [];

async function ask(path, body) {
  const token = byId("token").value;
  const headers = token === "" ? {} : { authorization: "Bearer " + token };
  if (body !== undefined) headers["content-type"] = "application/json";
  const method = body === undefined ? "GET" : "POST";
  const response = await fetch(url(path), { method, headers, body });
  if (response.status === 401) byId("ask-token").hidden = false;
  return { response, answer: await response.json() };
}

function cellOf({ type, median, levels }) {
  if (type === "number") return Number(median.toPrecision(4));
  return levels === undefined ? "2024-01-31" : (levels[0] ?? null);
}

function showExample() {
  const model = models.find(({ name }) => name === byId("model").value);
  const row = Object.fromEntries(model.features.map((column) => [column.name, cellOf(column)]));
  const named = models.length > 1 ? { model: model.name } : {};
  const interval = model.highestInterval >= 0.9 ? { interval: 0.9 } : {};
  const body = { ...named, rows: [row], ...interval, explain: true };
  byId("body").value = JSON.stringify(body, null, 2);
  showCommand();
}

function showCommand() {
  const text = byId("body").value.replaceAll("'", "'\\\\''");
  const secret = byId("ask-token").hidden ? "" : " -H 'authorization: Bearer TOKEN'";
  byId("command").textContent = "curl -s " + url("v1/predict") +
    " -H 'content-type: application/json'" + secret + " -d '" + text + "'";
}

async function load() {
  const { response, answer } = await ask("v1/overview");
  if (response.ok) {
    models = answer.models;
    const options = models.map(({ name }) => new Option(name));
    byId("model").replaceChildren(...options);
    byId("models").hidden = models.length < 2;
    if (models.length > 0) return showExample();
  }
  showCommand();
}

async function send() {
  byId("status").textContent = "asking …";
  const { response, answer } = await ask("v1/predict", byId("body").value);
  byId("status").textContent = response.status + " " + response.statusText;
  byId("reply").textContent = JSON.stringify(answer, null, 2);
  byId("reply").hidden = false;
}

const told = (work) => work().catch((error) => {
  byId("status").textContent = "no answer: " + error.message;
});
byId("try").addEventListener("submit", (event) => {
  event.preventDefault();
  void told(send);
});
byId("model").addEventListener("change", showExample);
byId("body").addEventListener("input", showCommand);
byId("token").addEventListener("change", () => told(load));
void told(load);
`;
