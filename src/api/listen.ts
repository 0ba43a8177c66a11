/**
 * Binding to a host's addresses.
 *
 * A name such as `localhost` may stand for several addresses. Each is listened on, and every
 * connection goes to one HTTP server, so that its limits, time-outs and end hold for all of them.
 */
import { lookup } from "node:dns/promises";
import { createServer as createListener, type Server as Listener } from "node:net";
import { BailiwickError } from "../shared/errors.ts";
import { hasCode } from "../shared/files.ts";
import { checkExposure } from "./security.ts";
import type { ApiServer } from "./server.ts";

/** What the system says, in the words of what must hold. */
const MUST_BY_CODE: Readonly<Record<string, string>> = {
  EADDRINUSE: "must be free, something listens there already",
  EACCES: "must be allowed to this user (ports below 1024 often are not)",
  EADDRNOTAVAIL: "must be an address of this machine",
  ENOTFOUND: "must be an address of this machine",
};

interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * The server's address, for example "http://127.0.0.1:8080".
 *
 * @param port - 0 for any free one.
 * @throws INVALID_OPTION if other machines could reach a server that asks for no token.
 * @throws PORT_UNAVAILABLE if the system refuses an address; then nothing listens.
 */
export async function listen(server: ApiServer, { host, port }: Place): Promise<string> {
  checkExposure(host, server.asksForToken);
  try {
    return await listenOnAll(server, await addressesOf(host), port);
  } catch (cause) {
    await server.http.close();
    throw refusedAddress({ host, port }, cause);
  }
}

/** In the order that the system prefers. */
async function addressesOf(host: string): Promise<readonly string[]> {
  const addresses = await lookup(host, { all: true });
  return [...new Set(addresses.map(({ address }) => address))];
}

/** An address that the machine names but does not have is left out, if it has another one. */
async function listenOnAll(
  server: ApiServer,
  addresses: readonly string[],
  port: number,
): Promise<string> {
  let first: string | null = null;
  for (const [place, host] of addresses.entries()) {
    try {
      if (first === null) first = await server.http.listen({ host, port });
      else await listenToo(server, { host, port: Number(new URL(first).port) });
    } catch (cause) {
      const isLast = place === addresses.length - 1 && first === null;
      if (isLast || !hasCode(cause, "EADDRNOTAVAIL", "EAFNOSUPPORT")) throw cause;
    }
  }
  return first!;
}

async function listenToo(server: ApiServer, place: Place): Promise<void> {
  const listener = createListener({ allowHalfOpen: true, noDelay: true }, (socket) => {
    server.http.server.emit("connection", socket);
  });
  await bound(listener, place);
  server.connections.add(listener);
}

function bound(listener: Listener, { host, port }: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once("error", reject);
    listener.listen({ host, port }, () => {
      listener.off("error", reject);
      resolve();
    });
  });
}

function refusedAddress({ host, port }: Place, cause: unknown): unknown {
  if (!(cause instanceof Error) || !("syscall" in cause) || !("code" in cause)) return cause;
  const must = MUST_BY_CODE[String(cause.code)] ?? `must be free to bind to, got ${cause.code}`;
  const message = `${host}:${port} ${must}`;
  return new BailiwickError("PORT_UNAVAILABLE", message, { host, port }, cause);
}
