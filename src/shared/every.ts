/** Work that is repeated at an interval and never runs twice at the same time. */

export interface Repeated {
  /** Runs the work at once, or as soon as the present run has ended. */
  now(): void;
  /** Begins no further run; resolves when the present run has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `work` every `ms` milliseconds; a turn that comes while it still runs is left out.
 *
 * The timer does not keep the process alive.
 *
 * @param onError - Gets what `work` throws; without it, the next turn simply tries again.
 */
export function every(
  ms: number,
  work: () => unknown,
  onError: (error: unknown) => void = () => undefined,
): Repeated {
  let running: Promise<void> | null = null;
  let isAskedAgain = false;
  let isStopped = false;
  const run = async (): Promise<void> => {
    do {
      isAskedAgain = false;
      try {
        await work();
      } catch (error) {
        onError(error);
      }
    } while (isAskedAgain && !isStopped);
  };
  const turn = (): void => {
    if (isStopped || running !== null) return;
    running = run().finally(() => {
      running = null;
    });
  };
  const timer = setInterval(turn, ms);
  timer.unref();
  return {
    now: () => {
      if (running === null) turn();
      else isAskedAgain = true;
    },
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
