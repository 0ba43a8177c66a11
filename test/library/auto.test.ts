/**
 * Goal: the preset auto has a model however little time there is, says what it had no time for, and
 * with time enough gives the model with the lowest expected error.
 * Method: 60 rows and short training; the clock is given, so that no test waits or measures.
 */
import { beforeAll, expect, test } from "vitest";
import { type DataTable, fit, openTable } from "../../src/index.ts";
import { type Budget, fitAuto } from "../../src/library/auto.ts";
import { selectRows } from "../../src/library/open-table.ts";
import { drawFlats, QUICK } from "./prices.ts";

const { tuning } = QUICK;
let table: DataTable;
beforeAll(async () => {
  table = await openTable(drawFlats(60, 1), { target: "price", drop: ["id"] });
});

const search = (
  budget: Budget,
  seed = 1,
  onProgress: (step: string) => void = () => {},
): ReturnType<typeof fitAuto> => {
  const rows = selectRows("flats", table.table, table);
  return fitAuto({ tuning, seed }, rows, { threads: 1, onProgress }, budget);
};

/** A clock that stands still. */
const still = (): number => 0;

test("with enough time every stage has a model, and the lowest error is taken", async () => {
  const { stages, expectation } = await search({ timeMs: 600_000, nowMs: still });
  expect(stages.map(({ name }) => name)).toEqual(["quick model", "regimes", "committee"]);
  const errors = stages.map(({ rmse }) => rmse!);
  expect(stages.findIndex(({ outcome }) => outcome === "model")).toBe(
    errors.indexOf(Math.min(...errors)),
  );
  const { rmse, gain = 1 } = expectation;
  expect(Math.sqrt(gain) * rmse).toBe(Math.min(...errors));
}, 120_000);

test("without time the first model is the result, and no verdict is claimed", async () => {
  let ms = 0;
  const slow = (): number => {
    ms += 60_000;
    return ms;
  };
  const steps: string[] = [];
  const { stages, verdict, model } = await search({ timeMs: 1, nowMs: slow }, 1, (step) => {
    steps.push(step);
  });
  expect(steps.at(-1)).toContain("the time is up, this first model is ended");
  expect(stages.map(({ outcome }) => outcome)).toEqual(["model", "left out", "left out"]);
  expect(verdict.partitioning).toBe("undecided");
  expect(model.members.length).toBeGreaterThan(0);
});

test("a stop leaves the best model so far, an abort leaves none", async () => {
  const stop = AbortSignal.abort();
  const steps: string[] = [];
  const { stages, verdict } = await search({ timeMs: 60_000, nowMs: still, stop }, 1, (step) => {
    steps.push(step);
  });
  expect(stages.map(({ outcome }) => outcome)).toEqual(["model", "stopped", "stopped"]);
  expect(verdict.why).toBe("the fit was stopped before models that divide the rows were tried");
  expect(steps.at(-1)).toContain("the fit is stopped, this first model is ended");
  const signal = AbortSignal.abort(new Error("not today"));
  await expect(fit(table, { tuning, signal })).rejects.toThrow("not today");
});

test("is the library's default, and the time goes with no other preset", async () => {
  const model = await fit(table, { tuning, threads: 1, stop: AbortSignal.abort() });
  expect(model.provenance.preset).toBe("auto");
  expect(model.stages).toHaveLength(3);
  const refused = fit(table, { preset: "fast", timeMs: 1000 });
  await expect(refused).rejects.toThrow("timeMs (--time) goes with the preset auto alone");
  await expect(fit(table, { hidden: [8] })).rejects.toThrow(/hidden/);
});
