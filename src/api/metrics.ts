/**
 * Prometheus metrics of one server.
 *
 * Labels have few values each: templates of paths, models that are served, experts' numbers; never
 * a text that a request brings. What is counted elsewhere is read when metrics are asked for.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry as Metrics } from "prom-client";
import { expertId } from "../mixture/index.ts";
import type { BodyBudget } from "./body.ts";
import type { Registry, ServedModel } from "./registry.ts";

/** Seconds: from one row in process to a hundred thousand in JSON. */
const LATENCY_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];

export interface ServerMetrics {
  readonly contentType: string;
  /** The text of /metrics. */
  text(): Promise<string>;
  /** Counts a request by its path's template and its status. */
  countRequest(endpoint: string, status: number, tookMs: number): void;
  /** Counts a version that was loaded, or could not be. */
  countReload(model: string, outcome: "loaded" | "failed"): void;
}

export interface ExtraGauge {
  readonly name: string;
  readonly help: string;
  read(): number | null;
}

export interface MetricsOptions {
  readonly registry: Registry;
  readonly budget: BodyBudget;
  /** Further gauges, read when metrics are asked for; one that is null is left out. */
  readonly gauges: readonly ExtraGauge[];
  /** Whether to measure the process too: memory, garbage collection, the event loop. */
  readonly ofProcess: boolean;
}

export function createMetrics(options: MetricsOptions): ServerMetrics {
  const { registry, budget, ofProcess } = options;
  const metrics = new Metrics();
  const registers = [metrics];
  if (ofProcess) addProcessMetrics(metrics);
  addModelMetrics(metrics, registry);
  new Gauge({
    name: "bailiwick_queue_rows",
    help: "Rows that wait for a prediction.",
    registers,
    collect() {
      this.set(registry.queue.rows);
    },
  });
  new Gauge({
    name: "bailiwick_body_bytes",
    help: "Bytes of request bodies in memory.",
    registers,
    collect() {
      this.set(budget.used);
    },
  });
  for (const { name, help, read } of options.gauges) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read();
        if (value === null) this.remove();
        else this.set(value);
      },
    });
  }
  const latency = new Histogram({
    name: "bailiwick_request_duration_seconds",
    help: "Time from a request's headers to its answer.",
    labelNames: ["endpoint"],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const requests = new Counter({
    name: "bailiwick_requests_total",
    help: "Requests by endpoint and status.",
    labelNames: ["endpoint", "status"],
    registers,
  });
  const reloads = new Counter({
    name: "bailiwick_reloads_total",
    help: "Versions that were loaded while serving, or could not be.",
    labelNames: ["model", "outcome"],
    registers,
  });
  return {
    contentType: metrics.contentType,
    text: () => metrics.metrics(),
    countRequest: (endpoint, status, tookMs) => {
      requests.inc({ endpoint, status });
      latency.observe({ endpoint }, tookMs / 1000);
    },
    countReload: (model, outcome) => reloads.inc({ model, outcome }),
  };
}

/** Memory, garbage collection, the event loop; without gauges that are named as counters are. */
function addProcessMetrics(metrics: Metrics): void {
  collectDefaultMetrics({ register: metrics });
  for (const { name, type } of metrics.getMetricsAsArray()) {
    if (name.endsWith("_total") && String(type) !== "counter") metrics.removeSingleMetric(name);
  }
}

/** Counters that are kept with the models, copied when they are asked for. */
function addModelMetrics(metrics: Metrics, { models }: Registry): void {
  const fromModels = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    each: (model: ServedModel, set: (labels: Record<L, string>, value: number) => void) => void,
  ): void => {
    new Counter({
      name,
      help,
      labelNames,
      registers: [metrics],
      collect() {
        this.reset();
        const set = (labels: Record<L, string>, value: number): void => this.inc(labels, value);
        for (const model of models.values()) each(model, set);
      },
    });
  };
  fromModels(
    "bailiwick_rows_total",
    "Rows answered, by the expert they went to.",
    ["model", "expert"],
    ({ name: model, traffic }, set) => {
      traffic.byExpert.forEach((counts, m) => {
        for (const [k, count] of counts.entries()) set({ model, expert: expertId(m, k) }, count);
      });
    },
  );
  fromModels(
    "bailiwick_novel_rows_total",
    "Rows unlike what their expert was trained on.",
    ["model"],
    ({ name: model, traffic }, set) => {
      set({ model }, traffic.novelRows);
    },
  );
  fromModels(
    "bailiwick_judged_rows_total",
    "Rows whose novelty was measured.",
    ["model"],
    ({ name: model, traffic }, set) => {
      set({ model }, traffic.judgedRows);
    },
  );
  new Gauge({
    name: "bailiwick_model_info",
    help: "The version that is served where none is named.",
    labelNames: ["model", "version", "digest"],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { name: model, current } of models.values()) {
        this.set({ model, version: current.version, digest: current.bundle.digest }, 1);
      }
    },
  });
}
