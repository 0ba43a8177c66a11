// A slow link: a relay of TCP connections that share a rate each way, with a delay. A browser's own
// throttling reaches neither workers nor all sockets. A new connection costs one round trip, as a
// handshake does; slow start, loss and TLS are not imitated.
import { connect, createServer } from "node:net";

/** What a rate is counted by. */
const PACKET_BYTES = 1460;

/** @returns The port in place of `port`, and what closes it. */
export async function startLink(port, { bitsPerSecond, roundTripMs }) {
  const [up, down] = [createLane(), createLane()];
  /** When bytes that are sent now arrive: after all that was sent before them on this way. */
  function createLane() {
    let freeAt = 0;
    return (bytes, earliest) => {
      freeAt = Math.max(Date.now(), freeAt, earliest) + (8000 * bytes) / bitsPerSecond;
      return freeAt + roundTripMs / 2;
    };
  }
  const sockets = new Set();
  const relay = createServer((near) => {
    const openAt = Date.now() + roundTripMs;
    const far = connect(port, "127.0.0.1");
    for (const [from, to, lane] of [
      [near, far, up],
      [far, near, down],
    ]) {
      sockets.add(from);
      const later = createQueue();
      from.setNoDelay(true);
      from.on("data", (chunk) => {
        for (let at = 0; at < chunk.length; at += PACKET_BYTES) {
          const part = chunk.subarray(at, at + PACKET_BYTES);
          later(lane(part.length, openAt), () => to.destroyed || to.write(part));
        }
      });
      from.on("end", () => later(lane(0, openAt), () => to.end()));
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
    }
  });
  await new Promise((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    relay.close();
  };
  return { port: relay.address().port, close };
}

/** Calls in the order in which they are given, each at its time: timers alone may overtake. */
function createQueue() {
  const waiting = [];
  const run = () => {
    while (waiting.length > 0 && waiting[0].at <= Date.now()) waiting.shift().call();
    if (waiting.length > 0) setTimeout(run, Math.max(1, waiting[0].at - Date.now()));
  };
  return (at, call) => {
    waiting.push({ at, call });
    if (waiting.length === 1) setTimeout(run, Math.max(1, at - Date.now()));
  };
}
