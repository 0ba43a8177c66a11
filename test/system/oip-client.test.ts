/**
 * Goal: a client that nobody here wrote gets the numbers of `bailiwick predict`.
 * Method: the command serves; PyPI's tritonclient infers in JSON and in bytes, each way.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Command, installCommand } from "../cli/command.ts";
import { pythonWith } from "./python.ts";

interface Answer {
  readonly prediction: readonly number[];
  readonly expert: readonly number[];
  readonly scores: readonly (readonly number[])[];
}

const SCRIPT = fileURLToPath(new URL("./oip_client.py", import.meta.url));
const HEADER =
  "cement,blast_furnace_slag,fly_ash,water,superplasticizer,coarse_aggregate,fine_aggregate,age";
const ROWS = ["540,0,0,162,2.5,1040,676,28", "332.5,142.5,0,228,0,932,594,270.123456789"];

let cli: Command;
let child: ReturnType<Command["start"]>;
let result: Record<string, unknown>;
let expected: { readonly predictions: number[]; readonly experts: number[] };

beforeAll(async () => {
  cli = installCommand();
  const table = join(cli.folder, "two.csv");
  writeFileSync(table, `${HEADER}\n${ROWS.join("\n")}\n`);
  const { stdout } = await cli.run("predict", "models/concrete", "two.csv", "--explain");
  const [header, ...lines] = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const column = (name: string) => lines.map((cells) => Number(cells[header!.indexOf(name)]));
  expected = { predictions: column("prediction"), experts: column("expert") };
  child = cli.start("serve", "models/concrete", "--port", "0");
  const address = await new Promise<string>((resolve) => {
    child.stderr!.on("data", (chunk: Buffer) => {
      const found = /serving .* at http:\/\/([^/\s]+)\/v2/.exec(String(chunk));
      if (found !== null) resolve(found[1]!);
    });
  });
  const python = pythonWith("tritonclient-2.73.0", ["tritonclient[http]==2.73.0"]);
  const args = [SCRIPT, address, "concrete", table];
  result = JSON.parse(execFileSync(python, args, { encoding: "utf8" }));
}, 900_000);

afterAll(() => {
  child?.kill("SIGTERM");
  cli?.remove();
});

describe("tritonclient", () => {
  test("finds the server and the model, alive and ready, and knows another is not", () => {
    expect(result).toMatchObject({
      live: true,
      ready: true,
      modelReady: true,
      otherReady: false,
      server: { name: "bailiwick" },
      inputs: HEADER.split(","),
      defaultOutputs: ["prediction"],
    });
  });

  test("infers the numbers of predict, by columns and by rows, in JSON and in bytes", () => {
    const answers = [...(result["answers"] as Answer[]), result["byVersion"] as Answer];
    expect(answers).toHaveLength(9);
    for (const { prediction, expert, scores } of answers) {
      expect(prediction).toEqual(expected.predictions);
      expect(expert).toEqual(expected.experts);
      for (const row of scores) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
  });

  test("gets how a row was routed, and why a request is refused", () => {
    expect(result["routing"]).toMatchObject({
      degraded: false,
      expert: `m0.e${expected.experts[0]}`,
    });
    expect(result["wrongModel"]).toEqual({
      status: "404",
      message: 'no model named "no-such-model" is served',
    });
    expect(result["wrongShape"]).toMatchObject({
      status: "400",
      message: 'input "rows" must have shape [n, 8], got [2, 7]',
    });
  });
});
