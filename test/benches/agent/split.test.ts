/**
 * Goal: what bench agent says of splits is what was played, and a part that runs alone leaves the
 * other of an earlier result as it is.
 * Method: figures from made-up rows, worked by hand; a short bench over a made link.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { benchAgent } from "../../../src/benches/agent/bench.ts";
import {
  SPLIT_SESSIONS,
  type SplitRow,
  type SplitSession,
} from "../../../src/benches/agent/split.ts";
import { splitFigures } from "../../../src/benches/agent/split-figures.ts";
import { keepParts } from "../../../src/benches/keep-parts.ts";
import { parseLinks, parseSession } from "../../../src/cluster/simulation/index.ts";

const answers = (meanMs: number, late: number) => ({
  meanMs,
  late,
  p95Ms: meanMs,
  megabytesUp: 1,
  megabytesDown: 1,
  joules: 1,
  nFetched: 1,
});
const row = (session: SplitSession, seed: number, ours: number, late: number): SplitRow => ({
  session,
  seed,
  link: "made",
  nRequests: 100,
  nFixed: 8,
  ours: answers(ours, late),
  allRemote: answers(100, 10),
  best: { ...answers(20, 5), nHere: 3, by: "share" },
  medianMs: 40,
});
const ROWS = [
  row("fits", 1, 5, 0),
  row("fits", 2, 20, 2),
  row("bound", 1, 22, 8),
  row("bound", 2, 22, 9),
  row("trees", 1, 30, 10),
];
const DECISION = { session: "bound", nRequests: 10, microseconds: 40 } as const;

test("figures are those of the rows, each held against its bound", () => {
  const figures = splitFigures({ rows: ROWS, decision: DECISION });
  const facts = figures.map(({ name, value, must, ok }) => [
    name,
    Number(value!.toFixed(4)),
    must,
    ok,
  ]);
  expect(facts).toEqual([
    ["split.vs-median-static.fits", 0.25, "<= 0.4", true],
    ["split.vs-median-static.bound", 0.55, "<= 0.9", true],
    ["split.vs-median-static.trees", 0.75, "<= 0.8", true],
    ["split.vs-best-static.fits", 0.5, "<= 1", true],
    ["split.vs-best-static.bound", 1.1, "<= 1", false],
    ["split.vs-best-static.trees", 1.5, "<= 1", false],
    ["split.vs-best-static.worst", 1.5, "<= 1.1", false],
    ["split.late.fits", 0.1, "<= 0.4", true],
    ["split.late.bound", 0.85, "<= 0.9", true],
    ["split.late.trees", 1, "<= 0.9", false],
    ["split.decision-us", 40, "<= 50", true],
  ]);
  const worst = figures.find(({ name }) => name === "split.vs-best-static.worst");
  expect(worst?.how).toContain("trees over made, seed 1");
});

const RUN = { command: "bench agent", serve: ["none"], agent: "none" } as const;

test("the part split alone plays every session, and keeps the page's figures", async () => {
  const way = new Array(20).fill(100_000);
  const links = parseLinks(JSON.stringify({ links: { made: { up: way, down: way } } }));
  const sessions = new Map(
    SPLIT_SESSIONS.map((name) => {
      const text = readFileSync(`experiments/agent/sessions/${name}.json`, "utf8");
      return [name, parseSession(text)];
    }),
  );
  const split = { sessions, links, seeds: [1] };
  const now = await benchAgent({ ...RUN, parts: ["split"], split });
  expect(now.measurements.page).toBeNull();
  expect(now.figures.filter(({ value }) => value === null)).toEqual([]);
  const earlier = readFileSync("experiments/agent/result.json", "utf8");
  const kept = keepParts(now, earlier);
  const { figures, measurements } = JSON.parse(earlier);
  expect(kept.measurements.page).toEqual(measurements.page);
  const ofPage = ({ name }: { readonly name: string }) => name.startsWith("agent.");
  expect(kept.figures.filter(ofPage)).toEqual(figures.filter(ofPage));
  expect(kept.figures.length).toBe(9 + now.figures.length);
  expect(() => keepParts(now, "{}")).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});

test("without links each figure says what is missing", async () => {
  const { figures } = await benchAgent({ ...RUN, parts: ["split"], split: null });
  expect(figures).toHaveLength(11);
  expect(new Set(figures.map(({ how }) => how))).toEqual(
    new Set(["not measured: --links must name a file of recorded links"]),
  );
});
