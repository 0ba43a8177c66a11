/** Whether what is learnt by sums over sites is what all rows in one place teach. */
import {
  DEFAULT_SUMS,
  type JoinedSites,
  joinSites,
  learnPreprocessing,
  ridgesBy,
  type SiteName,
  type TrainedNets,
  trainNets,
} from "../../cluster/sites/index.ts";
import { createAnswerer, type Query, type SiteRows } from "../../cluster/sums/index.ts";
import {
  applyPreprocessing,
  generate,
  type Preprocessing,
  scaleTarget,
  takeTableRows,
} from "../../data/index.ts";
import { fitRidge, type Net, type NetGradients, type RidgeExpert } from "../../experts/index.ts";
import { gateScores, topExperts } from "../../gate/index.ts";
import { rowsOfTable } from "./cases.ts";
import { openProcess } from "./in-process.ts";

export interface Exactness {
  /** Sites, regions and rows. */
  readonly nSites: number;
  readonly nRegions: number;
  readonly nRows: number;
  /** Ridges of all regimes: the largest difference of a coefficient ÷ the largest coefficient. */
  readonly ridge: number;
  /** Queries that the ridges took. */
  readonly ridgeRounds: number;
  /** Experts and gate after `steps`: the largest difference of a parameter. */
  readonly nets: number;
  readonly steps: number;
  /** Words of sums that differ between regions and sites at once, and all that were compared. */
  readonly differentWords: number;
  readonly comparedWords: number;
}

const [N_ROWS, N_SITES, N_REGIONS, N_REGIMES, STEPS] = [1500, 9, 3, 5, 200];
const ZONE = "z";

export async function measureExactness(engine: NetGradients): Promise<Exactness> {
  const { table, regimes } = generate("five", { nRows: N_ROWS, seed: 1 });
  // Three sites or fewer have a regime.
  const siteOf = (i: number): number => (regimes[i]! + N_REGIMES * (i % 2)) % N_SITES;
  const rows = Array.from({ length: N_SITES }, (_, s) => {
    const own = Int32Array.from(regimes.keys()).filter((i) => siteOf(i) === s);
    return rowsOfTable(takeTableRows(table, own), "y");
  });
  const pooled = rowsOfTable(table, "y");
  const here = await openProcess(engine);
  try {
    const { fabric } = here.connect();
    const names = rows.map((_, s): SiteName => ({ zone: ZONE, name: `s${s}` }));
    for (const [s, own] of rows.entries()) await here.site(fabric, names[s]!, own);
    const regions = await here.regions(names, N_REGIONS);
    const log = (): void => undefined;
    const flat = await joinSites(fabric, names, { log });
    const byRegion = await joinSites(fabric, regions, { log });
    const preprocessing = await learnPreprocessing(flat.said, flat.askSum);
    const apart = await trained(flat.askSum, preprocessing);
    const answer = createAnswerer(engine, pooled);
    const together = await trained(async (query) => answer(query), preprocessing);
    const ridges = await ridgesApart(flat, pooled, { preprocessing, nets: apart, engine });
    const words = await compareWords(flat, byRegion, queriesOf(preprocessing, apart));
    const sizes = { nSites: N_SITES, nRegions: N_REGIONS, nRows: N_ROWS, steps: STEPS };
    return { ...sizes, ...ridges, nets: farthestNets(apart, together), ...words };
  } finally {
    await here.close();
  }
}

function trained(askSum: JoinedSites["askSum"], preprocessing: Preprocessing) {
  const draws = { share: 0.5, side: "training", steps: STEPS } as const;
  return trainNets({ ...DEFAULT_SUMS, ...draws, preprocessing, nExperts: 4 }, askSum);
}

function farthestNets(a: TrainedNets, b: TrainedNets): number {
  const all = ({ experts, gate }: TrainedNets): readonly Net[] => [...experts, gate!];
  const others = all(b);
  return Math.max(...all(a).map((net, k) => farthest(net.parameters, others[k]!.parameters)));
}

function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, p) => Math.max(most, Math.abs(value - b[p]!)), 0);
}

/** Ridges by regime from one sum, beside those of `fitRidge` over all rows. */
async function ridgesApart(
  { askSum }: JoinedSites,
  pooled: SiteRows,
  own: {
    readonly preprocessing: Preprocessing;
    readonly nets: TrainedNets;
    readonly engine: NetGradients;
  },
): Promise<Pick<Exactness, "ridge" | "ridgeRounds">> {
  const { preprocessing, nets, engine } = own;
  let ridgeRounds = 0;
  const counted: JoinedSites["askSum"] = (query) => {
    ridgeRounds += 1;
    return askSum(query);
  };
  const asked = { preprocessing, seed: 1, gate: nets.gate, degree: 2, side: "all" } as const;
  const regimes = await ridgesBy(asked, counted);
  const X = applyPreprocessing(preprocessing, pooled.features);
  const y = scaleTarget(pooled.y, preprocessing.target);
  const gate = { kind: "softmax", net: nets.gate! } as const;
  const regimeOf = topExperts(gateScores(engine, gate, X), regimes.length);
  const differences = regimes.map(({ expert }, k) => {
    if (expert === null) return 0;
    const weights = Float32Array.from(regimeOf, (regime) => (regime === k ? 1 : 0));
    const whole = fitRidge({ X, y, weights }, 2);
    const size = Math.max(...whole.coefficients.map(Math.abs));
    return farthest((expert as RidgeExpert).coefficients, whole.coefficients) / size;
  });
  return { ridge: Math.max(...differences), ridgeRounds };
}

function queriesOf(preprocessing: Preprocessing, { experts, gate }: TrainedNets): Query[] {
  const side = { preprocessing, seed: 1, side: "training" } as const;
  const labels = { by: "cost", noise: 0.1, temperature: 0.5 } as const;
  return [
    { kind: "ridge", ...side, gate, degree: 2 },
    { kind: "gradient", ...side, experts, gate, labels, draw: { share: 0.5, step: 3 } },
  ];
}

async function compareWords(
  flat: JoinedSites,
  byRegion: JoinedSites,
  queries: readonly Query[],
): Promise<Pick<Exactness, "differentWords" | "comparedWords">> {
  let [differentWords, comparedWords] = [0, 0];
  for (const query of queries) {
    const [one, other] = [await flat.askWords(query), await byRegion.askWords(query)];
    comparedWords += one.length;
    differentWords += one.filter((word, at) => word !== other[at]).length;
  }
  return { differentWords, comparedWords };
}
