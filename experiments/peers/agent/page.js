// What the peer "agent-page" does in a page: bits beside the server's, rows a second beside
// onnxruntime-web's, an update, and rows that must not leave.
import { createAgent } from "/agent.js";

const at = (path) => location.origin + path;

/** Rounds in which browsers still compile. */
const WARM_ROUNDS = 2;

/** Rows of the columns, by a seed: numbers around 0, levels, and some cells that are missing. */
function drawRows(columns, nRows, seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const normal = () => uniform() + uniform() + uniform() + uniform() - 2;
  const cell = ({ levels, hasMissing }) => {
    if (hasMissing && uniform() < 0.05) return null;
    return levels === undefined ? 2 * normal() : levels[Math.floor(uniform() * levels.length)];
  };
  return Array.from({ length: nRows }, () =>
    Object.fromEntries(columns.map((column) => [column.name, cell(column)])),
  );
}

/** How many rows have the server's bits, all experts being here. */
async function countSameBits({ from, columns, nRows, batch, seed }) {
  const agent = await createAgent({ from: at(from) });
  await agent.settled();
  const model = from.split("/").at(-1);
  let [same, sent] = [0, 0];
  const values = new Set();
  for (let start = 0; start < nRows; start += batch) {
    const rows = drawRows(columns, Math.min(batch, nRows - start), seed + start);
    const { predictions, rowsSent } = await agent.predict(rows);
    const answer = await fetch("/v1/predict", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, rows }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    const theirs = (await answer.json()).predictions;
    same += theirs.filter((value, i) => Object.is(value, predictions[i])).length;
    sent += rowsSent;
    for (const value of predictions) values.add(value);
  }
  const { nResident, nExperts } = agent.facts();
  return { same, sent, nDifferent: values.size, nResident, nExperts };
}

/** Loads all that onnxruntime-web loads, whose bytes the site counts. */
async function openOrt() {
  const ort = await import("/ort/ort.wasm.min.mjs");
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = "/ort/";
  return { ort, session: await ort.InferenceSession.create("/model.onnx") };
}

/** Rows a second of both, round by round in alternation; the first two are not counted. */
async function race({ from, columns, sizes, nRounds, turnMs, tolerance }) {
  const { ort, session } = await openOrt();
  const agent = await createAgent({ from: at(from) });
  await agent.settled();
  const contestants = sizes.map((nRows) => {
    const rows = drawRows(columns, nRows, nRows);
    const tensorOf = (name) => {
      const values = new Float64Array(nRows);
      for (let i = 0; i < nRows; i++) values[i] = rows[i][name];
      return new ort.Tensor("float64", values, [nRows, 1]);
    };
    return {
      nRows,
      ours: async () => (await agent.predict(rows)).predictions,
      theirs: async () => {
        const feeds = Object.fromEntries(columns.map(({ name }) => [name, tensorOf(name)]));
        return (await session.run(feeds, ["prediction"])).prediction.data;
      },
    };
  });
  const perSecond = async (predict, nRows) => {
    const start = performance.now();
    let calls = 0;
    while (performance.now() - start < turnMs) {
      await predict();
      calls += 1;
    }
    return (1000 * calls * nRows) / (performance.now() - start);
  };
  const results = [];
  for (const { nRows, ours, theirs } of contestants) {
    const [own, other] = [await ours(), await theirs()];
    const differs = own.some((value, i) => !(Math.abs(value - other[i]) <= tolerance));
    if (differs) throw new Error("onnxruntime-web must answer as the agent does");
    const rounds = [];
    for (let round = 0; round < nRounds + WARM_ROUNDS; round++) {
      rounds.push({ ours: await perSecond(ours, nRows), theirs: await perSecond(theirs, nRows) });
    }
    results.push({ nRows, rounds: rounds.slice(WARM_ROUNDS) });
  }
  return { results, version: ort.env.versions.web, isIsolated: crossOriginIsolated };
}

let held;

/** Starts an agent that stays; its experts are fetched when this is answered. */
async function hold({ from }) {
  held = await createAgent({ from: at(from) });
  await held.settled();
  return held.facts();
}

/** Goes on with the version that the server has now. */
async function renew() {
  await held.refresh();
  await held.settled();
  return held.facts();
}

/** Rows of a class, in batches; their first column holds the canaries. */
async function send({ from, columns, canaries, batch, rowClass, memoryBytes }) {
  await caches.delete("bailiwick");
  const agent = await createAgent({ from: at(from), memoryBytes });
  const rows = drawRows(columns, canaries.length, 5).map((row, i) => ({
    ...row,
    [columns[0].name]: canaries[i],
  }));
  let sent = 0;
  for (let start = 0; start < rows.length; start += batch) {
    const options = rowClass === null ? {} : { class: rowClass };
    sent += (await agent.predict(rows.slice(start, start + batch), options)).rowsSent;
    await agent.settled();
  }
  return { sent, ...agent.facts() };
}

globalThis.run = {
  openOrt: async () => void (await openOrt()),
  countSameBits,
  race,
  hold,
  renew,
  send,
};
