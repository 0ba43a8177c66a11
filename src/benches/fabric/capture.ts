/** All bytes to and from a server, kept by a relay before it. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface Capture {
  /** The server's address through the relay. */
  readonly url: string;
  /** Each connection's bytes each way, and forgets them. */
  take(): readonly Buffer[];
  close(): Promise<void>;
}

/** @param url - As nats://127.0.0.1:4222. */
export async function startCapture(url: string): Promise<Capture> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let streams: Buffer[][] = [];
  const pass = (from: Socket, to: Socket): void => {
    let chunks: Buffer[] = [];
    let kept = streams;
    kept.push(chunks);
    from.on("data", (chunk: Buffer) => {
      if (kept !== streams) {
        [chunks, kept] = [[], streams];
        kept.push(chunks);
      }
      chunks.push(chunk);
    });
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const relay = createServer((client) => {
    const server = connect({ host: hostname, port: Number(port) });
    for (const socket of [client, server]) sockets.add(socket.setNoDelay());
    pass(client, server);
    pass(server, client);
  }).listen(0, "127.0.0.1");
  await once(relay, "listening");
  const address = relay.address();
  const own = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `nats://127.0.0.1:${own}`,
    take: () => {
      const taken = streams.map((chunks) => Buffer.concat(chunks));
      streams = [];
      return taken;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => relay.close(resolve));
    },
  };
}

/**
 * No other row has it: the numbers in rows are drawn from a normal distribution. A canary has its
 * own number behind it.
 */
export const MARK = 5.4321098;

/** The rows whose mark and number stand in the bytes, of rows numbered from 0. */
export function canariesIn(streams: readonly Buffer[], nRows: number): ReadonlySet<number> {
  const mark = Buffer.from(new Float32Array([MARK]).buffer);
  const found = new Set<number>();
  for (const bytes of streams) {
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
      const number = at + 8 <= bytes.length ? bytes.readFloatLE(at + 4) : -1;
      if (Number.isInteger(number) && number >= 0 && number < nRows) found.add(number);
    }
  }
  return found;
}
