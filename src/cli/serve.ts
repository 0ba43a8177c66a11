/** `bailiwick serve`: bundles behind the Open Inference Protocol, reloaded when they change. */
import { basename, resolve } from "node:path";
import { dashboardPage } from "../api/dashboard/index.ts";
import {
  type ApiServer,
  type BundleSource,
  checkExposure,
  createRegistry,
  createServer,
  createTokenCheck,
  type Limits,
  type LogLevel,
  limitsWith,
  listen,
  readTokens,
  serveBundles,
  type TokenCheck,
} from "../api/index.ts";
import { type Borders, expertZones } from "../cluster/borders/index.ts";
import { createEngine } from "../library/index.ts";
import type { ShipKind } from "../shared/choices.ts";
import { BailiwickError } from "../shared/errors.ts";
import { readBorders } from "./borders-files.ts";
import { EMBEDDED } from "./fabric-options.ts";
import { closeAll, type Opened } from "./opened.ts";
import { note } from "./output.ts";
import type { ServeFabricFlags } from "./serve-fabric.ts";
import { firstStopSignal, type StopSignal } from "./stop-signals.ts";

export interface ServeFlags extends ServeFabricFlags {
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
  readonly origin: readonly string[];
  readonly ship: readonly ShipKind[];
  readonly trustProxy: readonly string[];
  readonly logLevel: LogLevel;
  readonly rateLimit: number;
  readonly maxRows: number;
  readonly batchWait: number;
  readonly versions: number;
  readonly drainSeconds: number;
  readonly retire?: boolean;
}

/** Serves until a signal stops the process, then finishes the requests in flight. */
export async function serveCommand(
  bundlePaths: readonly string[],
  flags: ServeFlags,
): Promise<void> {
  if (flags.retire === true) {
    return (await import("./retire.ts")).retireCommand(bundlePaths, flags);
  }
  const stopped = firstStopSignal();
  const opened: Opened = [];
  try {
    const server = await Promise.race([start(bundlePaths, flags, opened), stopped]);
    // Nothing is served yet, and a part that is still opening could keep the process alive.
    if (typeof server === "string") process.exit(0);
    await stopServing(server, await stopped, flags);
  } finally {
    await closeAll(opened);
  }
}

/** A load balancer needs time to turn to other servers; a person at the terminal does not. */
async function stopServing(
  server: ApiServer,
  signal: StopSignal,
  { drainSeconds }: ServeFlags,
): Promise<void> {
  server.log.info(`${signal}: finishing the requests in flight`);
  await server.stop(signal === "SIGTERM" ? 1000 * drainSeconds : 0);
}

/** @returns A listening server. Adds everything that it opens to `opened`. */
async function start(
  bundlePaths: readonly string[],
  flags: ServeFlags,
  opened: Opened,
): Promise<ApiServer> {
  const sources = bundlePaths.map((path) => ({ name: basename(resolve(path)), folder: path }));
  refuseEqualNames(sources);
  const tokens = await tokensOf(flags);
  checkExposure(flags.host, tokens !== null);
  const limits = limitsOf(flags);
  const borders = await readBorders(flags);
  const engine = await createEngine({ threads: 1 });
  opened.push(() => engine.close());
  const fabric =
    flags.fabric === EMBEDDED
      ? null
      : await (await import("./serve-fabric.ts")).openServedFabric({
          ...{ flags, borders, engine },
          log: note,
        });
  if (fabric !== null) opened.push(() => fabric.close());
  const elsewhere = fabric === null ? {} : { elsewhere: fabric.elsewhere };
  const registry = createRegistry({ engine, limits, ...elsewhere });
  const server = createServer(registry, {
    limits,
    tokens,
    origins: flags.origin,
    ship: shipped(flags.ship, borders),
    trustProxy: flags.trustProxy,
    log: { level: flags.logLevel, write: (line: string) => process.stderr.write(line) },
    pages: [dashboardPage()],
    gauges: fabric?.gauges ?? [],
    ...(fabric === null ? {} : { isWhole: fabric.isWhole }),
    processMetrics: true,
  });
  const watch = await serveBundles(sources, {
    ...server,
    registry,
    maxVersions: flags.versions,
    ...(fabric === null ? {} : { prepare: fabric.prepare }),
  });
  opened.push(() => watch.close());
  const address = await listen(server, flags);
  const names = sources.map(({ name }) => name).join(", ");
  server.log.info(`serving ${names} at ${address}/v2, dashboard at ${address}/`);
  return server;
}

/** Kinds that may leave for a device, which is in no zone. */
function shipped(ship: readonly ShipKind[], borders: Borders): readonly ShipKind[] {
  const left = ship.filter((kind) => expertZones(borders, kind) === null);
  const kept = ship.filter((kind) => !left.includes(kind));
  if (kept.length > 0) note(`by the borders no device downloads ${kept.join(", ")}`);
  return left;
}

/** Tokens from the file, else from the environment; null if neither is given. */
async function tokensOf({ tokenFile }: ServeFlags): Promise<TokenCheck | null> {
  if (tokenFile !== undefined) return createTokenCheck(await readTokens(tokenFile));
  const token = process.env["BAILIWICK_TOKEN"];
  return token === undefined || token === "" ? null : createTokenCheck([token]);
}

function limitsOf({ rateLimit, maxRows, batchWait }: ServeFlags): Limits {
  return limitsWith({
    maxRequestsPerSecond: rateLimit,
    batchWaitMs: batchWait,
    maxRows,
  });
}

function refuseEqualNames(sources: readonly BundleSource[]): void {
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) {
    throw new BailiwickError(
      "INVALID_OPTION",
      `bundle folders must have different names, "${twice}" comes twice`,
      { name: twice },
    );
  }
}
