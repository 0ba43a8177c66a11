/** The table of borders: what a file says, what it leaves out, and what it must not say. */
import { describe, expect, test } from "vitest";
import {
  expertZones,
  NO_BORDERS,
  parseBorders,
  passageOfAsking,
  passageTo,
  pinnedTo,
  zonesOf,
} from "../../../src/cluster/borders/index.ts";
import { createSigner, formatVerifier } from "../../../src/cluster/witness/index.ts";

const key = formatVerifier(createSigner("log", "eu").verifier);
const FILE = {
  zoneKeys: [key],
  classes: {
    patients: {
      rows: { eu: "clear" },
      inputs: { eu: "sealed", ch: "sealed" },
      answers: { eu: "clear" },
    },
    "*": { rows: { "*": "clear" }, inputs: { "*": "clear" }, answers: { "*": "clear" } },
  },
  experts: { gp: { eu: "clear" }, trees: {}, "*": { "*": "clear" } },
};
const parse = (file: object) => parseBorders(JSON.stringify(file));

test("what a file names may go there, and nothing else anywhere else", () => {
  const { classes, zoneKeys } = parse(FILE);
  const patients = classes.get("patients")!;
  expect(zoneKeys.map(({ name }) => name)).toEqual(["eu"]);
  expect(["eu", "ch", "us"].map((zone) => passageTo(patients.inputs, zone))).toEqual([
    "sealed",
    "sealed",
    "never",
  ]);
  expect(passageTo(patients.sums, "eu")).toBe("never");
  expect([zonesOf(patients.inputs), zonesOf(patients.sums)]).toEqual([["eu", "ch"], []]);
  expect(zonesOf(classes.get("*")!.inputs)).toBeNull();
});

test("rows are asked about as the stricter of both ways says", () => {
  const { classes } = parse(FILE);
  const patients = classes.get("patients")!;
  expect(passageOfAsking(patients, "ch", "eu")).toBe("sealed");
  expect(passageOfAsking(patients, "us", "eu")).toBe("never");
  // Answers may not come back to there.
  expect(passageOfAsking(patients, "eu", "us")).toBe("never");
  expect(passageOfAsking(classes.get("*")!, "us", "ch")).toBe("clear");
});

test("experts go where their kind, else the others', may go; anywhere without borders", () => {
  const borders = parse(FILE);
  expect(["gp", "trees", "mlp"].map((kind) => expertZones(borders, kind))).toEqual([
    ["eu"],
    [],
    null,
  ]);
  expect(expertZones(parse({ experts: { gp: { eu: "clear" } } }), "mlp")).toEqual([]);
  expect(expertZones(NO_BORDERS, "gp")).toBeNull();
});

test("a pin is the first column: clear there, never elsewhere; sealed, if it is to be", () => {
  const clear = pinnedTo(["eu"], false);
  expect([passageOfAsking(clear, "eu", "eu"), passageOfAsking(clear, "us", "eu")]).toEqual([
    "clear",
    "never",
  ]);
  const sealed = pinnedTo(null, true);
  expect([passageOfAsking(sealed, "us", "eu"), passageTo(sealed.sums, "us")]).toEqual([
    "sealed",
    "never",
  ]);
});

describe("a file is refused", () => {
  test.each([
    ["that is no JSON", "{"],
    ["with a class that has an unknown word", { classes: { a: { rows: { eu: "open" } } } }],
    ["with an unknown thing", { classes: { a: { pictures: {} } } }],
    ["with an unknown kind", { experts: { svm: {} } }],
    ["with a zone that can be none", { classes: { a: { rows: { "e u": "clear" } } } }],
    ["that seals what nothing seals", { classes: { a: { sums: { eu: "sealed" } } } }],
    ["that seals experts", { experts: { gp: { eu: "sealed" } } }],
    ["that bars one zone of all", { classes: { a: { rows: { us: "never", "*": "clear" } } } }],
    ["with more than the table", { classes: {}, pins: {} }],
  ])("%s", (_, file) => {
    const text = typeof file === "string" ? file : JSON.stringify(file);
    expect(() => parseBorders(text)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  test("with a key that is none", () => {
    const refused = expect.objectContaining({ code: "NOTE_INVALID" });
    expect(() => parse({ zoneKeys: ["eu"] })).toThrow(refused);
  });
});
