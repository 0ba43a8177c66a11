/**
 * Goal: bench agent measures what it says: bits, bytes, first answers and rows that stay.
 * Method: the bench with a small plan, in Chromium; what does not hang on the machine's speed must
 * hold its bound.
 */
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { benchAgent } from "../../src/benches/agent/bench.ts";
import type { AgentPart } from "../../src/shared/choices.ts";
import { buildAgent } from "../build-agent.mjs";
import { commandLine } from "./command-line.ts";

const PLAN = { nRows: 3000, nRounds: 1, turnMs: 50, starts: 1, ortStarts: 1, localRows: 2000 };
const PAGE: readonly AgentPart[] = ["page"];
const OPTIONS = { command: "bench agent", parts: PAGE, split: null, serve: commandLine() };

test("a short bench: all is measured, and the bits and bytes hold", async () => {
  const agent = join(inject("compiled"), "dist", "agent.js");
  await buildAgent("src/api/agent/index.ts", agent);
  const { figures, measurements, versions } = await benchAgent({ ...OPTIONS, agent, plan: PLAN });
  expect(figures.filter(({ value }) => value === null)).toEqual([]);
  const { page } = measurements;
  if (page === null || "absent" in page) throw new Error(page?.absent);
  expect(page.same).toMatchObject({ nRows: 3000, same: 3000, nExperts: 6 });
  expect(page.leaks).toMatchObject({ found: 0, posts: 0, control: 200 });
  const held = figures.filter(({ ok }) => ok === true).map(({ name }) => name);
  for (const part of ["first-load-kb", "first-load-vs-ort-web", "update-bytes", "local-leaks"]) {
    expect(held).toContain(`agent.${part}`);
  }
  expect(Object.keys(versions)).toEqual(
    expect.arrayContaining(["bailiwick", "node", "chromium", "onnxruntime-web"]),
  );
});

test("without the peer's script nothing is measured, and each figure says why", async () => {
  const none = { agent: "none", peersFolder: "experiments/none" };
  const { figures } = await benchAgent({ ...OPTIONS, ...none });
  expect(new Set(figures.map(({ how }) => how))).toEqual(
    new Set(["not measured: the script agent-page.mjs is not there"]),
  );
});
