/**
 * Goal: a session over a recorded link takes as long as can be counted by hand, costs the joules of
 * the radio's published model, and compares the agent's decisions with every fixed split.
 * Method: made links of round rates and sessions of few requests; at random, bytes are conserved.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  agentSplit,
  compareSplits,
  drawRequests,
  parseLinks,
  parseSession,
  play,
  type RecordedLink,
  type Session,
} from "../../../../src/cluster/simulation/index.ts";
import { createRadio } from "../../../../src/cluster/simulation/session/energy.ts";
import { createLane } from "../../../../src/cluster/simulation/session/lane.ts";
import { carriedBy } from "../../../../src/cluster/simulation/session/links.ts";
import { fixedSplit } from "../../../../src/cluster/simulation/session/splits.ts";

const SESSION = {
  name: "a session",
  seed: 1,
  experts: { count: 4, kilobytes: 10, skew: 1, microjoulesPerRow: 1000 },
  inputs: 8,
  memoryKilobytes: 40,
  deviceMs: 2,
  serverMs: 10,
  roundTripMs: 100,
  requests: { perSecond: 1, rows: 16, dwellSeconds: 10, elsewhere: 0.2 },
  deadlineMs: 10_000,
};
const sessionOf = (own: object = {}): Session =>
  parseSession(JSON.stringify({ ...SESSION, ...own }));
const linkOf = (up: readonly number[], down = up): RecordedLink =>
  parseLinks(JSON.stringify({ links: { made: { up, down } } }))[0]!;
const steady = (bytesPerSecond: number, seconds: number): RecordedLink =>
  linkOf(new Array(seconds).fill(bytesPerSecond));
const request = (atSeconds: number, rows: Readonly<Record<string, number>>) => ({
  atSeconds,
  rows: new Map(Object.entries(rows)),
});

describe("a way of a recorded link", () => {
  test("carries what was recorded, waits where nothing was, and begins anew", () => {
    const way = carriedBy("made", [100, 0, 50]);
    expect([0.5, 1, 2, 2.5, 3, 4].map(way.by)).toEqual([50, 100, 100, 125, 150, 250]);
    expect([50, 100, 125, 150, 250].map(way.momentOf)).toEqual([0.5, 1, 2.5, 3, 4]);
  });

  test("is shared equally by what is under way", () => {
    const lane = createLane(carriedBy("made", [100]));
    const ended: string[] = [];
    lane.start(100, () => ended.push("large"));
    lane.start(20, () => ended.push("small"));
    expect(lane.nextEnd()).toBeCloseTo(0.4, 9);
    lane.advance(lane.nextEnd());
    expect(lane.nextEnd()).toBeCloseTo(1.2, 9);
    lane.advance(lane.nextEnd());
    expect(ended).toEqual(["small", "large"]);
    expect(lane.bytes).toBeCloseTo(120, 2);
  });

  test("carries all that is given to it, however much and whenever", () => {
    const rates = fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 });
    const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(rates, sizes, (recorded, given) => {
        fc.pre(recorded.some((rate) => rate > 0));
        const lane = createLane(carriedBy("made", recorded));
        let nEnded = 0;
        for (const size of given) lane.start(size, () => nEnded++);
        for (let event = 0; event < 100 && lane.isBusy; event++) lane.advance(lane.nextEnd());
        expect(nEnded).toBe(given.length);
        expect(lane.bytes).toBeCloseTo(
          given.reduce((sum, size) => sum + size, 0),
          0,
        );
      }),
    );
  });
});

describe("a file of links", () => {
  test.each<[string, string]>([
    ["is JSON", "no JSON"],
    ["has a way up and a way down", JSON.stringify({ links: { a: { up: [1] } } })],
    ["has both of equal length", JSON.stringify({ links: { a: { up: [1, 2], down: [1] } } })],
    ["carries something each way", JSON.stringify({ links: { a: { up: [0, 0], down: [1, 1] } } })],
    ["carries no negative bytes", JSON.stringify({ links: { a: { up: [-1], down: [1] } } })],
  ])("%s, or is refused", (_what, text) => {
    expect(() => parseLinks(text)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("a session", () => {
  const link = steady(10_000, 60);

  test("all remote: bytes by the rate, a round trip and the server's time", () => {
    const requests = [request(1, { e0: 16 }), request(5, { e0: 10, e1: 6 })];
    const split = fixedSplit([]);
    const { ms, nFetched } = play({ session: sessionOf(), link, requests, split });
    // There: a head, its experts, and nine numbers a row. Back: the same with one.
    const askMs = (nExperts: number) => (2 * (400 + 145 * nExperts) + 16 * 4 * 10) / 10 + 100 + 10;
    expect(ms[0]).toBeCloseTo(askMs(1) + 2, 3);
    expect(ms[1]).toBeCloseTo(askMs(2) + 2, 3);
    expect(nFetched).toBe(0);
  });

  test("fixed: rows of an expert that shall be here wait until it is", () => {
    const requests = [request(0.5, { e0: 16 }), request(5, { e0: 16 })];
    const split = fixedSplit([{ hash: "e0", bytes: 10_000 }]);
    const { ms, nFetched } = play({ session: sessionOf(), link, requests, split });
    const arrived = (2 * 400 + 10_000) / 10 + 100 + 10;
    expect(ms[0]).toBeCloseTo(arrived - 500 + 2, 3);
    expect(ms[1]).toBeCloseTo(2, 6);
    expect(nFetched).toBe(1);
  });

  test("of the agent: asks at once, fetches behind, and keeps to the memory", () => {
    const session = sessionOf({ memoryKilobytes: 20 });
    const requests = drawRequests(session, 60);
    const split = agentSplit(session);
    const { ms, nFetched } = play({ session, link, requests, split });
    expect(ms).toHaveLength(requests.length);
    expect(Math.max(...ms)).toBeLessThan(2000);
    expect(["e0", "e1", "e2", "e3"].filter((hash) => split.isHere(hash))).toHaveLength(2);
    expect(nFetched).toBeGreaterThanOrEqual(2);
  });

  test("a request without an answer at its deadline ends then, and frees the link", () => {
    const gap = linkOf([0, 0, 0, 0, 10_000, 10_000]);
    const requests = [request(0.1, { e0: 16 }), request(4.1, { e0: 16 })];
    const session = sessionOf({ deadlineMs: 1500 });
    const { ms } = play({ session, link: gap, requests, split: fixedSplit([]) });
    expect(ms[0]).toBeCloseTo(1500, 6);
    expect(ms[1]).toBeLessThan(400);
  });

  test("costs the radio's waking, sending and tail, and the rows' own joules", () => {
    const radio = createRadio();
    radio.pass(5, false);
    radio.pass(1, true);
    radio.pass(20, false);
    const carried = { bytesUp: 125_000, bytesDown: 125_000 };
    const [wake, send, tail] = [0.2601 * 1.2107, 1.28804 + 0.43839 + 0.05197, 11.576 * 1.06];
    expect(radio.joules(carried)).toBeCloseTo(wake + send + tail, 9);
    const session = sessionOf();
    const split = fixedSplit([{ hash: "e0", bytes: 10_000 }]);
    const play16 = (n: number) =>
      play({ session, link, requests: [request(30, { e0: n })], split: { ...split } }).joules;
    const first = play16(1000);
    expect(first).toBeGreaterThan(1);
  });

  test("has the same requests for the same seed, and others for another", () => {
    const [a, b, c] = [1, 1, 2].map((seed) => drawRequests(sessionOf({ seed }), 100));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  test("names every key that is wrong", () => {
    expect(() => sessionOf({ inputs: 0, deadlineMs: "soon" })).toThrow(/inputs.*deadlineMs/s);
  });
});

test("every fixed split is played, and the best in hindsight is the best of them", () => {
  const session = sessionOf({ memoryKilobytes: 30 });
  const compared = compareSplits(session, steady(5000, 120));
  const played = compared.fixed.map(({ by, nHere }) => `${by} ${nHere}`);
  const counts = [0, 1, 2, 3];
  expect(played).toEqual([
    ...counts.map((n) => `share ${n}`),
    ...counts.map((n) => `hindsight ${n}`),
  ]);
  expect(compared.best.meanMs).toBe(Math.min(...compared.fixed.map(({ meanMs }) => meanMs)));
  const byShare = compared.fixed.slice(0, 4).map(({ meanMs }) => meanMs);
  expect(compared.medianMs).toBeCloseTo(
    [...byShare]
      .sort((a, b) => a - b)
      .slice(1, 3)
      .reduce((sum, ms) => sum + ms / 2, 0),
    9,
  );
  expect(compared.ours.meanMs).toBeLessThan(compared.medianMs);
});
