/**
 * Goal: `fit --preset accurate` makes a bundle that every other command takes, and what it says of
 * itself is true; what does not go together is refused in one line.
 * Method: the built command on 60 rows that a test writes; the bundle is inspected, predicted with,
 * served, exported and run by onnxruntime-web, and updated.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openData } from "../../src/data/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { type Command, installCommand, type Outcome } from "../cli/command.ts";
import { runOnnx } from "../onnx/runtime.ts";

const FIT = ["--target", "y", "--preset", "accurate", "--threads", "1"] as const;

let cli: Command;
let fitted: Outcome;
beforeAll(async () => {
  cli = installCommand();
  writeRows("rows.csv", 60, 1);
  fitted = await cli.run("fit", "rows.csv", ...FIT, "--keep-rows", "--out", "acc", "--json");
}, 240_000);
afterAll(() => cli.remove());

/** Two laws that meet in a step at b = 0; above it, `shift` is added. */
function writeRows(name: string, nRows: number, seed: number, shift = 0): void {
  const rng = createRng(seed);
  const lines = Array.from({ length: nRows }, () => {
    const [a, b] = [4 * rng.uniform() - 2, 4 * rng.uniform() - 2];
    return [a, b, (b < 0 ? 3 * a : 2 - 3 * a + shift) + 0.1 * rng.normal()].join(",");
  });
  writeFileSync(join(cli.folder, name), `a,b,y\n${lines.join("\n")}\n`);
}

function recordsOf(csv: string): readonly Readonly<Record<string, string>>[] {
  const [header, ...lines] = csv
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  return lines.map((cells) => Object.fromEntries(header!.map((name, c) => [name, cells[c]!])));
}

interface ManifestPart {
  readonly members: readonly {
    readonly weight: number;
    readonly experts: readonly { readonly id: string; readonly blob: string }[];
  }[];
}

async function inspect(bundle: string): Promise<ManifestPart> {
  return JSON.parse((await cli.run("inspect", bundle, "--json")).stdout);
}

