/** How long a node is left alone after it has failed. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStandings, type Standings } from "../../../src/cluster/router/standings.ts";

let standings: Standings;
beforeEach(() => {
  vi.useFakeTimers();
  standings = createStandings();
});
afterEach(() => vi.useRealTimers());

async function failTogether(n: number, isItsFault = true): Promise<void> {
  const requests = Array.from({ length: n }, () =>
    standings.observe(
      "a",
      async () => {
        throw new Error("no answer");
      },
      () => isItsFault,
    ),
  );
  await Promise.allSettled(requests);
}

/** Milliseconds until it may be asked again. */
function rest(): number {
  let ms = 0;
  for (; standings.waitOf("a") === Number.POSITIVE_INFINITY; ms += 50) vi.advanceTimersByTime(50);
  return ms;
}

test("requests that were on the way together fail as one; failures in a row double the rest", async () => {
  await failTogether(16);
  expect(rest()).toBe(250);
  expect(standings.takeCounts().get("a")).toMatchObject({ nFailures: 16 });
  await failTogether(3);
  expect(rest()).toBe(500);
  await failTogether(1);
  expect(rest()).toBe(1000);
  await standings.observe(
    "a",
    async () => 1,
    () => true,
  );
  await failTogether(1);
  expect(rest()).toBe(250);
});

test("failures of the way to it do not double the rest", async () => {
  for (let turn = 0; turn < 4; turn++) {
    vi.advanceTimersByTime(1000);
    await failTogether(1, false);
    expect(rest()).toBe(250);
  }
  expect(standings.takeCounts().get("a")).toBeUndefined();
});
