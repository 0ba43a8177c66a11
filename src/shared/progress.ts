/** How far a long job is: the stage in words, and the fraction done in [0, 1]. */
export type Progress = (stage: string, fraction: number) => void;

/** A report for a part of a job, which covers [from, to] of the whole. */
export function within(progress: Progress, from: number, to: number): Progress {
  return (stage, fraction) => progress(stage, from + fraction * (to - from));
}

/** Ignores progress. */
export const silent: Progress = () => {};
