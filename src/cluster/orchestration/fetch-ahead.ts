/** Experts that nodes fetch before they are asked for them: after a start, and by the forecast. */
import { nowMs } from "../../shared/clock.ts";
import { sendCommand } from "./carry-out.ts";
import type { Look, PlacerState } from "./placer-state.ts";

const PREFETCH_MS = 1000;
const HOUR_MS = 3_600_000;

/** A node that has started again holds nothing: it fetches the experts that have a home there. */
export async function refillNodes(state: PlacerState, { term, devices }: Look): Promise<void> {
  const { fleet, options, incarnations } = state;
  for (const { name } of devices) {
    const incarnation = fleet.incarnationOf(name);
    if (incarnation === null || incarnations.get(name) === incarnation) continue;
    incarnations.set(name, incarnation);
    const homes = Object.entries(options.directory.homes());
    const experts = homes.filter(([, keys]) => keys.includes(name)).map(([hash]) => hash);
    await prefetch(state, term, name, experts);
  }
}

/** Of the experts for which no memory is reserved, those that will soon be asked for. */
export async function fetchStreamed(
  state: PlacerState,
  look: Look,
  seconds: number,
): Promise<void> {
  const { directory } = state.options;
  const streamed = look.loads.filter(({ hash }) => directory.streamed().includes(hash));
  if (streamed.length === 0) return;
  const now = nowMs() / HOUR_MS;
  const free = [...directory.nodes()].map(([key, { announcement }]) => {
    return [key, announcement.memoryBytes - announcement.usedBytes] as const;
  });
  const wanted = state.prefetcher.next({
    streamed,
    rates: look.rates,
    hours: { now, until: now + seconds / 3600 },
    homes: directory.homes(),
    freeBytes: new Map(free),
  });
  await Promise.all([...wanted].map((fetch) => prefetch(state, look.term, ...fetch)));
}

/** A node that does not answer fetches the experts when it is asked for them. */
async function prefetch(
  { fabric }: PlacerState,
  term: number,
  key: string,
  experts: readonly string[],
): Promise<void> {
  if (experts.length === 0) return;
  const command = { term, action: "prefetch", experts } as const;
  await sendCommand(fabric, key, command, PREFETCH_MS).catch(() => null);
}
