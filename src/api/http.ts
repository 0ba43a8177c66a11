/**
 * The HTTP server below the endpoints: its limits, its log, and how it ends.
 *
 * Closing it lets requests in flight finish, takes no new ones and, after a while, cuts off who
 * still has not come to an end.
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import fastify, { type FastifyInstance, LogController } from "fastify";
import type { Limits } from "./limits.ts";
import { answerError, pathOf, sendError } from "./refusal.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** True if anyone may ask, without a token and in any number. */
    open?: boolean;
  }
}

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogTarget {
  readonly level: LogLevel;
  write(line: string): void;
}

/** A request's own id is kept if it cannot break a line of a log or a header. */
const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;
const MAX_HEADER_BYTES = 16 << 10;
const MAX_PATH_PART_CHARS = 500;
/** How often connections are looked over for those that are too slow. */
const SLOW_CHECK_MS = 1000;

export interface Http {
  readonly http: FastifyInstance;
  /** True as soon as the server is told to close. */
  isClosing(): boolean;
}

export function createHttp(limits: Limits, log?: LogTarget): Http {
  const http = fastify({
    logger: log === undefined ? false : { level: log.level, stream: log },
    // One line a request, of our own (guards.ts).
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(),
    frameworkErrors: answerError,
    clientErrorHandler: answerBrokenRequest,
    return503OnClosing: false,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PATH_PART_CHARS },
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: SLOW_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
  });
  http.server.maxConnections = limits.maxConnections;
  http.setErrorHandler(answerError);
  http.setNotFoundHandler((request, reply) => {
    return sendError(reply.status(404), `no such endpoint: ${request.method} ${pathOf(request)}`);
  });
  let closing = false;
  http.addHook("preClose", async () => {
    closing = true;
    setTimeout(() => http.server.closeAllConnections(), limits.drainTimeoutMs).unref();
  });
  // Else a closing server would wait for connections that are kept alive.
  http.addHook("onSend", (_request, reply, payload, done) => {
    if (closing) reply.header("connection", "close");
    done(null, payload);
  });
  return { http, isClosing: () => closing };
}

/** The id that a request brings; else one that no other request of any server has. */
function requestIds(): (request: { readonly headers: Record<string, unknown> }) => string {
  const prefix = randomBytes(4).toString("hex");
  let nRequests = 0;
  return ({ headers }) => {
    const given = headers["x-request-id"];
    if (typeof given === "string" && REQUEST_ID.test(given)) return given;
    return `${prefix}-${(nRequests++).toString(36)}`;
  };
}

/** Answers what is not HTTP, or comes too slowly, and closes the connection. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  // What comes after a last request was answered already.
  if (!socket.writable || error.code === "HPE_CLOSED_CONNECTION") {
    socket.destroy();
    return;
  }
  const [status, message] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", `headers must be at most ${MAX_HEADER_BYTES} bytes`]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ["408 Request Timeout", "the request must arrive in time"]
        : ["400 Bad Request", "the request must be HTTP"];
  const body = JSON.stringify({ error: message });
  const head = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`);
}
