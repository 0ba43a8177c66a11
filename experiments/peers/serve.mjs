// What all peers share: one JSON document a line on stdin, one answer a line on stdout.
//
// The first line is the workload: { nRows, sizes, learningRate, X, y, parameters }, arrays as
// base64 of little-endian float32. The answer is { versions, styles } or { unavailable: why }.
// Every further line, { style, batch }, asks for one more epoch of the net that is trained in that
// style with that batch. The answer is { cpuMs, mse }: CPU time of this process for the epoch, and
// the mean squared error over all rows after it, which is not timed.
import { createInterface } from "node:readline";

/**
 * Answers until stdin ends.
 *
 * @param start - Gets the workload; returns { versions, styles }, `styles` a record of functions
 *   that take the batch and return a net { epoch(order), mse() }.
 */
export async function serve(start) {
  let peer;
  const nets = new Map();
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    if (peer === undefined) {
      peer = await startPeer(start, request);
      say(peer.unavailable ? peer : { versions: peer.versions, styles: Object.keys(peer.styles) });
      continue;
    }
    const key = `${request.style} ${request.batch}`;
    if (!nets.has(key)) nets.set(key, peer.styles[request.style](request.batch));
    say(timeEpoch(nets.get(key), peer.nRows));
  }
}

async function startPeer(start, request) {
  const { nRows, sizes, learningRate } = request;
  const arrays = Object.fromEntries(
    ["X", "y", "parameters"].map((name) => [name, floatsOf(request[name])]),
  );
  try {
    return { nRows, ...(await start({ nRows, sizes, learningRate, ...arrays })) };
  } catch (error) {
    return { unavailable: String(error.message).split("\n")[0] };
  }
}

function timeEpoch(net, nRows) {
  const before = process.cpuUsage();
  net.epoch(shuffled(nRows));
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, mse: net.mse() };
}

function floatsOf(text) {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  return new Float32Array(bytes.buffer);
}

function shuffled(nRows) {
  const order = Int32Array.from({ length: nRows }, (_, i) => i);
  for (let i = nRows - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function say(document) {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}
