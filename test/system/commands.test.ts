/**
 * Goal: the commands do what the README says, and refuse nonsense in one line that helps.
 * Method: the built command in processes of its own, on a committed data set with few steps;
 * every kind of bad input once, with its code, its exit code and nothing written.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { LOCK_NAME } from "../../src/shared/files.ts";
import { type Command, installCommand, type Outcome } from "../cli/command.ts";

const CONFIG = {
  name: "small",
  data: "concrete",
  protocol: { kind: "hold-out", repeats: 2 },
  experts: [1, 2],
  tuning: { steps: [400], extendTo: 400, learningRates: [0.01], weightDecays: [0.05] },
};

let cli: Command;
let first: Outcome;
beforeAll(async () => {
  cli = installCommand();
  writeFileSync(join(cli.folder, "small.json"), JSON.stringify(CONFIG));
  first = await cli.run("run", "small.json", "--out", "first", "--json");
}, 120_000);
afterAll(() => cli.remove());

const read = (...path: string[]): string => readFileSync(join(cli.folder, ...path), "utf8");

/** A result without its times and dates. */
function lasting(text: string): unknown {
  return JSON.parse(text, (key, value) =>
    key === "createdAt" || key === "fitMs" ? undefined : value,
  );
}

describe("a run", () => {
  test("prints one JSON document and leaves its result, report and bundle", () => {
    expect(first.code).toBe(0);
    const result = JSON.parse(first.stdout);
    expect(JSON.parse(read("first", "result.json"))).toEqual(result);
    expect(result.splits).toHaveLength(2);
    expect(Object.keys(result.summary.methods).sort()).toEqual([
      "ensemble4",
      "equalCost",
      "kmeans",
      "mixture",
      "single",
      "wide",
    ]);
    expect(read("first", "report.html")).toContain("<!doctype html>");
    expect(readdirSync(join(cli.folder, "first", "bundle")).sort()).toEqual([
      "CURRENT",
      "README.md",
      "blobs",
      "versions",
    ]);
  });

  test("gives the same bundle and the same result again, on one thread or several", async () => {
    const again = await cli.run("run", "small.json", "--out", "again", "--json", "--threads", "1");
    expect(lasting(again.stdout)).toEqual(lasting(first.stdout));
    const blobs = readdirSync(join(cli.folder, "first", "bundle", "blobs"));
    expect(readdirSync(join(cli.folder, "again", "bundle", "blobs"))).toEqual(blobs);
  });

  test("is another with another seed", async () => {
    const other = await cli.run("run", "small.json", "--out", "other", "--json", "--seed", "2");
    expect(lasting(other.stdout)).not.toEqual(lasting(first.stdout));
  });
});

describe("stopped while it works, and leaves no file,", () => {
  const long = {
    ...CONFIG,
    tuning: { steps: [100_000], extendTo: 100_000, learningRates: [0.01], weightDecays: [0.05] },
  };

  test.each([
    ["a run", "SIGINT", ["run", "long.json", "--out", "long"], "long/bundle", 130],
    [
      "a fit",
      "SIGTERM",
      ["fit", "concrete", "--preset", "fast", "--out", "long/fit"],
      "long/fit",
      143,
    ],
  ] as const)("is %s by %s", async (_what, signal, args, bundle, exit) => {
    writeFileSync(join(cli.folder, "long.json"), JSON.stringify(long));
    const child = cli.start(...args);
    const ended = new Promise((resolve) => child.on("close", resolve));
    await vi.waitUntil(() => existsSync(join(cli.folder, bundle, LOCK_NAME)), 30_000);
    child.kill(signal);
    expect(await ended).toBe(exit);
    const left = existsSync(join(cli.folder, "long")) ? readdirSync(join(cli.folder, "long")) : [];
    expect(left).toEqual([]);
  });
});

