/**
 * What every request passes: headers, who asks, how often, its body; and what is counted of it.
 *
 * A hook costs every request, so there is one before and one after.
 */
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type BodyBudget, isBinary, receiveBody, releaseBody } from "./body.ts";
import type { Limits } from "./limits.ts";
import type { ServerMetrics } from "./metrics.ts";
import { Refusal } from "./refusal.ts";
import { refuseStranger, SECURITY_HEADERS, type TokenCheck } from "./security.ts";

/** The addresses whose requests of this second are counted; the oldest are forgotten. */
const MAX_COUNTED_CLIENTS = 10_000;

export interface GuardOptions {
  readonly limits: Limits;
  readonly budget: BodyBudget;
  readonly metrics: ServerMetrics;
  readonly tokens: TokenCheck | null;
  isClosing(): boolean;
}

export function addGuards(http: FastifyInstance, options: GuardOptions): void {
  const { limits, budget, metrics, tokens, isClosing } = options;
  http.decorateRequest("bodyBytes", 0);
  http.addHook("onRequest", (request, reply, done) => {
    reply.headers(SECURITY_HEADERS);
    reply.header("x-request-id", request.id);
    if (request.method === "POST") releaseBody(request, reply, budget);
    const isOpen = request.routeOptions.config.open === true;
    if (isClosing() && !isOpen) return done(new Refusal(503, "the server is about to stop", 1));
    const refusal = isOpen && tokens !== null ? null : refuseStranger(request, tokens);
    if (refusal === null) return done();
    if (refusal.status === 401) reply.header("www-authenticate", "Bearer");
    return done(refusal);
  });
  http.addHook("onResponse", (request, reply, done) => {
    const { url = "none" } = request.routeOptions;
    metrics.countRequest(url, reply.statusCode, reply.elapsedTime);
    const { statusCode: status, elapsedTime: tookMs } = reply;
    request.log.debug({ method: request.method, endpoint: url, status, tookMs }, "answered");
    done();
  });
  if (limits.maxRequestsPerSecond > 0) addRateLimit(http, limits.maxRequestsPerSecond);
  addBodies(http, options);
}

function addRateLimit(http: FastifyInstance, max: number): void {
  http.register(rateLimit, {
    max,
    timeWindow: 1000,
    cache: MAX_COUNTED_CLIENTS,
    allowList: (request: FastifyRequest) => request.routeOptions.config.open === true,
    errorResponseBuilder: () =>
      new Refusal(429, `a client must ask at most ${max} times a second`, 1),
  });
}

/** Bodies reach the endpoints as bytes, whatever their type is called. */
function addBodies(http: FastifyInstance, { limits, budget }: GuardOptions): void {
  http.removeAllContentTypeParsers();
  http.addContentTypeParser("*", async (request: FastifyRequest) => {
    const { "content-type": type, "content-encoding": encoding = "identity" } = request.headers;
    if (type !== undefined && !isBinary(request) && !/^application\/json\b/i.test(type)) {
      throw new Refusal(415, "content-type must be application/json or application/octet-stream");
    }
    if (encoding !== "identity") throw new Refusal(415, "content-encoding must be identity");
    return receiveBody(request, limits, budget);
  });
}
