/**
 * Goal: `place` and `simulate` say what they found to a person and to a program, and refuse nonsense.
 * Method: the commands in this process, on a bundle and scenario in a temporary folder.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeBundle } from "../../src/bundle/index.ts";
import { makeContent } from "../bundle/models.ts";
import { outcomeOf } from "./call.ts";

const folder = mkdtempSync(join(tmpdir(), "bailiwick-placement-"));
const DEVICES = {
  rowsPerSecond: 1000,
  devices: [
    { name: "near", zone: "plant", gigaflops: 1, memoryMB: 1, latencyMs: 0.1 },
    { name: "far", zone: "centre", gigaflops: 10, memoryMB: 1, latencyMs: 20 },
  ],
};
const at = (name: string): string => join(folder, name);
const write = (name: string, document: object): void => {
  writeFileSync(at(name), JSON.stringify(document));
};

beforeAll(async () => {
  await writeBundle(
    at("model"),
    makeContent({ seed: 3, experts: ["mlp", "ridge"], gate: "softmax" }),
  );
  cpSync("experiments/fabric/scenarios/one-device-fails.json", at("scenario.json"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("simulate --session", () => {
  const session = "experiments/agent/sessions/bound.json";
  const links = ["--links", at("links.json")];
  const made = { up: new Array(40).fill(50_000), down: new Array(40).fill(200_000) };

  test("plays every fixed split beside the agent's over each link", async () => {
    write("links.json", { links: { made } });
    const { code, stdout } = await outcomeOf("simulate", session, "--session", ...links);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^64 nets, memory for a sixth: 64 experts of 54\.5 kB, 582 kB/);
    expect(stdout).toMatch(/^made +\d+/m);
    expect(stdout).toMatch(/^adaptive ÷ median fixed split: 0\.\d+; ÷ best in hindsight: /m);
    const json = await outcomeOf("simulate", session, "--session", ...links, "--json");
    const [compared] = JSON.parse(json.stdout).links;
    // None to ten fit, by two orders.
    expect(compared.fixed).toHaveLength(22);
    expect(compared.ours.meanMs).toBeLessThan(compared.medianMs);
  });

  test.each<[string, readonly string[], RegExp]>([
    ["links", ["--session"], /INVALID_OPTION.*--session needs --links/],
    ["--session", links, /INVALID_OPTION.*--links needs --session/],
    ["no policies", ["--session", ...links, "--policies", "static"], /--policies must be given/],
    ["links that are there", ["--session", "--links", at("none.json")], /FILE_NOT_FOUND/],
  ])("needs %s", async (_what, options, message) => {
    write("links.json", { links: { made } });
    const { code, stdout, stderr } = await outcomeOf("simulate", session, ...options);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(message);
  });

  test("refuses a link that carries nothing", async () => {
    write("dead.json", { links: { dead: { up: [0], down: [1] } } });
    const options = ["--session", "--links", at("dead.json")];
    const { stderr } = await outcomeOf("simulate", session, ...options);
    expect(stderr).toMatch(/CONFIG_INVALID.*"dead" must carry something/);
  });
});

describe("place", () => {
  test("puts experts where answers are soonest, and where they are pinned", async () => {
    write("devices.json", DEVICES);
    const { code, stdout } = await outcomeOf("place", at("model"), "--devices", at("devices.json"));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^near +plant .* m0\.e0/m);
    expect(stdout).toMatch(/no plan can be below .*: at most .* % from the best/);
    expect(stdout).toMatch(/^wanted nodes, each as the mean of these: 1$/m);
    write("pinned.json", { ...DEVICES, pins: { "m0.e0": ["centre"] } });
    const pinned = await outcomeOf("place", at("model"), "--devices", at("pinned.json"), "--json");
    expect(JSON.parse(pinned.stdout).plan["m0.e0"]).toEqual(["far"]);
  });

  test("says which limit bars a plan, and which key of the file is wrong", async () => {
    write("small.json", {
      ...DEVICES,
      devices: DEVICES.devices.map((device) => ({ ...device, memoryMB: 1e-6 })),
    });
    const small = await outcomeOf("place", at("model"), "--devices", at("small.json"));
    expect([small.code, small.stdout]).toEqual([1, ""]);
    expect(small.stderr).toMatch(/PLAN_INFEASIBLE.*memory on near, far/);
    write("wrong.json", { ...DEVICES, pins: { "m7.e9": ["plant"] }, replicas: 1 });
    const wrong = await outcomeOf("place", at("model"), "--devices", at("wrong.json"));
    expect(wrong.stderr).toMatch(/pins must name experts of the bundle .* got "m7\.e9"/);
  });
});

describe("simulate with recorded demand", () => {
  /** A scenario of two days beside a CSV file of that text. */
  const run = async (csv: string) => {
    const scenario = JSON.parse(readFileSync(at("scenario.json"), "utf8"));
    const recorded = { demand: "demand.csv", season: 0, noise: 0, hours: 2 };
    write("recorded.json", { ...scenario, ...recorded });
    writeFileSync(at("demand.csv"), csv);
    return outcomeOf("simulate", at("recorded.json"), "--policies", "static", "--json");
  };

  test("plays the file, and says what it has bridged", async () => {
    const rows = ["00:00,5", "01:00,6", "02:00,", "03:00,9", "04:00,9", "05:00,9"];
    const csv = rows.map((row) => `2024-03-31 ${row}\n`).join("");
    const { code, stdout, stderr } = await run(`time,requests\n${csv}`);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).results).toHaveLength(1);
    expect(stderr).toContain("demand.csv: 1 of 6 intervals missing in 1 gap: bridged");
  });

  const day = "2024-03-31";
  test.each([
    ["COLUMN_MISSING", 'column "time" must exist', `when,requests\n${day} 00:00,1\n`],
    [
      "COLUMN_TYPE",
      'column "time" must hold dates, line 2 holds "soon"',
      "time,requests\nsoon,1\nlater,2\n",
    ],
    [
      "COLUMN_TYPE",
      'column "requests" must hold numbers of requests, it holds "many"',
      `time,requests\n${day} 00:00,many\n${day} 01:00,few\n`,
    ],
    [
      "DATA_MALFORMED",
      "must be counts, at least 0, row 2",
      `time,requests\n${day} 00:00,1\n${day} 01:00,-2\n`,
    ],
    [
      "CONFIG_INVALID",
      "hours must be at most those of demand.csv, 1, got 2",
      `time,requests\n${day} 00:00,1\n${day} 00:30,2\n`,
    ],
  ])("refuses nonsense: %s %s", async (code, message, csv) => {
    const { code: exit, stderr, stdout } = await run(csv);
    expect([exit, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(code);
    expect(stderr).toContain(message);
  });
});

