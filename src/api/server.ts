/**
 * The server put together: what is asked, who may ask, what is counted.
 *
 * Knows nothing of files and signals: models come in a registry, which others fill and change
 * while the server runs.
 */
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { BodyBudget } from "./body.ts";
import { addGuards } from "./guards.ts";
import { createHttp, type LogTarget } from "./http.ts";
import { type Limits, limitsWith } from "./limits.ts";
import { refuseOtherMethods } from "./methods.ts";
import { createMetrics, type ExtraGauge, type ServerMetrics } from "./metrics.ts";
import { describeApi } from "./openapi.ts";
import { addOverview } from "./overview.ts";
import { addPage, type Page } from "./pages.ts";
import { addPredictRows } from "./predict-rows.ts";
import { addProtocol } from "./protocol.ts";
import { referencePage } from "./reference-page.ts";
import type { Registry } from "./registry.ts";
import type { TokenCheck } from "./security.ts";

export interface ServerOptions {
  readonly limits?: Partial<Limits>;
  /** Who may ask; anyone on this machine if null or left out. */
  readonly tokens?: TokenCheck | null;
  /** Takes one JSON object a line; nothing is logged if left out. */
  readonly log?: LogTarget;
  /** Pages besides the API's reference. */
  readonly pages?: readonly Page[];
  /** Whether the metrics tell of the process too. Default false. */
  readonly processMetrics?: boolean;
  /** Of what the server works with. */
  readonly gauges?: readonly ExtraGauge[];
}

export interface ApiServer {
  /** To listen with and to inject requests into. Closing it finishes what is in flight. */
  readonly http: FastifyInstance;
  readonly log: FastifyBaseLogger;
  readonly metrics: ServerMetrics;
  readonly asksForToken: boolean;
}

/** A server that is not listening yet. @throws INVALID_OPTION for a limit that cannot be. */
export function createServer(registry: Registry, options: ServerOptions = {}): ApiServer {
  const limits = limitsWith(options.limits);
  const budget: BodyBudget = { used: 0 };
  const ofProcess = options.processMetrics ?? false;
  const metrics = createMetrics({
    registry,
    budget,
    ofProcess,
    gauges: options.gauges ?? [],
  });
  const { tokens = null } = options;
  const { http, isClosing } = createHttp(limits, options.log);
  addGuards(http, { limits, budget, metrics, tokens, isClosing });
  // In a plugin of its own, so that the guards' plugins are loaded before.
  http.register(async (server) => {
    const refuseOthers = refuseOtherMethods(server);
    addProtocol(server, { registry, limits, isReady: () => !isClosing() });
    addPredictRows(server, { registry, limits });
    addOverview(server, registry);
    server.get("/metrics", async (_request, reply) => {
      return reply.type(metrics.contentType).send(await metrics.text());
    });
    const api = describeApi();
    const document = { path: "/openapi.json", type: "application/json", body: JSON.stringify(api) };
    for (const page of [document, referencePage(api), ...(options.pages ?? [])]) {
      addPage(server, page);
    }
    refuseOthers();
  });
  return { http, log: http.log, metrics, asksForToken: tokens !== null };
}
