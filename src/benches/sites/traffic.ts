/** Messages, bytes and CPU of one masked gradient, by sites at once and by regions. */
import type { Fabric } from "../../cluster/fabric/index.ts";
import {
  DEFAULT_SUMS,
  joinSites,
  learnPreprocessing,
  type SiteName,
} from "../../cluster/sites/index.ts";
import { answerLength, type Query, type SiteRows } from "../../cluster/sums/index.ts";
import { generate, matrixWidth, takeTableRows } from "../../data/index.ts";
import { initNet, type NetGradients } from "../../experts/index.ts";
import { freshGateNet } from "../../gate/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { createRng } from "../../shared/rng.ts";
import { median } from "../../shared/statistics.ts";
import { rowsOfTable } from "./cases.ts";
import { openProcess, type Process } from "./in-process.ts";

/** What one round takes over the links to the coordinator. */
export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

export interface Regional {
  readonly nSites: number;
  readonly nRegions: number;
  readonly flat: Traffic;
  readonly regional: Traffic;
}

/** One round of many sites at once. */
export interface MaskedRound {
  readonly nSites: number;
  readonly nNumbers: number;
  readonly rounds: number;
  /** What a site sends a round: masked words and shares, and what opens the sum. */
  readonly sentBytes: number;
  /** CPU of a site a round, the median of rounds; and of the coordinator for all sites. */
  readonly siteCpuMs: number;
  readonly coordinatorCpuMs: number;
}

const ROWS_A_SITE = 40;
const [N_SITES, N_REGIONS] = [100, 5];
const [MASKED_SITES, MASKED_ROUNDS] = [50, 12];
/** Rows of `five` have two numbers; nets are of as many inputs as there are features. */
const N_EXPERTS = 4;
const GATE_HIDDEN = 16;
const ZONE = "z";

export async function measureRegional(engine: NetGradients): Promise<Regional> {
  const here = await openProcess(engine);
  try {
    const sites = here.connect();
    const names = await startSites(here, sites.fabric, N_SITES);
    const regions = await here.regions(names, N_REGIONS);
    const flat = await oneRound(here, names);
    const regional = await oneRound(here, regions);
    return { nSites: N_SITES, nRegions: N_REGIONS, flat, regional };
  } finally {
    await here.close();
  }
}

/** One gradient, once keys are there. */
async function oneRound(here: Process, names: readonly SiteName[]): Promise<Traffic> {
  const { fabric, counted } = here.connect();
  const { askGradient } = await joined(fabric, names);
  await askGradient(0);
  const before = { ...counted };
  await askGradient(1);
  return { messages: counted.messages - before.messages, bytes: counted.bytes - before.bytes };
}

export async function measureMasked(engine: NetGradients): Promise<MaskedRound> {
  const here = await openProcess(engine);
  try {
    const { fabric, counted: atSites } = here.connect();
    const names = await startSites(here, fabric, MASKED_SITES);
    const { fabric: coordinator, counted } = here.connect();
    const { askGradient, nNumbers } = await joined(coordinator, names);
    await askGradient(0);
    const asked = counted.answeredBytes;
    const rounds: { readonly sites: number; readonly all: number }[] = [];
    for (let step = 1; step <= MASKED_ROUNDS; step++) {
      const before = { siteMs: atSites.siteMs, ms: nowMs(), cpu: process.cpuUsage() };
      await askGradient(step);
      const { user, system } = process.cpuUsage(before.cpu);
      // CPU as time is shared: reading it at every request would cost more than the request.
      const share = (atSites.siteMs - before.siteMs) / (nowMs() - before.ms);
      const all = (user + system) / 1000;
      rounds.push({ sites: share * all, all });
    }
    const perSite = MASKED_ROUNDS * MASKED_SITES;
    return {
      nSites: MASKED_SITES,
      nNumbers,
      rounds: MASKED_ROUNDS,
      sentBytes: (counted.answeredBytes - asked) / perSite,
      siteCpuMs: median(rounds.map(({ sites }) => sites / MASKED_SITES)),
      coordinatorCpuMs: median(rounds.map(({ sites, all }) => all - sites)),
    };
  } finally {
    await here.close();
  }
}

async function startSites(
  here: Process,
  fabric: Fabric,
  nSites: number,
): Promise<readonly SiteName[]> {
  const { table } = generate("five", { nRows: nSites * ROWS_A_SITE, seed: 1 });
  const names = Array.from({ length: nSites }, (_, s): SiteName => ({ zone: ZONE, name: `s${s}` }));
  for (const [s, name] of names.entries()) {
    const rows = Int32Array.from({ length: ROWS_A_SITE }, (_, i) => s * ROWS_A_SITE + i);
    const own: SiteRows = rowsOfTable(takeTableRows(table, rows), "y");
    await here.site(fabric, name, own);
  }
  return names;
}

async function joined(fabric: Fabric, names: readonly SiteName[]) {
  const { said, askSum } = await joinSites(fabric, names, { log: () => undefined });
  const preprocessing = await learnPreprocessing(said, askSum);
  const nFeatures = matrixWidth(preprocessing.features);
  const shape = {
    sizes: [nFeatures, ...DEFAULT_SUMS.hidden, 1],
    activation: "tanh",
  } as const;
  const experts = Array.from({ length: N_EXPERTS }, (_, k) => initNet(shape, createRng(k)));
  const sizes = { nFeatures, hidden: GATE_HIDDEN, nExperts: N_EXPERTS };
  const gate = freshGateNet(sizes, createRng(N_EXPERTS), 1);
  const labels = { by: "cost", noise: 0.1, temperature: 0.5 } as const;
  const gradientAt = (step: number): Query => {
    const draw = { share: 0.5, step };
    const rows = { preprocessing, side: "all", seed: 1 } as const;
    return { kind: "gradient", ...rows, experts, gate, labels, draw };
  };
  return {
    nNumbers: answerLength(gradientAt(0)),
    askGradient: (step: number) => askSum(gradientAt(step)),
  };
}