describe("a bundle", () => {
  test("predicts every row, with the route if asked, to a file or stdout", async () => {
    const plain = await cli.run("predict", "first/bundle", "concrete");
    const lines = plain.stdout.trim().split("\n");
    expect(lines[0]).toBe("prediction");
    expect(lines).toHaveLength(1031);
    const told = await cli.run(
      "predict",
      "first/bundle",
      "concrete",
      "--explain",
      "--out",
      "p.csv",
    );
    expect(told.code).toBe(0);
    const [header, row] = read("p.csv").split("\n");
    expect(header).toMatch(/^prediction,base value,contribution of cement,.*,expert,score 0/);
    expect(row!.split(",")[0]).toBe(lines[1]);
  });

  test("is measured on rows whose target is known", async () => {
    const { stdout } = await cli.run("evaluate", "first/bundle", "concrete", "--json");
    const evaluation = JSON.parse(stdout);
    expect(evaluation.nSamples).toBe(1030);
    expect(evaluation.r2).toBeGreaterThan(0.7);
    const shown = await cli.run("evaluate", "first/bundle", "concrete");
    expect(shown.stdout).toMatch(/1030 rows: rmse /);
  });

  test("says what it holds", async () => {
    const { stdout } = await cli.run("inspect", "first/bundle");
    expect(stdout).toContain("predicts compressive_strength from 8 columns");
    expect(stdout).toMatch(/partitioning: (worth it|not worth it|undecided)/);
    const { members } = JSON.parse((await cli.run("inspect", "first/bundle", "--json")).stdout);
    expect(members[0].experts[0].id).toBe("m0.e0");
  });

  test.each(["json", "safetensors"])("is exported as %s", async (format) => {
    const { code } = await cli.run("export", "first/bundle", "--format", format, "--out", "m");
    expect(code).toBe(0);
    expect(read("m").length).toBeGreaterThan(1000);
  });
});

test("serve answers an infer with the numbers of predict, to the last bit, and stops when told", async () => {
  const child = cli.start("serve", "models/concrete", "--port", "0");
  const address = await new Promise<string>((resolve) => {
    child.stderr!.on("data", (chunk: Buffer) => {
      const found = /at (http:\S+)\/v2/.exec(String(chunk));
      if (found !== null) resolve(found[1]!);
    });
  });
  const names =
    "cement,blast_furnace_slag,fly_ash,water,superplasticizer,coarse_aggregate,fine_aggregate,age";
  const rows = ["540,0,0,162,2.5,1040,676,28", "332.5,142.5,0,228,0,932,594,270.123456789"];
  writeFileSync(join(cli.folder, "two.csv"), `${names}\n${rows.join("\n")}\n`);
  const inputs = names.split(",").map((name, c) => ({
    name,
    shape: [2],
    datatype: "FP64",
    data: rows.map((row) => Number(row.split(",")[c])),
  }));
  const response = await fetch(`${address}/v2/models/concrete/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ inputs }),
  });
  const { outputs } = (await response.json()) as { outputs: [{ data: number[] }] };
  const { stdout } = await cli.run("predict", "models/concrete", "two.csv");
  expect(outputs[0].data).toEqual(stdout.trim().split("\n").slice(1).map(Number));
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

test("a table of one's own is fitted and predicted, columns in any order, levels unknown", async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i},${i % 2 ? "a" : "b"},${2 * i + (i % 2)}`);
  writeFileSync(join(cli.folder, "own.csv"), `x,kind,y\n${rows.join("\n")}\n59.5,a,\n`);
  const fit = await cli.run(
    ...["fit", "own.csv", "--target", "y", "--preset", "fast"],
    ...["--experts", "1", "--out", "own"],
  );
  expect(fit.stderr).toContain("warning: 1 rows without a target were left out");
  expect(fit.stdout).toContain("partitioning: not worth it");
  writeFileSync(join(cli.folder, "new.csv"), "kind,extra,x\nc,1,3\n,2,\n");
  const { stdout, code } = await cli.run("predict", "own", "new.csv");
  expect(code).toBe(0);
  expect(stdout.trim().split("\n")).toHaveLength(3);
});

describe("help", () => {
  test("of every command shows an example that works", async () => {
    const { stdout } = await cli.run("--help");
    const commands = [...stdout.matchAll(/^ {2}(\w+) /gm)].map((match) => match[1]!);
    expect(commands).toContain("inspect");
    const groups = ["help", "data", "bench"];
    for (const command of commands.filter((name) => !groups.includes(name))) {
      const { stdout: help } = await cli.run(command, "--help");
      expect(help).toMatch(new RegExp(`\\$ bailiwick ${command} `));
    }
  });

  test.each(["evaluate", "inspect", "predict", "export", "data list"])(
    "the example of %s runs as written",
    async (command) => {
      const { stdout: help } = await cli.run(...command.split(" "), "--help");
      const example = /\$ bailiwick (.+)/.exec(help)![1]!.trim().split(" ");
      mkdirSync(join(cli.folder, "out"), { recursive: true });
      const { code, stderr } = await cli.run(...example);
      expect([stderr.includes("error ["), code]).toEqual([false, 0]);
    },
  );
});

