// The first part of the dashboard's script: asks v1/overview every two seconds and shows the
// answer. Everything is set as text, never as HTML: names are the user's.

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
/** The page's address with a slash at its end: a proxy may serve the page below a path. */
const base = location.href.split(/[?#]/)[0].replace(/\/?$/, "/");
/** The models that are shown, by name. */
const views = new Map();
/** The model whose tab is chosen. */
const tab = { name: null };
/** Kept in memory alone. */
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
  const response = await fetch(new URL(path, base), body === undefined ? { headers } : sent);
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
    const overview = await ask("v1/overview");
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
  showTabs();
}
