/**
 * The HTTP server below the endpoints: its limits, its log, and how it ends.
 *
 * It ends in steps, so that no request is lost. Draining, it answers all requests and closes each
 * connection after its answer, while `/v2/health/ready` says 503 and a load balancer turns to
 * others. Then it stops listening at a moment without new connections, because the system resets
 * connections that are not accepted yet: for that moment answers are held back, so that clients
 * which ask again and again wait for them. Then requests in flight finish.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import fastify, { type FastifyInstance, LogController } from "fastify";
import { BailiwickError } from "../shared/errors.ts";
import { answerBrokenRequest, answerTunnel, MAX_HEADER_BYTES } from "./broken-request.ts";
import { type Connections, followConnections } from "./connections.ts";
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

/** The id that a request brings is kept if it cannot break a line of a log or a header. */
const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;
const MAX_PATH_PART_CHARS = 500;
/** How often connections are looked over for those that are too slow. */
const SLOW_CHECK_MS = 1000;

export interface HttpOptions {
  readonly limits: Limits;
  readonly log?: LogTarget | undefined;
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  readonly trustProxy: readonly string[];
  /** The methods that a path takes, for the header Allow; null for a path that is none. */
  allowOf(path: string): string | null;
}

export interface Http {
  readonly http: FastifyInstance;
  readonly connections: Connections;
  /** True from the beginning of the stop. */
  isStopping(): boolean;
  /** Answers for `drainMs` more, each answer the last of its connection; then closes. */
  stop(drainMs: number): Promise<void>;
}

export function createHttp(options: HttpOptions): Http {
  const { limits } = options;
  const http = createFastify(options);
  const connections = followConnections(http.server, limits.maxConnections);
  http.server.on("connect", answerTunnel);
  http.setErrorHandler(answerError);
  http.setNotFoundHandler((request, reply) => {
    return sendError(reply.status(404), `no such endpoint: ${request.method} ${pathOf(request)}`);
  });
  let isStopping = false;
  let held: { readonly until: Promise<void>; end(): void } | null = null;
  http.addHook("preClose", async () => {
    isStopping = true;
    const closed = connections.close(limits.drainTimeoutMs);
    held?.end();
    held = null;
    await closed;
  });
  http.addHook("onSend", (_request, reply, payload, done) => {
    if (isStopping) reply.header("connection", "close");
    if (held === null) done(null, payload);
    else void held.until.then(() => done(null, payload));
  });
  const stop = async (drainMs: number): Promise<void> => {
    isStopping = true;
    if (drainMs > 0) {
      await wait(drainMs);
      const { promise: until, resolve: end } = withResolvers();
      held = { until, end };
      await connections.settled();
    }
    await http.close();
  };
  return { http, connections, isStopping: () => isStopping, stop };
}

function withResolvers(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** @throws INVALID_OPTION for a proxy that is no address, network or name of networks. */
function createFastify({ limits, log, trustProxy, allowOf }: HttpOptions): FastifyInstance {
  try {
    return fastify({
      logger: log === undefined ? false : { level: log.level, stream: log },
      // Requests are logged by guards.ts, one line each.
      logController: new LogController({ disableRequestLogging: true }),
      genReqId: requestIds(),
      frameworkErrors: answerError,
      clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, allowOf),
      return503OnClosing: false,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
      routerOptions: {
        ignoreTrailingSlash: true,
        ignoreDuplicateSlashes: true,
        maxParamLength: MAX_PATH_PART_CHARS,
      },
      http: {
        headersTimeout: limits.headersTimeoutMs,
        connectionsCheckingInterval: SLOW_CHECK_MS,
        maxHeaderSize: MAX_HEADER_BYTES,
      },
    });
  } catch (cause) {
    if (!(cause instanceof TypeError) || trustProxy.length === 0) throw cause;
    const message = `proxies must be addresses or networks, got "${trustProxy.join(",")}"`;
    throw new BailiwickError("INVALID_OPTION", message, {}, cause);
  }
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
