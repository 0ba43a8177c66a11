/** The agent's measurements, each in the page of experiments/peers/agent. */
import { z } from "zod";
import { peerFailed } from "../peer-process.ts";
import { drawModel } from "../serving/workload.ts";
import type { FirstAnswers, Leaks, PageRace, SameBits, UpdateBytes } from "./figures.ts";
import { KINDS_COLUMNS, RACE_COLUMNS } from "./models.ts";
import type { Page } from "./page.ts";
import type { AgentPlan } from "./plan.ts";

const NETS = "/v2/models/nets";
const KINDS = "/v2/models/kinds";
/** Rows that the bits of are compared at once. */
const BATCH = 1000;
const RACE_SIZES = [64, 1024];
/** Of the target's scale: onnxruntime-web computes with 32 bits. */
const TOLERANCE = 1e-4;
/** A mobile network: Chromium's "Fast 3G". */
const LINK = { bitsPerSecond: 1_600_000, roundTripMs: 150 };

const sameSchema = z.object({
  same: z.number(),
  sent: z.number(),
  nDifferent: z.number(),
  nResident: z.number(),
  nExperts: z.number(),
});

/** @throws WORKER_FAILED if rows were answered by the server, or all alike. */
export async function measureSame(page: Page, { nRows }: AgentPlan): Promise<SameBits> {
  const args = { from: KINDS, columns: KINDS_COLUMNS, nRows, batch: BATCH, seed: 1 };
  const { same, sent, nDifferent, nResident, nExperts } = await page.run(
    "countSameBits",
    args,
    sameSchema,
  );
  if (sent > 0 || nResident < nExperts || nDifferent < nRows / 2) {
    throw peerFailed("agent-page", `${sent} rows went to the server, ${nDifferent} answers differ`);
  }
  return { nRows, same, nExperts };
}

const raceSchema = z.object({
  results: z.array(
    z.object({
      nRows: z.number(),
      rounds: z.array(z.object({ ours: z.number(), theirs: z.number() })),
    }),
  ),
  version: z.string(),
  isIsolated: z.boolean(),
});

export async function measureRace(
  page: Page,
  { nRounds, turnMs }: AgentPlan,
): Promise<{ readonly races: readonly PageRace[]; readonly ort: string }> {
  const { scale } = drawModel("smooth", 1).preprocessing.target;
  const rounds = { nRounds, turnMs, tolerance: TOLERANCE * scale };
  const args = { from: NETS, columns: RACE_COLUMNS, sizes: RACE_SIZES, ...rounds };
  const { results, version } = await page.run("race", args, raceSchema);
  return { races: results, ort: version };
}

const sentSchema = z.object({ sent: z.number(), nResident: z.number() });
/** Enough for two of the four experts. */
const LOCAL_MEMORY_BYTES = 14_000;
/** Rows that are sent on purpose, to see that the search would find one. */
const N_CONTROL = 200;

/** @throws WORKER_FAILED if rows that were sent on purpose are not found. */
export async function measureLeaks(page: Page, { localRows }: AgentPlan): Promise<Leaks> {
  const { features } = drawModel("smooth", 1).preprocessing;
  const [feature] = features;
  if (feature?.type !== "number") throw new TypeError("the first column must hold numbers");
  const { mean, scale } = feature;
  const send = async (nRows: number, rowClass: "local" | null, memoryBytes: number) => {
    const canaries = Array.from({ length: nRows }, (_, i) => 1.1234567 + i / 65_521);
    const batch = rowClass === null ? nRows : BATCH;
    const args = { from: NETS, columns: RACE_COLUMNS, canaries, batch, rowClass, memoryBytes };
    await page.passed();
    const { sent } = await page.run("send", args, sentSchema);
    return { sent, ...(await page.find(canaries, mean, scale)) };
  };
  const control = await send(N_CONTROL, null, 0);
  if (control.sent !== N_CONTROL || control.found !== N_CONTROL) {
    const message = `of ${N_CONTROL} rows that were sent ${control.found} were found`;
    throw peerFailed("agent-page", message);
  }
  const { found, posts, requests } = await send(localRows, "local", LOCAL_MEMORY_BYTES);
  return { nRows: localRows, found, posts, requests, control: control.found };
}

export async function measureFirst(
  page: Page,
  { starts, ortStarts }: AgentPlan,
): Promise<FirstAnswers> {
  const row = Object.fromEntries(RACE_COLUMNS.map(({ name }, j) => [name, j / 10]));
  const args = { from: NETS, row };
  const [ours, theirs]: number[][] = [[], []];
  for (let start = 0; start < starts; start++) {
    ours!.push(await page.first("agent", args, LINK));
    if (start < ortStarts) theirs!.push(await page.first("ort", args, LINK));
  }
  return { link: LINK, ours: ours!, theirs: theirs! };
}

const heldSchema = z.object({ version: z.string(), nResident: z.number(), nExperts: z.number() });

/**
 * @param change - Replaces one expert at the server; gives the bytes that an agent lacks.
 * @throws WORKER_FAILED if the agent does not go on with all experts of the new version.
 */
export async function measureUpdate(
  page: Page,
  change: () => Promise<number>,
): Promise<UpdateBytes> {
  await page.run("hold", { from: NETS }, heldSchema);
  const lacking = await change();
  await page.passed();
  const { version, nResident, nExperts } = await page.run("renew", {}, heldSchema);
  const { bytes, requests } = await page.passed();
  if (version !== "2" || nResident !== nExperts) {
    throw peerFailed("agent-page", `it holds ${nResident} experts of version ${version}`);
  }
  return { bytes, requests, lacking };
}
