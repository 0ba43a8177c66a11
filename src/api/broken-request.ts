/**
 * What never becomes a request: bytes that are not HTTP, a method that HTTP does not have, a header
 * or a body that comes too slowly. It is answered, and its connection is closed at once, whether or
 * not the client closes its side.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

export const MAX_HEADER_BYTES: number = 16 << 10;
/** Methods of some endpoint, for a path that is none. */
const ANY_METHODS = "GET, HEAD, POST";
/** Of a request's first line, what is read for its path. */
const MAX_LINE_BYTES = 4096;

interface BrokenRequest extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
}

/** @param allowOf - The methods that a path takes; null for a path that is none. */
export function answerBrokenRequest(
  error: BrokenRequest,
  socket: Socket,
  allowOf: (path: string) => string | null,
): void {
  // What comes after a last request was answered already.
  if (!socket.writable || error.code === "HPE_CLOSED_CONNECTION") {
    socket.destroy();
    return;
  }
  answerLast(socket, ...refusalFor(error, allowOf));
}

type BareRefusal = readonly [status: string, message: string, headers?: string];

function refusalFor(
  { code, rawPacket }: BrokenRequest,
  allowOf: (path: string) => string | null,
): BareRefusal {
  const path = code === "HPE_INVALID_METHOD" ? pathIn(rawPacket) : null;
  if (path !== null) return methodRefusal(allowOf(path));
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return ["408 Request Timeout", "the request must arrive in time"];
  }
  if (code !== "HPE_HEADER_OVERFLOW") return ["400 Bad Request", "the request must be HTTP"];
  const message = `headers must be at most ${MAX_HEADER_BYTES} bytes`;
  return ["431 Request Header Fields Too Large", message];
}

/** Answers CONNECT, which Node hands over as a bare connection. */
export function answerTunnel(_request: IncomingMessage, socket: Duplex): void {
  answerLast(socket, ...methodRefusal(null));
}

function methodRefusal(methods: string | null): BareRefusal {
  const allow = methods ?? ANY_METHODS;
  const message = `the method must be ${allow.replaceAll(", ", " or ")}`;
  return ["405 Method Not Allowed", message, `allow: ${allow}\r\n`];
}

/** The path in a request's first line; null if it is not one of HTTP. */
function pathIn(packet: unknown): string | null {
  if (!Buffer.isBuffer(packet)) return null;
  const [line = ""] = packet.toString("latin1", 0, MAX_LINE_BYTES).split("\r\n");
  const [, path, protocol, ...more] = line.split(" ");
  return more.length === 0 && protocol?.startsWith("HTTP/") === true ? (path ?? null) : null;
}

function answerLast(socket: Duplex, status: string, message: string, headers = ""): void {
  const body = JSON.stringify({ error: message });
  const head =
    `HTTP/1.1 ${status}\r\n${headers}content-type: application/json\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
}
