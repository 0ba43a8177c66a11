/**
 * Goal: exports are what other people's programs expect: ONNX files pass the checker and predict
 * what the package predicts, safetensors files hold its parameters to the bit.
 * Method: PyPI's onnx (checker and reference evaluator), onnxruntime and safetensors, on the
 * command's own export of the fitted model and on random models of every kind.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportModel, readBundle, writeBundle } from "../../src/bundle/index.ts";
import { openData, schemaTypes, type Table } from "../../src/data/index.ts";
import { createReferenceEngine, layerOffsets, type Net } from "../../src/experts/index.ts";
import { type Model, predict } from "../../src/mixture/index.ts";
import { encodeOnnx } from "../../src/onnx/index.ts";
import { sha256 } from "../../src/shared/hash.ts";
import { makeContent } from "../bundle/models.ts";
import { type Command, installCommand } from "../cli/command.ts";
import { disagreement } from "../onnx/agreement.ts";
import { everyKind } from "../onnx/models.ts";
import { makeTable } from "../onnx/rows.ts";
import { pythonWith } from "./python.ts";

const SCRIPT = fileURLToPath(new URL("./onnx_check.py", import.meta.url));
const PACKAGES = ["onnx==1.23.1", "onnxruntime==1.30.0", "safetensors==0.8.0", "numpy==2.4.6"];
const FACTS = { digest: "cd".repeat(32), packageVersion: "1.2.3" };

type Outputs = Readonly<Record<string, readonly number[] | readonly (readonly number[])[]>>;

interface RunModel {
  readonly inputs: readonly unknown[];
  readonly outputs: readonly unknown[];
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly onnxruntime: Outputs;
  readonly reference: Outputs;
}

type ReadTensor = readonly [string, readonly number[], string];

interface Found {
  readonly models: Readonly<Record<string, RunModel>>;
  readonly files: Readonly<
    Record<string, { metadata: Record<string, string>; tensors: Record<string, ReadTensor> }>
  >;
}

let cli: Command;
let found: Found;
const cases = everyKind().map(([name, model], c) => {
  return { name, file: `case${c}`, model, table: makeTable(model.preprocessing, 50, c) };
});
const content = makeContent({ seed: 8, experts: ["mlp", "ridge"], gate: "svm", nMembers: 2 });
let concrete: { readonly model: Model; readonly table: Table; readonly digest: string };

beforeAll(async () => {
  cli = installCommand();
  const folder = join(cli.folder, "exports");
  mkdirSync(folder);
  const save = (file: string, table: Table): void => {
    const columns = table.columns.map(({ type, values }) => ({ type, values: [...values] }));
    writeFileSync(join(folder, `${file}.json`), JSON.stringify(columns));
  };
  for (const { file, model, table } of cases) {
    writeFileSync(join(folder, `${file}.onnx`), encodeOnnx(model, FACTS));
    save(file, table);
  }
  const { model, digest } = await readBundle(join(cli.folder, "models", "concrete"));
  const { table } = await openData("concrete", { types: schemaTypes(model.preprocessing) });
  const columns = model.preprocessing.features.map(({ name }) => {
    return table.columns.find((column) => column.name === name)!;
  });
  concrete = { model, digest, table: { nRows: table.nRows, columns } };
  save("concrete", concrete.table);
  const out = join("exports", "concrete.onnx");
  const { code } = await cli.run("export", "models/concrete", "--format", "onnx", "--out", out);
  expect(code).toBe(0);
  await writeBundle(join(cli.folder, "bundle"), content);
  const bundle = await readBundle(join(cli.folder, "bundle"));
  await exportModel(bundle, "safetensors", join(folder, "random.safetensors"));
  const python = pythonWith("onnx-1.23.1", PACKAGES);
  const text = execFileSync(python, [SCRIPT, folder], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
  found = JSON.parse(text) as Found;
}, 900_000);

afterAll(() => cli?.remove());

function expectAgreement(model: Model, table: Table, { onnxruntime, reference }: RunModel): void {
  const ours = predict(createReferenceEngine(), model, table);
  for (const outputs of [onnxruntime, reference]) {
    const prefixes = model.members.map((_, m) => (m === 0 ? "" : `m${m}.`));
    const apart = disagreement(model, ours, {
      prediction: Float64Array.from(outputs["prediction"] as readonly number[]),
      experts: prefixes.map((p) => Int32Array.from(outputs[`${p}expert`] as readonly number[])),
      scores: prefixes.map((p) => Float64Array.from(outputs[`${p}scores`]!.flat())),
    });
    expect(apart.otherExperts).toBe(0);
    expect(apart.scores).toBeLessThan(1e-5);
    expect(apart.predictions).toBeLessThan(1e-5);
  }
}

describe("onnx passes the checker and agrees to 1e-5, by runtime and reference, on", () => {
  test.each(cases.map((one) => [one.name, one] as const))("%s", (_name, { file, model, table }) => {
    expectAgreement(model, table, found.models[file]!);
  });

  test("the command's export of a fitted model", () => {
    const { model, table, digest } = concrete;
    const run = found.models["concrete"]!;
    expectAgreement(model, table, run);
    expect(run.opsets).toEqual({ "": 17, "ai.onnx.ml": 3 });
    expect(run.metadata).toEqual({
      format: "bailiwick/1",
      digest,
      target: model.preprocessing.target.name,
    });
    const names = model.preprocessing.features.map(({ name }) => name);
    expect(run.inputs).toEqual(names.map((name) => [name, "tensor(double)", ["rows", 1]]));
    const nExperts = model.members[0]!.mixture.experts.length;
    expect(run.outputs.slice(0, 3)).toEqual([
      ["prediction", "tensor(double)", ["rows"]],
      ["expert", "tensor(int32)", ["rows"]],
      ["scores", "tensor(double)", ["rows", nExperts]],
    ]);
  });
});

test("the Python in docs/export.md predicts what the command predicts", async () => {
  const header = "cement,blast_furnace_slag,fly_ash,water,superplasticizer,coarse_aggregate";
  const rows = ["540,0,0,162,2.5,1040,676,28", "332.5,142.5,,228,0,932,594,270.123456789"];
  const table = [`${header},fine_aggregate,age`, ...rows, ""].join("\n");
  writeFileSync(join(cli.folder, "rows.csv"), table);
  await cli.run("export", "models/concrete", "--format", "onnx", "--out", "concrete.onnx");
  const page = readFileSync(new URL("../../docs/export.md", import.meta.url), "utf8");
  const [, script] = /```python\n(.*?)```/s.exec(page)!;
  const options = { encoding: "utf8", cwd: cli.folder } as const;
  const printed = execFileSync(pythonWith("onnx-1.23.1", PACKAGES), ["-c", script!], options);
  const { stdout } = await cli.run("predict", "models/concrete", "rows.csv");
  const expected = stdout.trim().split("\n").slice(1).map(Number);
  expect(expected).toHaveLength(2);
  (JSON.parse(printed) as number[]).forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-4);
  });
});

test("safetensors are read to the bit, each under the name of its place", () => {
  const { tensors, metadata } = found.files["random"]!;
  const expected = new Map<string, ReadTensor>();
  content.model.members.forEach(({ mixture }, m) => {
    const at = `members.${m}`;
    const [net, ridge] = mixture.experts;
    const { gate } = mixture;
    if (net?.kind !== "mlp" || ridge?.kind !== "ridge" || gate?.kind !== "svm") throw new Error();
    for (const [name, tensor] of netTensors(net.net))
      expected.set(`${at}.experts.0.${name}`, tensor);
    expected.set(`${at}.experts.1.coefficients`, tensorOf(ridge.coefficients));
    gate.machines.forEach(({ supportVectors, coefficients }, p) => {
      const { values, nRows, nColumns } = supportVectors;
      expected.set(`${at}.gate.support_vectors.${p}`, tensorOf(values, [nRows, nColumns]));
      expected.set(`${at}.gate.coefficients.${p}`, tensorOf(coefficients));
    });
    for (const name of ["rho", "slope", "intercept"] as const) {
      const values = Float64Array.from(gate.machines, (machine) => machine[name]);
      expected.set(`${at}.gate.${name}`, tensorOf(values));
    }
  });
  expect(tensors).toEqual(Object.fromEntries(expected));
  expect(metadata["format"]).toBe("bailiwick/1");
});

function tensorOf(
  values: Float32Array | Float64Array,
  shape: readonly number[] = [values.length],
): ReadTensor {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return [values instanceof Float32Array ? "float32" : "float64", shape, sha256(bytes)];
}

function netTensors({ sizes, parameters }: Net): readonly (readonly [string, ReadTensor])[] {
  return layerOffsets(sizes).flatMap(({ inputs, outputs, weights, biases }, l) => [
    [`weights.${l}`, tensorOf(parameters.subarray(weights, biases), [inputs, outputs])] as const,
    [`biases.${l}`, tensorOf(parameters.subarray(biases, biases + outputs))] as const,
  ]);
}
