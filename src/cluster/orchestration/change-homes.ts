/**
 * One change of homes: write down what is planned, load, write down what was done, write the homes,
 * drop. A failure on the way changes nothing.
 */
import { dropAll, type HomesByExpert, loadAll, type Refused, writeHomes } from "./carry-out.ts";
import { note, noteMove, noteProblem } from "./placer-notes.ts";
import type { PlacerState } from "./placer-state.ts";

export interface Change {
  readonly after: HomesByExpert;
  /** Experts for which no memory is reserved. */
  readonly streamed: readonly string[];
  readonly why: string;
}

/** Routers may still ask by the homes before for this long. */
const DROP_AFTER_MS = 3000;

/** @throws WRITE_FAILED if the audit log cannot be written: then nothing is loaded or changed. */
export async function changeHomes(
  state: PlacerState,
  term: number,
  { after, streamed, why }: Change,
): Promise<void> {
  const { fabric, options, lease, fleet } = state;
  const { directory } = options;
  const [before, revision] = [directory.homes(), directory.revision()];
  const resident = Object.fromEntries(
    Object.entries(after).filter(([hash]) => !streamed.includes(hash)),
  );
  const unpublished = await state.zoneBlobs.share(after);
  if (unpublished !== null) {
    const problem = `expert ${unpublished.slice(0, 12)} must be published on the fabric, it is not`;
    return noteProblem(state, term, { problem });
  }
  await note(state, term, { what: "plan", why });
  const refused = await loadAll(fabric, term, before, resident);
  if (refused !== null) return distrust(state, term, refused);
  if (lease.term() !== term) return;
  await noteMove(state, term, { before, after, why });
  const written = await writeHomes(fabric, { term, homes: after, streamed }, revision);
  if (written === null) {
    const problem = "the homes were written by another process meanwhile: nothing was moved";
    return note(state, term, { what: "refused", why: problem });
  }
  options.log?.(`moved: ${why}`);
  setTimeout(() => {
    if (lease.term() === term) {
      void dropAll(fabric, term, before, directory.homes()).catch(() => undefined);
    }
  }, DROP_AFTER_MS).unref();
  await waitForRevision(state, written);
  for (const key of new Set(Object.values(after).flat())) {
    const incarnation = fleet.incarnationOf(key);
    if (incarnation !== null) state.incarnations.set(key, incarnation);
  }
}

/** The directory must have seen what was written before the next look. */
async function waitForRevision({ options }: PlacerState, revision: number): Promise<void> {
  for (let i = 0; i < 100 && options.directory.revision() < revision; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function distrust(state: PlacerState, term: number, refused: Refused): Promise<void> {
  const { key, why, isFull, usedBytes } = refused;
  const problem = `${key} did not load ${refused.expert.slice(0, 12)}: ${why}`;
  await noteProblem(state, term, { problem, device: key });
  if (isFull) state.fleet.distrust(key, usedBytes);
}
