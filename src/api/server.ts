/**
 * The server put together: endpoints, guards and metrics.
 *
 * It knows nothing of files and signals: models come in a registry, which others fill and change
 * while the server runs.
 */
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { DEFAULT_SHIP, type ShipKind } from "../shared/choices.ts";
import { createBodyBudget } from "./body.ts";
import type { Connections } from "./connections.ts";
import { addExpertAnswers } from "./expert-answers.ts";
import { addGuards } from "./guards.ts";
import { createHttp, type LogTarget } from "./http.ts";
import { type Limits, limitsWith } from "./limits.ts";
import { createMethods } from "./methods.ts";
import { createMetrics, type ExtraGauge, type ServerMetrics } from "./metrics.ts";
import { describeApi } from "./openapi.ts";
import { createOrigins } from "./origins.ts";
import { addOverview } from "./overview.ts";
import { addPage, type Page } from "./pages.ts";
import { addPredictRows } from "./predict-rows.ts";
import { addProtocol } from "./protocol.ts";
import { referencePage } from "./reference-page.ts";
import type { Registry } from "./registry.ts";
import type { TokenCheck } from "./security.ts";
import { addShipping } from "./shipping.ts";

export interface ServerOptions {
  readonly limits?: Partial<Limits>;
  /** The tokens of clients that may ask; any client on this machine if null or left out. */
  readonly tokens?: TokenCheck | null;
  /** Takes one JSON object per line. Default: nothing is logged. */
  readonly log?: LogTarget;
  /** Origins of other web pages that may ask, as "https://app.example.org". */
  readonly origins?: readonly string[];
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  readonly trustProxy?: readonly string[];
  /** Kinds of experts and gates that may be downloaded. Default: those that hold no rows. */
  readonly ship?: readonly ShipKind[];
  /** Pages besides the API's reference. */
  readonly pages?: readonly Page[];
  /** Whether the metrics cover the process too. Default false. */
  readonly processMetrics?: boolean;
  /** Whether every model can answer completely. Default: true. `ready` is false while it cannot. */
  readonly isWhole?: () => boolean;
  /** Further metrics. */
  readonly gauges?: readonly ExtraGauge[];
}

export interface ApiServer {
  /** To listen with and to inject requests into. Closing it finishes what is in flight. */
  readonly http: FastifyInstance;
  readonly log: FastifyBaseLogger;
  readonly metrics: ServerMetrics;
  readonly connections: Connections;
  readonly asksForToken: boolean;
  /**
   * Ends the server so that no request is lost: for `drainMs` it answers on, not ready, and closes
   * each connection after its answer; then it stops listening and finishes what is in flight.
   */
  stop(drainMs: number): Promise<void>;
}

/**
 * A server that is not listening yet.
 *
 * @throws INVALID_OPTION for a limit, an origin or a proxy that cannot be.
 */
export function createServer(registry: Registry, options: ServerOptions = {}): ApiServer {
  const limits = limitsWith(options.limits);
  const budget = createBodyBudget();
  const ofProcess = options.processMetrics ?? false;
  const metrics = createMetrics({
    registry,
    budget,
    ofProcess,
    gauges: options.gauges ?? [],
  });
  const { tokens = null, origins = [], trustProxy = [], log, isWhole = () => true } = options;
  const methods = createMethods();
  const { allowOf } = methods;
  const { http, connections, isStopping, stop } = createHttp({ limits, log, trustProxy, allowOf });
  const guards = { limits, budget, metrics, tokens, origins: createOrigins(origins), allowOf };
  addGuards(http, guards);
  // In a plugin, so that the guards' plugins are loaded before.
  http.register(async (server) => {
    methods.note(server);
    addProtocol(server, { registry, limits, isReady: () => !isStopping() && isWhole() });
    addPredictRows(server, { registry, limits });
    addExpertAnswers(server, { registry, limits });
    addShipping(server, { registry, ship: new Set(options.ship ?? DEFAULT_SHIP) });
    addOverview(server, registry);
    server.get("/metrics", async (_request, reply) => {
      return reply.type(metrics.contentType).send(await metrics.text());
    });
    const api = describeApi();
    const document = { path: "/openapi.json", type: "application/json", body: JSON.stringify(api) };
    for (const page of [document, referencePage(api), ...(options.pages ?? [])]) {
      addPage(server, page);
    }
  });
  const asksForToken = tokens !== null;
  return { http, log: http.log, metrics, connections, asksForToken, stop };
}
