/**
 * The connections of one server: how many there may be, which one goes when there are too many,
 * and how all of them end.
 *
 * A client that sends a header or a body slowly, or nothing at all, costs a connection for as long
 * as the time-outs allow. Such connections must not keep others out: where the limit is reached,
 * the connection that has waited longest for its client makes room, one that was never answered
 * before one that was.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Server as Listener, Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { nowMs } from "../shared/clock.ts";

export interface Connections {
  /** Another listener whose connections are the server's; it is closed with the server. */
  add(listener: Listener): void;
  /** Returns when no connection has been opened for a moment, or after `SETTLE_MS`. */
  settled(): Promise<void>;
  /** Stops listening, lets requests in flight finish, and cuts off the rest after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

interface Connection {
  readonly socket: Socket;
  /** The request that is being received or answered; null between requests. */
  request: IncomingMessage | null;
  isProven: boolean;
  sinceMs: number;
}

/** Time for bytes that are under way when the server stops listening. */
const LAST_BYTES_MS = 50;
/** Without a new connection for this long, nobody is connecting. */
const QUIET_MS = 30;
const SETTLE_MS = 1000;
const LOOK_EVERY_MS = 5;

/** Follows the connections of `server`, of which there are at most `maxConnections`. */
export function followConnections(server: Server, maxConnections: number): Connections {
  const open = new Map<Socket, Connection>();
  const listeners: Listener[] = [server];
  let isClosing = false;
  let openedMs = nowMs();

  server.on("connection", (socket: Socket) => {
    openedMs = nowMs();
    if (open.size >= maxConnections) (longestWaiting(open.values())?.socket ?? socket).destroy();
    if (socket.destroyed) return;
    open.set(socket, { socket, request: null, isProven: false, sinceMs: openedMs });
    socket.once("close", () => open.delete(socket));
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const connection = open.get(request.socket);
    if (connection === undefined) return;
    connection.request = request;
    connection.sinceMs = nowMs();
    response.once("close", () => {
      connection.request = null;
      connection.isProven = true;
      connection.sinceMs = nowMs();
      if (isClosing) connection.socket.destroySoon();
    });
  });

  return {
    add: (listener) => void listeners.push(listener),
    settled: async () => {
      const endMs = nowMs() + SETTLE_MS;
      const startMs = nowMs();
      while (nowMs() - Math.max(openedMs, startMs) < QUIET_MS && nowMs() < endMs) {
        await wait(LOOK_EVERY_MS);
      }
    },
    close: async (timeoutMs) => {
      isClosing = true;
      const ends = [...open.keys()].map(ended);
      for (const listener of listeners) if (listener.listening) listener.close();
      if (ends.length > 0) await wait(LAST_BYTES_MS);
      for (const { socket, request } of open.values()) if (request === null) socket.destroySoon();
      await Promise.race([Promise.all(ends), wait(timeoutMs, undefined, { ref: false })]);
      for (const socket of open.keys()) socket.destroy();
    },
  };
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

/** Of the connections that wait for their clients; undefined if all are being answered. */
function longestWaiting(connections: Iterable<Connection>): Connection | undefined {
  let longest: Connection | undefined;
  for (const one of connections) {
    if (one.request?.complete === true) continue;
    if (longest === undefined || goesBefore(one, longest)) longest = one;
  }
  return longest;
}

function goesBefore(one: Connection, other: Connection): boolean {
  if (one.isProven !== other.isProven) return other.isProven;
  return one.sinceMs < other.sinceMs;
}
