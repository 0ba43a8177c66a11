// The peer "onnx": onnxruntime on an exported model, onnxruntime-node where it is installed, else
// onnxruntime-web, one thread.
//
// The first line is { model, inputs }: the file as base64, and of each input its [name, values],
// values as base64 of little-endian float64, one a row. The answer is { runtime, versions,
// prediction } or { unavailable: why }. Every further line, { calls }, asks for the whole batch
// that many times; the answer is { cpuMs }, CPU time of this process for one batch.
import { answerLines } from "./lines.mjs";

const OUTPUTS = ["prediction"];
const RUNTIMES = ["onnxruntime-node", "onnxruntime-web"];

let session;
let feeds;

await answerLines(async (request) => {
  if (session !== undefined) return timeBatches(request.calls);
  for (const runtime of RUNTIMES) {
    const package_ = await import(runtime).catch(() => undefined);
    if (package_ !== undefined) return start(runtime, package_, request);
  }
  return { unavailable: `none of ${RUNTIMES.join(", ")} is installed` };
});

async function start(runtime, { InferenceSession, Tensor, env }, { model, inputs }) {
  if (runtime === "onnxruntime-web") env.wasm.numThreads = 1;
  const file = Buffer.from(model, "base64");
  session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  feeds = Object.fromEntries(
    inputs.map(([name, text]) => {
      const values = new Float64Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
      return [name, new Tensor("float64", values, [values.length, 1])];
    }),
  );
  const { prediction } = await session.run(feeds, OUTPUTS);
  const { node, web } = env.versions;
  return { runtime, versions: { [runtime]: node ?? web }, prediction: [...prediction.data] };
}

async function timeBatches(calls) {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call++) await session.run(feeds, OUTPUTS);
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000 / calls };
}
