/**
 * The signals that end a command which runs until it is told to stop.
 *
 * A process that is PID 1, as in a container, ignores signals without a handler: the handlers are
 * there from the command's start to its end.
 */

export type StopSignal = "SIGINT" | "SIGTERM";

const EXIT_BY_SIGNAL: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** The first signal to stop. At the second one the process ends at once. */
export function firstStopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let isFirst = true;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        if (!isFirst) process.exit(EXIT_BY_SIGNAL[signal]);
        isFirst = false;
        resolve(signal);
      });
    }
  });
}
