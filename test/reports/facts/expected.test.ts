/**
 * Goal: the page, the terminal and the bundle name the same expected error and the same leaders.
 * Method: one quick fit of each kind, read back from its bundle.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { afterAll, describe, expect, test } from "vitest";
import { renderFit } from "../../../src/cli/fit-report.ts";
import { writeFitReport } from "../../../src/cli/write-report.ts";
import { fit as fitTable, load, openTable, save } from "../../../src/library/index.ts";
import { onNewRows } from "../../../src/mixture/index.ts";
import { describeBundle } from "../../../src/reports/facts/index.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { figure } from "../../../src/shared/wording.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-expected-"));
afterAll(() => rmSync(folder, { recursive: true }));

const rng = createRng(5);
const rows = Array.from({ length: 90 }, () => {
  const x = 4 * rng.uniform() - 2;
  return { x, y: Math.sin(2 * x) + 0.2 * rng.normal() };
});

describe.each(["fast", "accurate"] as const)("after a fit with the preset %s", (preset) => {
  test("page, terminal and bundle agree", async () => {
    const table = await openTable(rows, { target: "y" });
    const tuning = { steps: [100], extendTo: 100 };
    const model = await fitTable(table, { preset, tuning, threads: 1 });
    const { expectation } = model;

    const text = renderFit(model);
    expect(text).toMatch(new RegExp(`^expect RMSE ${figure(onNewRows(expectation).rmse)} `));

    await save(model, join(folder, preset));
    const { expected, leaders } = describeBundle(await load(join(folder, preset)));
    expect(expected).toMatchObject({ rmse: expectation.rmse, nSamples: expectation.nSamples });
    expect(leaders.find(({ isModel }) => isModel)!.rmse).toBe(expectation.rmse);
    expect(leaders.map(({ rmse }) => rmse)).toEqual(leaders.map(({ rmse }) => rmse).toSorted());
    for (const { rmse, weight } of expectation.leaderboard) {
      if (weight < 1) expect(leaders.map((leader) => leader.rmse)).toContain(rmse);
    }

    const page = join(folder, `${preset}.html`);
    await writeFitReport(page, model, table);
    const { document } = parseHTML(readFileSync(page, "utf8"));
    const headline = document.querySelector("header .expected strong")!.textContent;
    expect(headline).toBe(figure(Number(onNewRows(expectation).rmse.toPrecision(3))));
    const shown = [...document.querySelectorAll(".comparison tbody tr")].map((row) => [
      row.querySelector("th")!.textContent,
      row.querySelector("td")!.textContent,
    ]);
    expect(shown).toEqual(leaders.map(({ name, rmse }) => [name, figure(rmse)]));
  });
});