describe("simulate", () => {
  test("holds policies against each other, and says why they moved what", async () => {
    const { code, stdout } = await outcomeOf("simulate", at("scenario.json"));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^static +.* 9\.\d+ % +0 /m);
    expect(stdout).toMatch(/^predictive, 6\.00 h: \d+ moves, d0 is down, which held e0$/m);
    const flags = ["--policies", "threshold", "--json"];
    const one = JSON.parse((await outcomeOf("simulate", at("scenario.json"), ...flags)).stdout);
    expect(one.results).toHaveLength(1);
    expect(one.results[0]).toMatchObject({ policy: "threshold", nMoves: 10 });
  });

  test("refuses what is no scenario and no policy", async () => {
    const scenario = JSON.parse(readFileSync(at("scenario.json"), "utf8"));
    write("odd.json", { ...scenario, hours: 0 });
    const odd = await outcomeOf("simulate", at("odd.json"));
    expect([odd.code, odd.stderr]).toEqual([1, expect.stringContaining("hours: ")]);
    const none = await outcomeOf("simulate", at("scenario.json"), "--policies", "luck");
    expect(none.stderr).toMatch(
      /a policy must be one of static, threshold, predictive, or a file in \.json, got "luck"/,
    );
  });
});

describe("simulate --tune", () => {
  const scenarios = at("scenarios");
  const policy = at("policy.json");
  beforeAll(() => {
    const { devices, experts, ...rest } = JSON.parse(readFileSync(at("scenario.json"), "utf8"));
    mkdirSync(scenarios);
    for (const name of ["a", "b"]) {
      const small = { devices: devices.slice(0, 3), experts: { ...experts, count: 4 } };
      small.experts.rowsPerSecond = 4000;
      const happenings = [{ kind: "fail", device: "d0", from: 0.3, until: 0.7 }];
      const document = { ...rest, ...small, name, hours: 1, stepSeconds: 300, happenings };
      writeFileSync(join(scenarios, `${name}.json`), JSON.stringify(document));
    }
  });

  test("writes a policy that simulate reads, and says how it does where it was not tuned", async () => {
    const tuned = await outcomeOf("simulate", "--tune", scenarios, "--out", policy);
    expect(tuned.code).toBe(0);
    expect(tuned.stdout).toMatch(
      /^tuned on [ab]: [\d.]+ of the mean latency\ngain 0\.\d+, caution /,
    );
    expect(tuned.stdout).toMatch(
      /^tuned ÷ predictive: [\d.]+, worst [\d.]+; tuned ÷ clairvoyant: /m,
    );
    const { rule, trainedOn } = JSON.parse(readFileSync(policy, "utf8"));
    expect([trainedOn.length, Object.keys(rule).length]).toEqual([1, 6]);
    const given = ["simulate", join(scenarios, "a.json"), "--json"];
    const both = await outcomeOf(...given, "--policies", `predictive,${policy}`);
    const names = JSON.parse(both.stdout).results.map((one: { policy: string }) => one.policy);
    expect(names).toEqual(["predictive", "policy"]);
    const again = await outcomeOf(...given, "--policy", policy);
    expect(JSON.parse(again.stdout).results).toEqual(JSON.parse(both.stdout).results.slice(1));
  });

  const tune = ["--tune", scenarios];
  test.each<[string, readonly string[], RegExp]>([
    ["--tune without --out", tune, /INVALID_OPTION.*--tune needs --out/],
    ["a scenario beside --tune", [at("scenario.json"), ...tune, "--out", policy], /no scenario/],
    [
      "policies beside --tune",
      [...tune, "--out", policy, "--policies", "static"],
      /without --tune/,
    ],
    ["no folder", ["--tune", at("none"), "--out", policy], /FILE_NOT_FOUND.*--tune must be/],
    ["--out without --tune", [at("scenario.json"), "--out", policy], /--out needs --tune/],
    ["no scenario", [], /INVALID_OPTION.*simulate needs a scenario/],
    ["a policy that nobody knows", [at("scenario.json"), "--policy", "best"], /got "best"/],
    ["a file that is not there", [at("scenario.json"), "--policy", "no.json"], /FILE_NOT_FOUND/],
  ])("is refused with %s", async (_what, options, message) => {
    const { code, stdout, stderr } = await outcomeOf("simulate", ...options);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(message);
  });

  test("a policy with a number out of its range is refused in plain words", async () => {
    write("wild.json", { rule: { gain: 7 }, trainedOn: [] });
    const options = [at("scenario.json"), "--policy", at("wild.json")];
    const { code, stderr } = await outcomeOf("simulate", ...options);
    expect(code).toBe(1);
    expect(stderr).toMatch(/CONFIG_INVALID.*rule\.gain: Too big.*<=0\.5; rule\.caution: /);
  });
});
