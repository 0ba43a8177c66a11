/** The file of a scenario: devices, experts, their traffic, and events. */
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { parseJsonFile } from "../../shared/json.ts";
import { type Device, deviceSchema, type Load } from "../placement/index.ts";
import { type Demand, demandShares } from "./demand.ts";

/** What happens between two moments, in hours from the start. */
export type Happening = {
  readonly from: number;
  readonly until: number;
} & (
  | { readonly kind: "fail"; readonly device: string }
  | { readonly kind: "slow"; readonly device: string; readonly speed: number }
  | {
      readonly kind: "link";
      readonly device: string;
      /** Milliseconds more, there and back. */
      readonly extraMs: number;
      /** Share of the bandwidth that is left. */
      readonly bandwidth: number;
    }
  /** The traffic of experts first, first + every, … is multiplied by `factor`. */
  | {
      readonly kind: "surge";
      readonly first: number;
      readonly every: number;
      readonly factor: number;
    }
);

export interface Scenario {
  readonly name: string;
  readonly seed: number;
  readonly devices: readonly Device[];
  /** With their mean traffic. */
  readonly experts: readonly Load[];
  readonly hours: number;
  readonly stepSeconds: number;
  /** The file of recorded demand, as the scenario names it; null if the traffic is drawn. */
  readonly demandFile: string | null;
  /** Its content, once `withDemand` has given it. */
  readonly demand: Demand | null;
  /** Share by which traffic swings about its mean in a day, each expert with its own phase. */
  readonly season: number;
  /** Standard deviation of the logarithm of a step's traffic. */
  readonly noise: number;
  readonly happenings: readonly Happening[];
  readonly batchRows: number;
  /** A request without an answer within this time has failed. */
  readonly deadlineMs: number;
}

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const time = z.number().min(0);
const device = z.string().min(1);
const span = { from: time, until: time };

const happeningSchema: z.ZodType<Happening> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fail"), ...span, device }),
  z.strictObject({ kind: z.literal("slow"), ...span, device, speed: positive.max(1) }),
  z.strictObject({
    kind: z.literal("link"),
    ...span,
    device,
    extraMs: z.number().min(0),
    bandwidth: positive.max(1),
  }),
  z.strictObject({
    kind: z.literal("surge"),
    ...span,
    first: z.int().min(0),
    every: z.int().min(1),
    factor: positive,
  }),
]);

const schema = z.strictObject({
  name: z.string().min(1).max(200),
  seed: z.int(),
  devices: z.array(deviceSchema).min(1).max(1000),
  experts: z.strictObject({
    count: z.int().min(1).max(10_000),
    megabytes: positive,
    megaflopsPerRow: positive,
    bytesPerRow: positive,
    /** Rows per second of all experts together; expert k has a share of (k + 1)^−skew. */
    rowsPerSecond: positive,
    skew: z.number().min(0),
    replicas: z.int().min(1),
  }),
  hours: positive.max(24 * 31),
  stepSeconds: positive.max(3600),
  demand: z.string().min(1).max(1000).optional(),
  season: share,
  noise: z.number().min(0).max(2),
  happenings: z.array(happeningSchema).max(10_000),
  batchRows: z.int().min(1),
  deadlineMs: positive,
});

/** @throws CONFIG_INVALID naming each key that is wrong. */
export function parseScenario(text: string): Scenario {
  const { experts, demand, ...rest } = parseJsonFile("the scenario", schema, text);
  const names = new Set(rest.devices.map(({ name }) => name));
  const stranger = rest.happenings.find((one) => "device" in one && !names.has(one.device));
  if (stranger !== undefined && "device" in stranger) {
    const message = `happenings must be to devices of the scenario, got "${stranger.device}"`;
    throw new BailiwickError("CONFIG_INVALID", message, { name: stranger.device });
  }
  if (demand !== undefined && rest.season !== 0) {
    const message = `season must be 0 where a demand is recorded, got ${rest.season}`;
    throw new BailiwickError("CONFIG_INVALID", message);
  }
  return { ...rest, experts: loadsOf(experts), demandFile: demand ?? null, demand: null };
}

/**
 * The scenario with the recorded demand: expert k is of model k modulo the number of models, and
 * all experts together have on average the scenario's rows per second.
 *
 * @throws CONFIG_INVALID if the record is too short, or there are more models than experts.
 */
export function withDemand(scenario: Scenario, demand: Demand): Scenario {
  const { experts, hours } = scenario;
  const { name, models, intervalHours, nIntervals } = demand;
  const recorded = intervalHours * nIntervals;
  if (hours > recorded) {
    const message = `hours must be at most those of ${name}, ${recorded}, got ${hours}`;
    throw new BailiwickError("CONFIG_INVALID", message, { hours });
  }
  if (models.length > experts.length) {
    const message = `experts.count must be at least the ${models.length} models of ${name}`;
    throw new BailiwickError("CONFIG_INVALID", `${message}, got ${experts.length}`);
  }
  const total = experts.reduce((sum, { rowsPerSecond }) => sum + rowsPerSecond, 0);
  const shares = demandShares(demand);
  const ofModel = models.map((_, m) =>
    experts
      .filter((_expert, e) => e % models.length === m)
      .reduce((sum, { rowsPerSecond }) => sum + rowsPerSecond, 0),
  );
  const loads = experts.map((expert, e) => {
    const m = e % models.length;
    return { ...expert, rowsPerSecond: (total * shares[m]! * expert.rowsPerSecond) / ofModel[m]! };
  });
  return { ...scenario, experts: loads, demand };
}

function loadsOf({
  count,
  megabytes,
  megaflopsPerRow,
  bytesPerRow,
  rowsPerSecond,
  skew,
  replicas,
}: z.infer<typeof schema>["experts"]): readonly Load[] {
  const shares = Array.from({ length: count }, (_, k) => (k + 1) ** -skew);
  const total = shares.reduce((sum, one) => sum + one, 0);
  return shares.map((own, k) => ({
    id: `e${k}`,
    bytes: 1e6 * megabytes,
    flopsPerRow: 1e6 * megaflopsPerRow,
    bytesPerRow,
    rowsPerSecond: (rowsPerSecond * own) / total,
    replicas,
    zones: null,
  }));
}
