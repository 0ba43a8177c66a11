/** Contenders measured in alternation, so that what else the machine does meets all alike. */
import { type Progress, silent } from "../../shared/progress.ts";
import { median } from "../../shared/statistics.ts";

export interface Turn {
  /** CPU milliseconds. */
  readonly cpuMs: number;
  /** How well it was done, where that can be said. */
  readonly mse?: number;
}

export interface Contender {
  readonly name: string;
  turn(): Promise<Turn>;
}

export interface Timing {
  readonly name: string;
  /** The median of `rounds`. */
  readonly cpuMs: number;
  readonly rounds: readonly number[];
  /** After the first turn, which is not timed; null if no program reports it. */
  readonly mse: number | null;
}

/** A turn of each, `nRounds` times over, after a round that is not timed. */
export async function alternate(
  contenders: readonly Contender[],
  nRounds: number,
  progress: Progress = silent,
): Promise<readonly Timing[]> {
  const turns = contenders.map((): Turn[] => []);
  for (let round = 0; round <= nRounds; round++) {
    for (const [c, contender] of contenders.entries()) {
      progress(contender.name, (round + c / contenders.length) / (nRounds + 1));
      turns[c]!.push(await contender.turn());
    }
  }
  return contenders.map(({ name }, c) => {
    const [first, ...timed] = turns[c]!;
    const rounds = timed.map(({ cpuMs }) => cpuMs);
    return { name, cpuMs: median(rounds), rounds, mse: first?.mse ?? null };
  });
}

/** Their time ÷ ours, round by round: the median. */
export function speedup(theirs: Timing, ours: Timing): number {
  return median(theirs.rounds.map((cpuMs, r) => cpuMs / ours.rounds[r]!));
}
