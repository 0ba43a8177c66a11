/**
 * Goal: an exported model predicts what the package predicts, whatever the model and the rows.
 * Method: random models of every kind and a fitted one, run by onnxruntime-web on tables with
 * gaps, extremes and unknown levels; a difference is in units of the target's scale.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { exportModel, readBundle, writeBundle } from "../../src/bundle/index.ts";
import { openData, type Preprocessing, schemaTypes, type Table } from "../../src/data/index.ts";
import { createReferenceEngine, createWasmEngine } from "../../src/experts/index.ts";
import type { SoftmaxGate } from "../../src/gate/index.ts";
import { type Model, predict } from "../../src/mixture/index.ts";
import { encodeOnnx } from "../../src/onnx/index.ts";
import { makeContent, temporaryFolder } from "../bundle/models.ts";
import { disagreement } from "./agreement.ts";
import { everyKind, makeModel } from "./models.ts";
import { makeTable } from "./rows.ts";
import { runOnnx } from "./runtime.ts";

const FACTS = { digest: "ab".repeat(32), packageVersion: "1.2.3" };
const PLAN = { seed: 5, experts: ["mlp", "ridge"], gate: "softmax" } as const;

async function expectAgreement(model: Model, table: Table): Promise<void> {
  const theirs = await runOnnx(encodeOnnx(model, FACTS), table, model.members.length);
  const wasm = await createWasmEngine({ threads: 1 });
  try {
    for (const engine of [createReferenceEngine(), wasm]) {
      const found = disagreement(model, predict(engine, model, table), theirs);
      expect(found.otherExperts).toBe(0);
      expect(found.scores).toBeLessThan(1e-5);
      expect(found.predictions).toBeLessThan(1e-5);
    }
  } finally {
    await wasm.close();
  }
}

describe("onnxruntime agrees to 1e-5 on", () => {
  test.each(everyKind())("%s", async (_name, model) => {
    await expectAgreement(model, makeTable(model.preprocessing, 200, 3));
  });

  test("a model fitted to data, and the data", async () => {
    const folder = fileURLToPath(new URL("../../models/concrete", import.meta.url));
    const { model } = await readBundle(folder);
    const { table } = await openData("concrete", { types: schemaTypes(model.preprocessing) });
    const columns = model.preprocessing.features.map(({ name }) => {
      return table.columns.find((column) => column.name === name)!;
    });
    await expectAgreement(model, { nRows: table.nRows, columns });
  });

  test("equal scores, of which the first wins", async () => {
    const model = makeModel({ ...PLAN, seed: 15 }, (mixture) => {
      const gate = mixture.gate as SoftmaxGate;
      const net = { ...gate.net, parameters: gate.net.parameters.map(() => 0) };
      return { ...mixture, gate: { ...gate, net }, recombination: "hard" };
    });
    const table = makeTable(model.preprocessing, 10, 8);
    const { experts, prediction } = await runOnnx(encodeOnnx(model, FACTS), table, 1);
    expect([...experts[0]!]).toEqual(new Array(10).fill(0));
    const { values } = predict(createReferenceEngine(), model, table);
    for (let i = 0; i < 10; i++) expect(prediction[i]).toBeCloseTo(values[i]!, 4);
  });

  test.each([0, 1, 2, 1000])("%i rows", async (nRows) => {
    for (const gate of ["softmax", "ensemble", "tree", "linear", "quadratic", "svm"] as const) {
      const model = makeModel({ ...PLAN, gate, nMembers: 2 });
      await expectAgreement(model, makeTable(model.preprocessing, nRows, 4));
    }
  });
});

const number = { type: "number", median: 1, mean: 2, scale: 3, indicator: true } as const;
const category = { type: "category", levels: [" ", "0", "a\nb", '"é"', "🌧"] } as const;

describe("columns", () => {
  test.each<readonly [string, Preprocessing["features"]]>([
    [
      "numbers only",
      [
        { ...number, name: "a" },
        { ...number, name: "b", indicator: false },
      ],
    ],
    [
      "categories only",
      [
        { ...category, name: "a" },
        { ...category, name: "b" },
      ],
    ],
    [
      "codes and heavy tails",
      [
        { ...number, name: "a", codes: [-9999, 9999] },
        { ...number, name: "b", indicator: false, tails: "bounded" },
        { ...number, name: "c", codes: [-99], tails: "bounded" },
        { ...number, name: "d" },
      ],
    ],
    [
      "columns by rank, and one in standard units between",
      [
        { ...number, name: "a", knots: Array.from({ length: 256 }, (_, q) => 10 ** (q / 15 - 3)) },
        { ...number, name: "b", indicator: false },
        { ...number, name: "c", codes: [-99], knots: [-1e12, 1.7e9, 1.7e9 + 1, 1e300] },
      ],
    ],
    ["only a column by rank", [{ ...number, name: "a", indicator: false, knots: [1e9, 1e9 + 1] }]],
    ["a category without levels", [{ type: "category", name: "none", levels: [] }]],
    [
      "a column between its own kind",
      [
        { ...category, name: "a" },
        { ...number, name: "b" },
        { ...category, name: "c" },
      ],
    ],
  ])("are preprocessed as here: %s", async (_name, features) => {
    const model = makeModel({ ...PLAN, features });
    await expectAgreement(model, makeTable(model.preprocessing, 100, 6));
  });

  test("have inputs of their names, but for names that outputs have", async () => {
    const names = [
      "scores",
      "",
      "preprocessing/Concat",
      "scores_2",
      'Grüße, "x"\n',
      "m1.expert",
      "m2.expert",
    ];
    const features = names.map((name) => ({ ...number, name }));
    const model = makeModel({ ...PLAN, features, nMembers: 2 });
    const table = makeTable(model.preprocessing, 20, 7);
    await expectAgreement(model, table);
    const { inputNames } = await runOnnx(encodeOnnx(model, FACTS), table, 2);
    expect(inputNames).toEqual([
      "scores_3",
      "_2",
      ...names.slice(2, 5),
      "m1.expert_2",
      "m2.expert",
    ]);
  });
});

test("the same model gives the same bytes", () => {
  const model = makeModel(PLAN);
  expect(encodeOnnx(model, FACTS)).toEqual(encodeOnnx(makeModel(PLAN), FACTS));
});

test("refuses a model of more than 1 GB before it makes any of it, and writes nothing", async () => {
  const model = makeModel(PLAN);
  const sizes = [4000, 4000, 1];
  const net = { sizes, activation: "tanh", parameters: new Float32Array(4000 * 4002 + 1) } as const;
  const experts = Array.from({ length: 16 }, () => ({ kind: "mlp", net }) as const);
  const members = [{ weight: 1, mixture: { ...model.members[0]!.mixture, experts } }];
  const folder = temporaryFolder();
  await writeBundle(join(folder, "small"), makeContent(PLAN));
  const small = await readBundle(join(folder, "small"));
  const large = { ...small, model: { ...model, members } };
  await expect(exportModel(large, "onnx", join(folder, "large.onnx"))).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining("at most 1000000000 bytes of parameters, got 1024"),
  });
  expect(readdirSync(folder)).toEqual(["small"]);
});
