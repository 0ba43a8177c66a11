/** `bailiwick serve`: bundles behind the Open Inference Protocol, reloaded when they change. */
import { basename, resolve } from "node:path";
import { dashboardPage } from "../api/dashboard/index.ts";
import {
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
import type { Engine } from "../experts/index.ts";
import { createEngine } from "../library/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { note } from "./output.ts";
import type { ServedFabric, ServeFabricFlags } from "./serve-fabric.ts";

export interface ServeFlags extends ServeFabricFlags {
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
  readonly logLevel: LogLevel;
  readonly rateLimit: number;
  readonly maxRows: number;
  readonly batchWait: number;
  readonly versions: number;
}

/** The fabric of one process: experts are asked where they were read. */
const EMBEDDED = "embedded";

/** Serves until the process is told to stop; what is in flight then is finished. */
export async function serveCommand(
  bundlePaths: readonly string[],
  flags: ServeFlags,
): Promise<void> {
  const sources = bundlePaths.map((path) => ({ name: basename(resolve(path)), folder: path }));
  refuseEqualNames(sources);
  const tokens = await tokensOf(flags);
  checkExposure(flags.host, tokens !== null);
  const limits = limitsOf(flags);
  const engine = await createEngine({ threads: 1 });
  const say = (line: string): void => note(line);
  const fabric =
    flags.fabric === EMBEDDED
      ? null
      : await (await import("./serve-fabric.ts")).openServedFabric(flags, engine, say);
  try {
    await serveOver(fabric, { sources, engine, limits, tokens, flags });
  } catch (error) {
    await fabric?.close();
    throw error;
  }
}

interface Serving {
  readonly sources: readonly BundleSource[];
  readonly engine: Engine;
  readonly limits: Limits;
  readonly tokens: TokenCheck | null;
  readonly flags: ServeFlags;
}

async function serveOver(
  fabric: ServedFabric | null,
  { sources, engine, limits, tokens, flags }: Serving,
): Promise<void> {
  const registry = createRegistry({
    engine,
    limits,
    ...(fabric === null ? {} : { elsewhere: fabric.elsewhere }),
  });
  const log = { level: flags.logLevel, write: (line: string) => process.stderr.write(line) };
  const pages = [dashboardPage()];
  const gauges = fabric?.gauges ?? [];
  const server = createServer(registry, {
    limits,
    tokens,
    log,
    pages,
    gauges,
    processMetrics: true,
  });
  const watch = await serveBundles(sources, {
    ...server,
    registry,
    maxVersions: flags.versions,
    ...(fabric === null ? {} : { prepare: fabric.prepare }),
  });
  const address = await listen(server, flags);
  server.log.info(
    `serving ${sources.map(({ name }) => name).join(", ")} at ${address}/v2, dashboard at ${address}/`,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      server.log.info(`${signal}: finishing what is in flight`);
      void Promise.all([server.http.close(), watch.close()]).then(() => fabric?.close());
    });
  }
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
