/**
 * The signals that end a command: one that runs until a signal, and one that fits.
 *
 * A process that is PID 1, as in a container, ignores signals without a handler, so the handlers
 * are set from the command's start to its end.
 */
import { note } from "./output.ts";

export type StopSignal = "SIGINT" | "SIGTERM";

const SIGNALS: readonly StopSignal[] = ["SIGINT", "SIGTERM"];

const EXIT_BY_SIGNAL: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** Resolves with the first signal. At the second signal the process ends at once. */
export function firstStopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let isFirst = true;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (!isFirst) process.exit(EXIT_BY_SIGNAL[signal]);
        isFirst = false;
        resolve(signal);
      });
    }
  });
}

/**
 * Runs `work` with two signals: the first stop signal asks it to end with what it has, the second
 * aborts it, and the third ends the process at once.
 */
export async function untilSecondSignal(
  work: (stop: AbortSignal, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  stop.signal.addEventListener("abort", () => {
    note("stopping: the best model so far will be saved; stop again to save nothing");
  });
  await untilAborted([stop], (signal) => work(stop.signal, signal));
}

/**
 * Runs `work` with an abort signal. The first stop signal aborts it, so that `work` ends as after
 * an error: its threads are closed, its lock is released, and a folder that it made is removed. At
 * the second signal the process ends at once.
 */
export async function untilStopSignal(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  await untilAborted([], work);
}

/** Each stop signal aborts the next of `before`, then `work`, and then ends the process. */
async function untilAborted(
  before: readonly AbortController[],
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const last = new AbortController();
  const waiting = [...before, last];
  const onSignal = (signal: StopSignal): void => {
    const next = waiting.shift();
    if (next === last || next === undefined) process.exitCode = EXIT_BY_SIGNAL[signal];
    if (next === undefined) process.exit();
    next.abort(new Error(`stopped by ${signal}`));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    await work(last.signal);
  } catch (error) {
    if (!last.signal.aborted || error !== last.signal.reason) throw error;
    note(last.signal.reason.message);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
