/**
 * `GET /v1/overview`: everything a page about the server shows, as one document: models, versions
 * and hashes, the expert of each regime, and the traffic so far.
 */
import type { FastifyInstance } from "fastify";
import { inputColumns, type NumberFeature, type Preprocessing } from "../data/index.ts";
import { alternativesInWords, type RegimeCard } from "../explain/index.ts";
import { highestLevel } from "../mixture/index.ts";
import { nowMs } from "../shared/clock.ts";
import { packageVersion } from "../shared/version.ts";
import { historyFacts } from "./history.ts";
import type { LoadedVersion, Registry, ServedModel } from "./registry.ts";
import { latencyQuantiles, type Traffic } from "./traffic.ts";

export function addOverview(server: FastifyInstance, registry: Registry): void {
  const startedMs = nowMs();
  server.get("/v1/overview", () => ({
    server: {
      version: packageVersion(),
      uptimeS: (nowMs() - startedMs) / 1000,
      queueRows: registry.queue.rows,
    },
    models: Array.from(registry.models.values(), describe),
  }));
}

function describe({ name, current, versions, traffic }: ServedModel): object {
  const { manifest, model, explanation } = current.bundle;
  const { features, target, statistics } = model.preprocessing;
  const { intervals } = model;
  const { metrics, verdict } = manifest.provenance;
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  return {
    name,
    version: current.version,
    versions: Array.from(versions.values(), versionFacts),
    target: target.name,
    features: inputColumns({ features }).map(({ name: column, type }) => {
      const feature = byName.get(column);
      if (feature === undefined) return { name: column, type };
      return feature.type === "number"
        ? { name: column, type, median: feature.median, range: usualRange(feature, statistics) }
        : { name: column, type, levels: feature.levels };
    }),
    members: manifest.members.map(({ weight, recombination, gate, experts }, m) => ({
      weight,
      recombination,
      gate: gate === null ? null : { kind: gate.kind, blob: gate.blob },
      experts: experts.map(({ id, kind, blob, share, residuals }, k) => ({
        id,
        kind,
        blob,
        share,
        residuals,
        rowsServed: traffic.byExpert[m]?.[k] ?? 0,
        regime: regimeFacts(explanation?.members[m]?.experts[k]?.card),
      })),
    })),
    verdict,
    expected: metrics,
    highestInterval: intervals === undefined ? null : highestLevel(intervals),
    isExplained: explanation !== null,
    traffic: trafficFacts(traffic),
  };
}

/** Where 90 % of the training values lie; near it for bundles that keep no quantiles. */
function usualRange(
  { name, mean, scale }: NumberFeature,
  statistics: Preprocessing["statistics"] = [],
): readonly [number, number] {
  const kept = statistics.find((column) => column.name === name)?.quantiles ?? [];
  const [low, high] = [kept[0], kept.at(-1)];
  if (low !== undefined && high !== undefined && low < high) return [low, high];
  return [mean - NORMAL_90 * scale, mean + NORMAL_90 * scale];
}

/** Standard deviations around the mean within which 90 % of a normal distribution lie. */
const NORMAL_90 = 1.645;

/** Where the expert rules, in words; null if the bundle cannot tell. */
function regimeFacts(card: RegimeCard | undefined): object | null {
  if (card === undefined) return null;
  const { rule, boundaryShare, nRows } = card;
  const [purity, coverage] = rule === null ? [null, null] : [rule.purity, rule.coverage];
  return { where: alternativesInWords(card), purity, coverage, boundaryShare, nRows };
}

function versionFacts({ version, bundle, loadedAt }: LoadedVersion): object {
  const { digest, manifest } = bundle;
  return { version, digest, loadedAt, createdAt: manifest.createdAt };
}

function trafficFacts(traffic: Traffic): object {
  const [p50Ms, p95Ms, p99Ms] = latencyQuantiles(traffic, [0.5, 0.95, 0.99]);
  const { requests, rows, novelRows, judgedRows } = traffic;
  return {
    requests,
    rows,
    latency: { p50Ms, p95Ms, p99Ms },
    noveltyRate: judgedRows === 0 ? null : novelRows / judgedRows,
    history: historyFacts(traffic.history),
  };
}
