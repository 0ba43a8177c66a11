/** What regressors of other packages said in an earlier run: they do not change when we do. */
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import type { PeerFigures } from "./peers.ts";
import { peerFiguresSchema } from "./row.ts";
import type { AccuracyTask } from "./tasks.ts";

/** Answers of one split; its rows identify it. */
export interface KnownPeers extends PeerFigures {
  readonly sha256: string;
  readonly split: number;
  readonly nTrain: number;
  readonly nTest: number;
}

const resultSchema = z.object({
  command: z.string(),
  measurements: z.object({
    rows: z.array(
      peerFiguresSchema.extend({
        sha256: z.string(),
        split: z.int(),
        nTrain: z.int(),
        nTest: z.int(),
      }),
    ),
  }),
});

/**
 * @param text - A result.json of `bench accuracy`.
 * @param file - How messages call it.
 * @param seed - Of the run that shall take them: peers were asked with it.
 * @throws INVALID_OPTION if the text is no such result, or has another seed or corrupted targets.
 */
export function readKnownPeers(text: string, file: string, seed: number): readonly KnownPeers[] {
  const { data } = resultSchema.safeParse(parseJson(text));
  if (data === undefined) {
    throw refused(`${file} must be a result.json of bench accuracy, it is not`);
  }
  const { command, measurements } = data;
  const isSame = command.split(" --").includes(`seed ${seed}`) && !command.includes("--corrupt");
  if (isSame) return measurements.rows;
  throw refused(`${file} must be of --seed ${seed} and without --corrupt, it is of ${command}`);
}

/** @throws INVALID_OPTION if no row is of the same split of the same data, with peers. */
export function knownPeersOf(
  { data, split: { train, test }, number }: AccuracyTask,
  known: readonly KnownPeers[],
): PeerFigures {
  const row = known.find(
    (own) =>
      own.sha256 === data.sha256 &&
      own.split === number &&
      own.nTrain === train.length &&
      own.nTest === test.length,
  );
  if (row === undefined || Object.keys(row.peerCpuMs).length === 0) {
    throw refused(`what peers said of ${data.name} ${number} must be known, it is not`);
  }
  const { peerCpuMs, failed, versions } = row;
  const isPeer = ([name]: readonly [string, number]): boolean => peerCpuMs[name] !== undefined;
  return {
    mse: Object.fromEntries(Object.entries(row.mse).filter(isPeer)),
    peerCpuMs,
    failed,
    versions,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refused(message: string): BailiwickError {
  return new BailiwickError("INVALID_OPTION", message);
}
