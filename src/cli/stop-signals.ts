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
  const onFirst = (): void => {
    note("stopping: the best model so far will be saved; stop again to save nothing");
    stop.abort(new Error("stopped"));
    for (const signal of SIGNALS) process.off(signal, onFirst);
    for (const signal of SIGNALS) process.on(signal, onSecond);
  };
  const abort = new AbortController();
  const onSecond = (signal: StopSignal): void => {
    process.exitCode = EXIT_BY_SIGNAL[signal];
    if (abort.signal.aborted) process.exit();
    abort.abort(new Error(`stopped by ${signal}`));
  };
  for (const signal of SIGNALS) process.on(signal, onFirst);
  try {
    await work(stop.signal, abort.signal);
  } catch (error) {
    if (!abort.signal.aborted || error !== abort.signal.reason) throw error;
    note(abort.signal.reason.message);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onFirst).off(signal, onSecond);
  }
}

/**
 * Runs `work` with an abort signal. The first stop signal aborts it, so that `work` ends as after
 * an error: its threads are closed, its lock is released, and a folder that it made is removed. At
 * the second signal the process ends at once.
 */
export async function untilStopSignal(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = (signal: StopSignal): void => {
    process.exitCode = EXIT_BY_SIGNAL[signal];
    if (controller.signal.aborted) process.exit();
    controller.abort(new Error(`stopped by ${signal}`));
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted || error !== controller.signal.reason) throw error;
    note(controller.signal.reason.message);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
