/**
 * Throughput of the server against a bare fastify echo of the same payload, in alternation.
 *
 * Server, echo and load are separate processes. Both answer the same load, so that what it
 * takes itself weighs on the faster one more: ratios are, if anything, too high for the slower.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBundle } from "../../bundle/index.ts";
import type { Engine } from "../../experts/index.ts";
import { predict, type Recombination } from "../../mixture/index.ts";
import { type Progress, silent } from "../../shared/progress.ts";
import { median } from "../../shared/statistics.ts";
import { peerFailed } from "../peer-process.ts";
import { type LoadReport, runLoad, startPeer } from "./peers.ts";
import { type CommandLine, startServer } from "./process.ts";
import {
  binaryBody,
  CELLS,
  drawContent,
  drawModel,
  type InferBody,
  jsonBody,
  tableOf,
} from "./workload.ts";

export interface RaceOptions {
  readonly serve: CommandLine;
  readonly peersFolder: string;
  readonly nRounds: number;
  /** Of one load. */
  readonly seconds: number;
}

export interface Race {
  /** For example "binary-smooth". */
  readonly name: string;
  /** A load a round. */
  readonly ours: readonly LoadReport[];
  readonly echo: readonly LoadReport[];
  /** Answers a second, ours ÷ the echo's, round by round: the median. */
  readonly ratio: number;
}

/** Connections that ask at the same time. */
const CONNECTIONS = 16;
const SEED = 1;

const RACES: readonly (readonly [string, Recombination, () => InferBody])[] = [
  ["binary-smooth", "smooth", binaryBody],
  ["binary-hard", "hard", binaryBody],
  ["json", "smooth", jsonBody],
];

export interface Races {
  readonly races: readonly Race[];
  readonly versions: Readonly<Record<string, string>>;
}

/** @throws WORKER_FAILED if server or peer fails, or an answer is not `predict`'s. */
export async function raceEcho(
  engine: Engine,
  { serve, peersFolder, nRounds, seconds }: RaceOptions,
  progress: Progress = silent,
): Promise<Races> {
  const folder = await mkdtemp(join(tmpdir(), "bailiwick-race-"));
  for (const how of ["smooth", "hard"] as const) {
    await writeBundle(join(folder, how), drawContent(engine, how, SEED));
  }
  const load = startPeer("load", peersFolder);
  const echo = startPeer("echo", peersFolder);
  const server = await startServer(serve, [join(folder, "smooth"), join(folder, "hard")]);
  try {
    const { origin, versions } = (await echo.ask({})) as EchoGreeting;
    const races: Race[] = [];
    for (const [r, [name, how, body]] of RACES.entries()) {
      const ours = `${server.origin}/v2/models/${how}/infer`;
      await checkAnswer(engine, ours, how);
      const turn = (url: string) =>
        runLoad(load, { url, seconds, connections: CONNECTIONS, ...body() });
      const rounds: { ours: LoadReport; echo: LoadReport }[] = [];
      // The first round is not counted: code gets compiled in it.
      for (let round = 0; round <= nRounds; round++) {
        progress(`${name} against an echo`, (r + round / (nRounds + 1)) / RACES.length);
        rounds.push({ ours: await turn(ours), echo: await turn(`${origin}/`) });
      }
      races.push(raceOf(name, rounds.slice(1)));
    }
    return { races, versions: { ...versions, ...races[0]!.ours[0]!.packages } };
  } finally {
    load.close();
    echo.close();
    await server.close();
    await rm(folder, { recursive: true });
  }
}

interface EchoGreeting {
  readonly origin: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** @throws WORKER_FAILED if a load was not answered. */
function raceOf(name: string, rounds: readonly { ours: LoadReport; echo: LoadReport }[]): Race {
  for (const report of rounds.flatMap(({ ours, echo }) => [ours, echo])) {
    if (report.failed > 0) throw peerFailed(name, `${report.failed} requests were not answered`);
  }
  return {
    name,
    ours: rounds.map(({ ours }) => ours),
    echo: rounds.map(({ echo }) => echo),
    ratio: median(rounds.map(({ ours, echo }) => ours.perSecond / echo.perSecond)),
  };
}

/** What is raced answers as `predict` does, to the bit. @throws WORKER_FAILED if not. */
async function checkAnswer(engine: Engine, url: string, how: Recombination): Promise<void> {
  const { headers, body } = jsonBody();
  const response = await fetch(url, { method: "POST", headers, body: String(body) });
  const { outputs } = (await response.json()) as { outputs: readonly { data: number[] }[] };
  const { values } = predict(engine, drawModel(how, SEED), tableOf(CELLS));
  if (outputs[0]!.data.every((value, i) => Object.is(value, values[i]))) return;
  throw peerFailed("serve", "its numbers are not those of predict");
}
