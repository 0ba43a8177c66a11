// The peer "nats-echo": messages over a bare NATS client.
//
// node nats-echo.mjs <url> answer <i>: answers echo.<i> with the first quarter kilobyte of what it
// got and its headers. node nats-echo.mjs <url> ask: { seconds, concurrency, nMessages,
// requestBytes, headers } sends so many messages at once, turn by turn to the two responders, and
// the next when all are answered; says { perSecond } of such batches.
import { connect, headers } from "@nats-io/transport-node";
import { answerLines } from "./lines.mjs";

const ANSWER_BYTES = 256;
const [url, role, number] = process.argv.slice(2);
const nc = await connect({ servers: url });

function answer() {
  nc.subscribe(`echo.${number}`, {
    callback: (_error, msg) => {
      msg.respond(msg.data.subarray(0, ANSWER_BYTES), { headers: msg.headers });
    },
  });
  return answerLines(async () => {
    await nc.flush();
    return { ready: true };
  });
}

function ask() {
  return answerLines(async ({ seconds, concurrency, nMessages, requestBytes, headers: own }) => {
    const body = new Uint8Array(requestBytes);
    const started = performance.now();
    let nBatches = 0;
    const lane = async () => {
      while (performance.now() - started < 1000 * seconds) {
        await Promise.all(
          Array.from({ length: nMessages }, (_, i) => {
            const h = headers();
            for (const [name, value] of Object.entries(own)) h.set(name, value);
            return nc.request(`echo.${i % 2}`, body, { timeout: 5000, headers: h });
          }),
        );
        nBatches += 1;
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
    return { perSecond: (1000 * nBatches) / (performance.now() - started) };
  });
}

await (role === "answer" ? answer() : ask());