describe("bad input is refused in one line, with nothing written", () => {
  const table = (text: string) => {
    writeFileSync(join(cli.folder, "bad.csv"), text);
    return ["fit", "bad.csv", "--target", "y", "--out", "bad"];
  };
  const many = (cells: (i: number) => string): string =>
    Array.from({ length: 30 }, (_, i) => cells(i)).join("\n");
  const cases: [string, () => string[], string][] = [
    ["no such file", () => ["fit", "none.csv", "--target", "y"], "FILE_NOT_FOUND"],
    ["no such data set", () => ["fit", "concrte"], "DATASET_UNKNOWN"],
    ["an empty file", () => table(""), "DATA_EMPTY"],
    ["a header alone", () => table("x,y\n"), "DATA_EMPTY"],
    ["no target named", () => ["fit", "own.csv"], "TARGET_MISSING"],
    ["a target that is not there", () => table("x,z\n1,2\n"), "COLUMN_MISSING"],
    ["a constant target", () => table(`x,y\n${many((i) => `${i},1`)}\n`), "TARGET_CONSTANT"],
    ["a target of text", () => table(`x,y\n${many((i) => `${i},t${i}`)}\n`), "TARGET_NOT_NUMERIC"],
    ["infinities", () => table(`x,y\n${many((i) => `inf,${i}`)}\n`), "VALUE_NOT_FINITE"],
    ["ragged rows", () => table("x,y\n1,2\n3\n"), "DATA_RAGGED"],
    ["equal names", () => table("y,y\n1,2\n"), "COLUMN_DUPLICATE"],
    ["one row", () => table("x,y\n1,2\n"), "TOO_FEW_ROWS"],
    ["nothing but a target", () => table(`y\n${many(String)}\n`), "COLUMN_MISSING"],
    ["no bundle", () => ["predict", "nowhere", "concrete"], "BUNDLE_NOT_FOUND"],
    ["a column missing", () => ["predict", "first/bundle", "diabetes"], "COLUMN_MISSING"],
    [
      "a folder that holds something else",
      () => ["run", "small.json", "--out", "datasets"],
      "OUTPUT_OCCUPIED",
    ],
  ];
  test.each(cases)("%s", async (_name, args, code) => {
    const { stderr, stdout, code: exit } = await cli.run(...args());
    expect(stderr.trim().split("\n").at(-1)).toMatch(new RegExp(`^error \\[${code}\\] `));
    expect([stdout, exit]).toEqual(["", 1]);
    expect(existsSync(join(cli.folder, "bad"))).toBe(false);
  });

  test("fewer rows than folds, and a configuration with an unknown key", async () => {
    writeFileSync(join(cli.folder, "few.csv"), `x,y\n${many((i) => `${i},${i * i}`)}\n`);
    const folds = {
      ...CONFIG,
      data: "few.csv",
      target: "y",
      protocol: { kind: "k-fold", folds: 40 },
    };
    writeFileSync(join(cli.folder, "folds.json"), JSON.stringify(folds));
    expect((await cli.run("run", "folds.json", "--out", "bad")).stderr).toContain("[TOO_FEW_ROWS]");
    writeFileSync(join(cli.folder, "key.json"), JSON.stringify({ ...CONFIG, tarlet: "y" }));
    const { stderr, code } = await cli.run("run", "key.json", "--out", "bad");
    expect(stderr).toContain('unknown key "tarlet", did you mean "target"?');
    expect(code).toBe(1);
  });

  test("a text where numbers were, at predict time", async () => {
    const header =
      "cement,blast_furnace_slag,fly_ash,water,superplasticizer,coarse_aggregate,fine_aggregate,age";
    writeFileSync(join(cli.folder, "text.csv"), `${header}\nmuch,0,0,0,0,0,0,0\n`);
    const { stderr, code } = await cli.run("predict", "first/bundle", "text.csv");
    expect(stderr).toContain('column "cement" must hold numbers, line 2 holds "much"');
    expect(code).toBe(1);
  });

  test("a full disk is the world's failure", async () => {
    const { stderr, code } = await cli.run(
      "predict",
      "first/bundle",
      "concrete",
      "--out",
      "/dev/full",
    );
    expect(stderr).toContain("[WRITE_FAILED]");
    expect(code).toBe(2);
  });

  test("an unknown command or flag says so", async () => {
    const { stderr, code } = await cli.run("predct", "a", "b");
    expect(stderr).toContain("Did you mean predict?");
    expect(code).toBe(1);
    expect((await cli.run("fit", "concrete", "--seed", "x")).stderr).toContain(
      "must be an integer",
    );
  });
});
