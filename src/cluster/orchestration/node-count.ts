/**
 * How many nodes are wanted as time goes on: what the traffic needs, and where nodes take minutes
 * to start what it will need then. More are wanted at once, fewer after half an hour.
 */
import { createForecaster } from "../forecast/index.ts";
import { type NodeDemand, wantedNodes } from "../placement/index.ts";

export interface NodeCount {
  /** @param hour - Increases. @returns The number of nodes wanted from now on. */
  look(hour: number, needs: Pick<NodeDemand, "now" | "capacity" | "least">): number;
}

/** A node is not wanted any more after this time without being needed. */
const HOLD_HOURS = 0.5;
/** The forecaster sees means over this time. */
const SPAN_HOURS = 1 / 12;

export function createNodeCount(startSeconds: number): NodeCount {
  const forecaster = createForecaster(1);
  const [aheadHours, span] = [startSeconds / 3600 + SPAN_HOURS, { sum: 0, n: 0, from: Number.NaN }];
  let wanted: readonly { readonly hour: number; readonly n: number }[] = [];
  const learn = (hour: number, work: number): void => {
    if (Number.isNaN(span.from)) span.from = hour;
    if (hour - span.from >= SPAN_HOURS && span.n > 0) {
      forecaster.observe((span.from + hour) / 2, Float64Array.of(span.sum / span.n));
      Object.assign(span, { sum: 0, n: 0, from: hour });
    }
    span.sum += work;
    span.n += 1;
  };
  return {
    look: (hour, needs) => {
      learn(hour, needs.now);
      const expected = forecaster.expect(hour + aheadHours)[0]!;
      const n = wantedNodes({ ...needs, expected, startSeconds });
      wanted = [...wanted.filter((one) => hour - one.hour < HOLD_HOURS && one.n > n), { hour, n }];
      return wanted[0]!.n;
    },
  };
}
