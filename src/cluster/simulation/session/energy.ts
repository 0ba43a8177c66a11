/**
 * What a device's radio spends on LTE.
 *
 * Source: Huang et al. 2012, A close examination of performance and power characteristics of 4G LTE
 * networks (MobiSys), tables 3 and 4: it wakes up, spends a base power and some for each Mbit/s
 * while it sends or receives, and stays awake for a tail.
 */
const WAKE_JOULES = 0.2601 * 1.2107;
const BASE_WATTS = 1.28804;
const [UP_JOULES_PER_MBIT, DOWN_JOULES_PER_MBIT] = [0.43839, 0.05197];
const TAIL_SECONDS = 11.576;
const TAIL_WATTS = 1.06;

export interface Radio {
  /** Time passes, in which it sends or receives or does not. */
  pass(seconds: number, isBusy: boolean): void;
  /** With the tail that is left. */
  joules(carried: { readonly bytesUp: number; readonly bytesDown: number }): number;
}

export function createRadio(): Radio {
  let spent = 0;
  /** Since it sent or received. */
  let idleSeconds = Number.POSITIVE_INFINITY;
  const tail = (seconds: number): number => {
    return TAIL_WATTS * Math.max(0, Math.min(seconds, TAIL_SECONDS - idleSeconds));
  };
  return {
    pass: (seconds, isBusy) => {
      if (!isBusy) {
        spent += tail(seconds);
        idleSeconds += seconds;
        return;
      }
      if (idleSeconds >= TAIL_SECONDS) spent += WAKE_JOULES;
      spent += BASE_WATTS * seconds;
      idleSeconds = 0;
    },
    joules: ({ bytesUp, bytesDown }) =>
      spent +
      tail(TAIL_SECONDS) +
      (8 * (UP_JOULES_PER_MBIT * bytesUp + DOWN_JOULES_PER_MBIT * bytesDown)) / 1e6,
  };
}
