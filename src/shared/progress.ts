/** How far a long job is: the stage in words, and the fraction done in [0, 1]. */
export type Progress = (stage: string, fraction: number) => void;

/** A report for a part of a job, which covers [from, to] of the whole. */
export function within(progress: Progress, from: number, to: number): Progress {
  return (stage, fraction) => progress(stage, from + fraction * (to - from));
}

/** Reports for parts of a job that run side by side, each an equal share of the whole. */
export function sideBySide(progress: Progress, nParts: number): readonly Progress[] {
  const done = new Array<number>(nParts).fill(0);
  return done.map((_, part) => (stage, fraction) => {
    done[part] = Math.max(done[part]!, fraction);
    progress(stage, done.reduce((sum, own) => sum + own, 0) / nParts);
  });
}

/** Ignores progress. */
export const silent: Progress = () => {};
