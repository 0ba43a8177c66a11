/** Goal: as in test/api/fuzz.test.ts, on the command itself and at length. */

import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeBundle } from "../../src/bundle/index.ts";
import { fuzz } from "../api/fuzz.ts";
import { makeContent } from "../bundle/models.ts";
import { installCommand } from "../cli/command.ts";

const cli = installCommand();
afterAll(() => cli.remove());

test("10,000 requests at random: no failure, valid ones answered, good ones unharmed", async () => {
  const features = [
    { type: "number" as const, name: "x", median: 0, mean: 0, scale: 1, indicator: true },
    { type: "category" as const, name: "kind", levels: ["a", "b"] },
  ];
  await writeBundle(
    join(cli.folder, "m"),
    makeContent({ seed: 1, experts: ["mlp", "ridge"], gate: "softmax", features }),
  );
  const child = cli.start("serve", "m", "--port", "0");
  const origin = await new Promise<string>((resolve) => {
    child.stderr!.on("data", (chunk: Buffer) => {
      const found = /serving m at (http:\S+)\/v2/.exec(String(chunk));
      if (found !== null) resolve(found[1]!);
    });
  });
  const path = "/v1/predict";
  const body = JSON.stringify({ rows: [{ x: 1, kind: "a" }] });
  const headers = { "content-type": "application/json" };
  const answer = await (await fetch(origin + path, { method: "POST", headers, body })).text();
  const target = { port: Number(new URL(origin).port), path, good: { body, answer } };
  const report = await fuzz(target, { nRequests: 10_000, seed: 2 });
  expect(report.unhandled.slice(0, 3)).toEqual([]);
  expect(report.byStatus.get(200)).toBeGreaterThan(2000);
  expect(report.good.failed).toBe(0);
  expect(report.good.slowestMs).toBeLessThan(2000);
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});
