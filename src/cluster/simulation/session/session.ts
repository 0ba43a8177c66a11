/** The file of a session: a device, a model's experts, and the requests of a user. */
import { z } from "zod";
import { parseJsonFile } from "../../../shared/json.ts";
import { childSeed, createRng, type Rng } from "../../../shared/rng.ts";
import type { OfferedExpert } from "../../residency/index.ts";

const positive = z.number().positive();
const share = z.number().min(0).max(1);
const price = z.number().min(0);

const schema = z.strictObject({
  name: z.string().min(1).max(200),
  seed: z.int(),
  experts: z.strictObject({
    count: z.int().min(1).max(1000),
    kilobytes: positive.max(1e6),
    /** Expert k has a share of (k + 1)^−skew of the rows. */
    skew: z.number().min(0).max(10),
    microjoulesPerRow: z.number().min(0),
  }),
  /** Numbers in a row. */
  inputs: z.int().min(1).max(100_000),
  /** For experts on the device. */
  memoryKilobytes: z.number().min(0),
  /** Until a request is answered, on the device and at the server. */
  deviceMs: z.number().min(0),
  serverMs: z.number().min(0),
  /** Of each link by its name, or of all. */
  roundTripMs: z.union([positive, z.record(z.string(), positive)]),
  requests: z.strictObject({
    perSecond: positive.max(1000),
    rows: z.int().min(1).max(10_000),
    /** How long most rows are of one expert, on average. */
    dwellSeconds: positive,
    /** Of the rows, those that may be of any expert meanwhile. */
    elsewhere: share,
  }),
  /** A request that has no answer by then has the deadline for its time. */
  deadlineMs: positive,
  prices: z.strictObject({ millisecond: price, byte: price, joule: price }).optional(),
});

export type Session = z.infer<typeof schema>;

/** A request's rows by expert. */
export interface SessionRequest {
  readonly atSeconds: number;
  readonly rows: ReadonlyMap<string, number>;
}

/** @throws CONFIG_INVALID naming each key that is wrong. */
export function parseSession(text: string): Session {
  return parseJsonFile("the session", schema, text);
}

/** Those that a session does not name have the mean of those that it names. */
export function roundTripOf({ roundTripMs }: Session, link: string): number {
  if (typeof roundTripMs === "number") return roundTripMs;
  if (Object.hasOwn(roundTripMs, link)) return roundTripMs[link]!;
  const named = Object.values(roundTripMs);
  return named.reduce((sum, ms) => sum + ms, 0) / Math.max(1, named.length);
}

/** The most used first. */
export function expertsOf({ experts }: Session): readonly OfferedExpert[] {
  const shares = Array.from({ length: experts.count }, (_, k) => (k + 1) ** -experts.skew);
  const total = shares.reduce((sum, one) => sum + one, 0);
  const bytes = 1000 * experts.kilobytes;
  return shares.map((own, k) => ({ hash: `e${k}`, bytes, share: own / total, mayFetch: true }));
}

/** Requests at random moments until the end, most rows of one expert for a while. */
export function drawRequests(session: Session, seconds: number): readonly SessionRequest[] {
  const { perSecond, rows, dwellSeconds, elsewhere } = session.requests;
  const rng = createRng(childSeed(session.seed, "requests"));
  const draw = drawer(expertsOf(session), rng);
  const requests: SessionRequest[] = [];
  let current = draw();
  for (let at = pause(rng, perSecond); at < seconds; at += pause(rng, perSecond)) {
    if (rng.uniform() < 1 / (dwellSeconds * perSecond)) current = draw();
    const used = new Map<string, number>();
    for (let row = 0; row < rows; row++) {
      const hash = rng.uniform() < elsewhere ? draw() : current;
      used.set(hash, (used.get(hash) ?? 0) + 1);
    }
    requests.push({ atSeconds: at, rows: used });
  }
  return requests;
}

function pause(rng: Rng, perSecond: number): number {
  return -Math.log(1 - rng.uniform()) / perSecond;
}

function drawer(experts: readonly OfferedExpert[], rng: Rng): () => string {
  return () => {
    let left = rng.uniform();
    for (const { hash, share: own } of experts) {
      left -= own;
      if (left < 0) return hash;
    }
    return experts[0]!.hash;
  };
}