describe("an accurate fit", () => {
  test("reports kinds, weights and held-out errors, and the bundle holds those weights", async () => {
    expect(fitted.code).toBe(0);
    const { report, verdict } = JSON.parse(fitted.stdout);
    const kinds = report.kinds.map(({ kind }: { kind: string }) => kind);
    const networks = ["net.tanh", "net.silu", "net.ple16"];
    expect(kinds).toEqual([...networks, "ridge", "gp", "trees", "forest"]);
    const weights = report.kinds.map(({ weight }: { weight: number }) => weight);
    expect(weights.reduce((a: number, b: number) => a + b)).toBeCloseTo(1, 12);
    expect(verdict).toMatchObject({ partitioning: "undecided" });
    expect(verdict.why).toMatch(/no member .* divides the rows; the presets auto and regimes/);
    const { members } = await inspect("acc");
    expect(members.map(({ weight }) => weight)).toEqual(
      report.members.map(({ weight }: { weight: number }) => weight),
    );
    const shown = (await cli.run("inspect", "acc")).stdout;
    members.forEach((_, m) => {
      expect(shown).toContain(`member m${m}: weight `);
    });
    expect(readFileSync(join(cli.folder, "acc", "README.md"), "utf8")).toContain(
      `A committee of ${members.length} members for regression`,
    );
  });

  test("of networks only has no other kinds, and tells a person the same", async () => {
    const { stdout } = await cli.run(
      "fit",
      "rows.csv",
      ...FIT,
      "--families",
      "mlp",
      "--out",
      "mlp",
    );
    expect(stdout).toMatch(/^net\.ple16 /m);
    expect(stdout).toMatch(/^the model /m);
    expect(stdout).toMatch(
      /^expect RMSE .* on new rows like these; on rows held out .*, mean predictor .*, best single net /,
    );
    expect(stdout).not.toContain("trees");
    expect(stdout).toContain("held-out rmse: on 60 rows");
    expect(stdout).toMatch(/partitioning: undecided\n {2}.*committee/);
  }, 240_000);

  test("is predicted with, and says what columns contribute and where members route", async () => {
    const { members } = await inspect("acc");
    const [row] = recordsOf((await cli.run("predict", "acc", "rows.csv", "--explain")).stdout);
    const parts = [
      "base value",
      "contribution of a",
      "contribution of b",
      "contribution of limits",
    ];
    const sum = parts.reduce((total, name) => total + Number(row![name] ?? 0), 0);
    expect(sum).toBeCloseTo(Number(row!["prediction"]), 3);
    expect(row).toHaveProperty(["novelty"]);
    members.forEach(({ weight, experts }, m) => {
      const name = weight > 0 ? `m${m}.expert` : `m${m}.regime`;
      expect(name in row!).toBe(experts.length > 1);
      expect(`m${m}.score 0` in row!).toBe(experts.length > 1);
    });
    const { stdout } = await cli.run("evaluate", "acc", "rows.csv", "--json");
    const { perExpert, r2 } = JSON.parse(stdout);
    expect(perExpert).toHaveLength(members.flatMap(({ experts }) => experts).length);
    expect(r2).toBeGreaterThan(0.8);
  });

  test("answers alike from predict and serve to the last bit, and from ONNX to 1e-4", async () => {
    const predicted = recordsOf((await cli.run("predict", "acc", "rows.csv")).stdout);
    const numbers = predicted.map(({ prediction }) => Number(prediction));
    expect(await serveRows()).toEqual(numbers);
    expect((await cli.run("export", "acc", "--format", "onnx", "--out", "m.onnx")).code).toBe(0);
    const { table } = await openData(join(cli.folder, "rows.csv"));
    const features = { ...table, columns: table.columns.filter(({ name }) => name !== "y") };
    const bytes = readFileSync(join(cli.folder, "m.onnx"));
    const { members } = await inspect("acc");
    const { prediction } = await runOnnx(bytes, features, members.length);
    numbers.forEach((value, i) => {
      expect(Math.abs(prediction[i]! - value)).toBeLessThan(1e-4);
    });
  });

  async function serveRows(): Promise<readonly number[]> {
    const child = cli.start("serve", "acc", "--port", "0");
    try {
      const address = await new Promise<string>((resolve) => {
        child.stderr!.on("data", (chunk: Buffer) => {
          const found = /at (http:\S+)\/v2/.exec(String(chunk));
          if (found !== null) resolve(found[1]!);
        });
      });
      const rows = recordsOf(readFileSync(join(cli.folder, "rows.csv"), "utf8"));
      const response = await fetch(`${address}/v1/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ rows, explain: true }),
      });
      const { predictions, routes } = await response.json();
      const weights = routes[0].members.map(({ weight }: { weight: number }) => weight);
      expect(weights.reduce((a: number, b: number) => a + b)).toBeCloseTo(1, 12);
      return predictions;
    } finally {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.on("close", resolve));
    }
  }

  test("is left as it is by rows of the same laws, and by others updated member by member", async () => {
    writeRows("same.csv", 15, 2);
    writeRows("other.csv", 200, 3, 8);
    const blobsOf = ({ members }: ManifestPart): string[] =>
      members.flatMap(({ experts }) => experts.map(({ blob }) => blob));
    const before = await inspect("acc");
    const kept = await cli.run("update", "acc", "same.csv", "--out", "kept", "--json");
    expect(kept.code).toBe(0);
    expect(blobsOf(await inspect("kept"))).toEqual(blobsOf(before));
    const updated = await cli.run("update", "acc", "other.csv", "--out", "new", "--json");
    expect(updated.code).toBe(0);
    const { affected, unaffected, change } = JSON.parse(updated.stdout);
    expect(affected.length).toBeGreaterThan(0);
    for (const { before: was, after } of unaffected) expect(after).toBe(was);
    expect(change.errorAfter).toBeLessThan(0.5 * change.errorBefore);
    expect((await cli.run("evaluate", "new", "other.csv")).code).toBe(0);
  });
});

test("forgetting rows fits every member that learnt from them again", async () => {
  const a = recordsOf(readFileSync(join(cli.folder, "rows.csv"), "utf8"))[0]!["a"]!;
  const forgotten = await cli.run("forget", "acc", "--key", `a=${a}`, "--json");
  expect(forgotten.code).toBe(0);
  const { nForgotten, affected } = JSON.parse(forgotten.stdout);
  expect(nForgotten).toBe(1);
  const { members } = await inspect("acc");
  members.forEach(({ experts }, m) => {
    if (experts.length > 1) return;
    expect(affected.map(({ id }: { id: string }) => id)).toContain(`m${m}.e0`);
  });
});

describe("refused in one line is", () => {
  test.each<readonly [string, readonly string[], RegExp]>([
    [
      "families of another preset",
      ["--preset", "fast", "--families", "mlp"],
      /INVALID_OPTION.*preset accurate/,
    ],
    [
      "a choice of experts",
      ["--preset", "accurate", "--experts", "1,2"],
      /INVALID_OPTION.*experts must be left out if the preset is accurate/,
    ],
    ["a table of one group", ["--preset", "accurate", "--group", "g"], /TOO_FEW_ROWS.*2 groups/],
  ])("%s", async (_name, flags, message) => {
    const lines = Array.from({ length: 12 }, (_, i) => `${i},g,${i * i}`);
    writeFileSync(join(cli.folder, "g.csv"), `a,g,y\n${lines.join("\n")}\n`);
    const { code, stderr } = await cli.run(
      "fit",
      "g.csv",
      "--target",
      "y",
      ...flags,
      "--out",
      "no",
    );
    expect(code).toBe(1);
    expect(stderr.trim().split("\n").at(-1)).toMatch(message);
  });
});
