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
import { Server as Listener, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { nowMs } from "../shared/clock.ts";

export interface Connections {
  /** Another listener whose connections are the server's; it is closed with the server. */
  add(listener: Listener): void;
  /** Returns when no connection has been opened for some turns, or after many. */
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

/** In each turn the server reads what has arrived: a busy machine may be late, it skips none. */
const TURN_MS = 10;
/** After this many turns without one, no client is connecting, or sending a request. */
const QUIET_TURNS = 8;
const MOST_TURNS = 100;

/** Follows the connections of `server`, of which there are at most `maxConnections`. */
export function followConnections(server: Server, maxConnections: number): Connections {
  const open = new Map<Socket, Connection>();
  const listeners: Listener[] = [server];
  let isClosing = false;
  /** Turns since the last connection, and since the last request, while turns are counted. */
  const turns = { connection: 0, request: 0 };

  server.on("connection", (socket: Socket) => {
    turns.connection = 0;
    if (open.size >= maxConnections) (longestWaiting(open.values())?.socket ?? socket).destroy();
    if (socket.destroyed) return;
    open.set(socket, { socket, request: null, isProven: false, sinceMs: nowMs() });
    socket.once("close", () => open.delete(socket));
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const connection = open.get(request.socket);
    if (connection === undefined) return;
    turns.request = 0;
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
    settled: () => quiet(turns, "connection"),
    close: async (timeoutMs) => {
      isClosing = true;
      const ends = [...open.keys()].map(ended);
      for (const listener of listeners) stopListening(listener);
      if (ends.length > 0) await quiet(turns, "request");
      for (const { socket, request } of open.values()) if (request === null) socket.destroySoon();
      await Promise.race([Promise.all(ends), wait(timeoutMs, undefined, { ref: false })]);
      for (const socket of open.keys()) socket.destroy();
    },
  };
}

/** Returns after enough turns without the event, or after many turns. Sets its count to 0 first. */
async function quiet<K extends string>(turns: Record<K, number>, event: K): Promise<void> {
  turns[event] = 0;
  for (let turn = 0; turn < MOST_TURNS && turns[event] < QUIET_TURNS; turn++) {
    await wait(TURN_MS);
    await nextTurn();
    turns[event]++;
  }
}

/** Not by the close of an HTTP server: it resets connections whose next request is under way. */
function stopListening(listener: Listener): void {
  if (listener.listening) Listener.prototype.close.call(listener);
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
