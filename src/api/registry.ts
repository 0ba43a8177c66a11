/**
 * The models that are served, each in one or more versions.
 *
 * A request finds its version once and keeps it to the end, so that a new version is served by one
 * assignment: requests before it get the old version's answer, whole, requests after it the new
 * one's. A version that no request keeps is garbage.
 */
import type { Bundle } from "../bundle/index.ts";
import { applyPreprocessing, tableFromRecords } from "../data/index.ts";
import { type Engine, predictExpert } from "../experts/index.ts";
import { type Contributor, createContributor } from "../explain/index.ts";
import { predictMatrix } from "../mixture/index.ts";
import { today } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { RoutedPrediction } from "./answer.ts";
import {
  type Batcher,
  type BatchLimits,
  createBatcher,
  createSender,
  type RowQueue,
} from "./batcher.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { type Novelty, noveltyOf } from "./novelty.ts";
import { shorten } from "./refusal.ts";
import { createTraffic, type Traffic } from "./traffic.ts";
import { type RowWatch, watchRows } from "./unlike-rows.ts";

/** The answers of an expert of the version to rows as experts see them, standardised. */
export type ExpertAnswerer = (hash: string, X: Matrix) => Float32Array;

/** A version of a model, ready to answer. */
export interface LoadedVersion {
  /** The model's name. */
  readonly name: string;
  /** Of all versions of the model. */
  readonly traffic: Traffic;
  /** As the protocol has it: a text. */
  readonly version: string;
  readonly bundle: Bundle;
  readonly batcher: Batcher;
  /** null if experts answer elsewhere. */
  readonly answerExpert: ExpertAnswerer | null;
  /** null if the bundle cannot tell. */
  readonly novelty: Novelty | null;
  /** What tells contributions, made when first asked for; null if the bundle cannot tell. */
  readonly contribute: () => Contributor | null;
  /** null if no column can differ from the training rows in a way that is said. */
  readonly rowWatch: RowWatch | null;
  /** ISO 8601. */
  readonly loadedAt: string;
}

export interface ServedModel {
  readonly name: string;
  /** The version that is served where none is named. */
  readonly current: LoadedVersion;
  /** All that can be named, the current one included. */
  readonly versions: ReadonlyMap<string, LoadedVersion>;
  readonly traffic: Traffic;
}

export interface RegistryOptions {
  readonly engine: Engine;
  /** Predicts by experts elsewhere. Default: by the engine in this process. */
  readonly elsewhere?: Elsewhere;
  readonly limits?: BatchLimits;
}

/** @param rowClass - null for rows that were not said to be of any. */
export type Elsewhere = (
  bundle: Bundle,
  X: Matrix,
  rowClass: string | null,
) => Promise<RoutedPrediction>;

export interface Registry {
  /** In the order they were first put. */
  readonly models: ReadonlyMap<string, ServedModel>;
  readonly queue: RowQueue;
  /**
   * Serves these versions of a model, the first as the current one, and no others.
   *
   * @throws BUNDLE_CORRUPT if one does not answer with a finite number; then nothing changes.
   */
  put(name: string, bundles: readonly [Bundle, ...Bundle[]]): void;
  /** @throws BUNDLE_NOT_FOUND if no model of this name and version is served. */
  find(name: string, version?: string): LoadedVersion;
}

export function createRegistry(options: RegistryOptions): Registry {
  const models = new Map<string, ServedModel>();
  const queue: RowQueue = { rows: 0 };
  return {
    models,
    queue,
    put: (name, bundles) => {
      const before = models.get(name);
      const { traffic } = before ?? { traffic: createTraffic() };
      const served = { name, traffic, queue };
      const [current, ...others] = bundles.map((bundle) => {
        const same = before?.versions.get(String(bundle.version));
        return same?.bundle.digest === bundle.digest ? same : load(bundle, served, options);
      });
      const loaded = [current!, ...others];
      const versions = new Map(loaded.map((version) => [version.version, version]));
      const gone = [...(before?.versions.values() ?? [])].filter((old) => !loaded.includes(old));
      models.set(name, { name, current: current!, versions, traffic });
      for (const { batcher } of gone) batcher.flush();
    },
    find: (name, version) => findVersion(models, name, version),
  };
}

interface Served {
  readonly name: string;
  readonly traffic: Traffic;
  readonly queue: RowQueue;
}

function load(
  bundle: Bundle,
  { name, traffic, queue }: Served,
  { engine, elsewhere, limits = DEFAULT_LIMITS }: RegistryOptions,
): LoadedVersion {
  const predict = (X: Matrix): RoutedPrediction => {
    const { values, routes } = predictMatrix(engine, bundle.model, X);
    return { values, routes, degraded: false };
  };
  checkAnswers(bundle, predict);
  return {
    name,
    traffic,
    version: String(bundle.version),
    bundle,
    batcher:
      elsewhere === undefined
        ? createBatcher(predict, queue, limits)
        : createSender((X, rowClass) => elsewhere(bundle, X, rowClass), queue, limits),
    answerExpert: elsewhere === undefined ? expertAnswerer(bundle, engine) : null,
    novelty: noveltyOf(bundle),
    contribute: once(() => {
      const { model, explanation } = bundle;
      return explanation && createContributor(engine, model, explanation);
    }),
    rowWatch: watchRows(bundle.model.preprocessing, {
      model: name,
      version: String(bundle.version),
    }),
    loadedAt: today(),
  };
}

function expertAnswerer({ model, manifest }: Bundle, engine: Engine): ExpertAnswerer {
  const byHash = new Map(
    manifest.members.flatMap(({ experts }, m) =>
      experts.map(({ blob }, k) => [blob, model.members[m]!.mixture.experts[k]!] as const),
    ),
  );
  return (hash, X) => predictExpert(engine, byHash.get(hash)!, X);
}

/** The same value each time, made the first time. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Predicts a row without a cell. */
function checkAnswers(
  { model: { preprocessing }, version }: Bundle,
  predict: (X: Matrix) => RoutedPrediction,
): void {
  const row = applyPreprocessing(preprocessing, tableFromRecords([{}], preprocessing));
  const [value] = predict(row).values;
  if (Number.isFinite(value)) return;
  const message = `version ${version} must answer a row with a finite number, got ${value}`;
  throw new BailiwickError("BUNDLE_CORRUPT", message, { version });
}

function findVersion(
  models: ReadonlyMap<string, ServedModel>,
  name: string,
  version: string | undefined,
): LoadedVersion {
  const model = models.get(name);
  if (model === undefined) {
    const message = `no model named "${shorten(name)}" is served`;
    throw new BailiwickError("BUNDLE_NOT_FOUND", message, { model: shorten(name) });
  }
  if (version === undefined) return model.current;
  const entry = model.versions.get(version);
  if (entry !== undefined) return entry;
  const served = [...model.versions.keys()].join(", ");
  const got = `got "${shorten(version)}"`;
  const message = `model "${name}" must be asked for in version ${served}, ${got}`;
  throw new BailiwickError("BUNDLE_NOT_FOUND", message, { model: name });
}
