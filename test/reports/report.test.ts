/**
 * Goal: the report says what the run found, to everyone, in one page that is safe to open.
 * Method: pages of hand-made results are parsed; names are arbitrary and hostile.
 */
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { testedRows } from "../../src/experiments/tested-rows.ts";
import { renderModel, renderReport } from "../../src/reports/index.ts";
import { type Sample, type SampleOptions, sampleRun } from "./sample.ts";

const HEADINGS = [
  "The mixture and its rivals",
  "Predicted and true",
  "What is left over",
  "What the answer depends on",
  "Interval coverage",
  "How the answer moves",
  "The rows that are answered worst",
  "The data",
  "Where the regimes are",
  "Error by regime",
  "The regimes, one by one",
  "How many experts",
  "Who won what",
  "How this was made",
];

const HOSTILE = [
  "<script>alert(1)</script>",
  '"><script>alert(1)</script><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  "</title><script>alert(1)</script>",
  "</style><script>alert(1)</script>",
  "</text></svg><img src=x onerror=alert(1)>",
  "<!--",
  "]]><script>alert(1)</script>",
  "&lt;script&gt;",
  "$& $1 $`",
];

type Document = ReturnType<typeof parseHTML>["document"];

interface Page {
  readonly markup: string;
  readonly document: Document;
}

function open(run: Sample): Page {
  const markup = renderReport(run.result, run.facts);
  return { markup, document: parseHTML(markup).document };
}

/** The run with other predictions as its evidence. */
function answering(run: Sample, predictions: Sample["predictions"]): Sample {
  const answers = predictions.length === 0 ? null : testedRows(predictions);
  return { ...run, predictions, facts: { ...run.facts, answers } };
}

function page(options?: SampleOptions): Page {
  return open(sampleRun(options));
}

/** The first figure of the section with a heading. */
function figureUnder(document: Document, heading: string) {
  const found = [...document.querySelectorAll("h2")].find((h2) => h2.textContent === heading);
  return found!.closest("section")!.querySelector("figure")!;
}

function texts(document: Document, selector: string): string[] {
  return [...document.querySelectorAll(selector)].map(({ textContent }) => textContent ?? "");
}

function labels(document: Document): string[] {
  return [...document.querySelectorAll("svg")].map((svg) => svg.getAttribute("aria-label") ?? "");
}

/** What elements a page has, in order: the same whatever its words are. */
function skeleton(document: Document): string {
  return [...document.querySelectorAll("*")].map(({ tagName }) => tagName).join(" ");
}

describe("a report", () => {
  test("has one title and a section for every question, in order", () => {
    const { document } = page();
    expect(texts(document, "h1")).toEqual(["strength"]);
    expect(texts(document, "h2")).toEqual(HEADINGS);
  });

  test("says the verdict and why in plain words before anything else", () => {
    const run = sampleRun();
    const { document } = open(run);
    const [verdict] = texts(document, "header .verdict");
    expect(verdict).toContain(`Partitioning: ${run.result.verdict.partitioning}`);
    expect(verdict).toContain(run.result.verdict.why.slice(1));
    expect(verdict!.trimEnd()).toMatch(/\.$/);
  });

  test("begins with the error to expect on new rows, and on which rows it was measured", () => {
    const [expected] = texts(page().document, "header .expected");
    expect(expected).toMatch(/Expect an error of about\s+4\.12 \(R² 0\.93\) on new rows/);
    const [facts] = texts(page().document, "header .facts");
    expect(facts).toMatch(/Root mean squared error of strength, over 206 answers to test rows/);
  });

  test("shows the rows answered worst with their cells, and every column of the data", () => {
    const { document } = page();
    const [worst] = texts(document, "[aria-label^='The largest errors'] tbody tr");
    expect(worst).toMatch(/17.*55\.5.*35\.25.*-20\.25.*strength/s);
    const [target, other] = texts(document, ".columns tbody tr");
    expect(target).toMatch(/strength target.*number.*none.*2 to 82, median 40/s);
    expect(other).toMatch(/category.*5\.0 %.*9 levels: strength, …/s);
    expect(document.querySelectorAll(".columns svg[role=img]")).toHaveLength(2);
  });

  test("compares every method in a table whose headers name rows and columns", () => {
    const { document } = page();
    expect(texts(document, ".comparison tbody th[scope=row]")).toEqual([
      "mixture",
      "single net",
      "wide net, equal parameters",
      "ensemble of 4",
      "ensemble of equal cost",
      "k-means + experts",
    ]);
    expect(texts(document, ".comparison thead th[scope=col]")).toHaveLength(6);
    const [, single] = [...document.querySelectorAll("tbody tr")];
    expect(texts(document, "tbody tr:first-child td").slice(1, 3)).toEqual(["", ""]);
    expect(single!.textContent).toMatch(/\d\.\d+ ± 0\.\d+.*% lower.*1,377.*1 ×/s);
  });

  test("says in words, with figures, what each picture shows", () => {
    const { document } = page();
    expect(document.querySelectorAll("figure")).toHaveLength(10 + 4 * 2);
    for (const svg of document.querySelectorAll("figure svg")) {
      expect(svg.getAttribute("role")).toBe("img");
      expect(svg.getAttribute("aria-label")).toMatch(/^[A-Z].*\d.*\.$/);
      expect(svg.closest("figure")!.querySelector("figcaption")!.textContent).not.toBe("");
    }
  });

  test("marks the number of experts that the mixture's rule chooses", () => {
    const { document } = page();
    const [choice] = labels(document).filter((label) => label.startsWith("Held-out"));
    expect(choice).toContain("4 experts 0.0812, 8 experts 0.0806; 4 chosen.");
  });

  test("says how many regimes were found by their likelihood, and how to overrule", () => {
    const { document } = page({ searched: true });
    expect(texts(document, "h2")).toContain("How many regimes");
    const [elbow] = labels(document).filter((label) => label.startsWith("Log likelihood"));
    expect(elbow).toContain("4 experts 0.31, 8 experts 0.32; 4 chosen.");
    const rows = [...document.querySelectorAll(".pair tbody tr")].map((row) => row.textContent);
    expect(rows[2]).toMatch(/4, chosen.*4.*0\.310 ± 0\.020.*0\.26.*0\.90/s);
    expect(document.body.textContent).toContain("One further expert joined");
    expect(document.body.textContent).toContain("lie in 6 connected pieces");
    expect(document.body.textContent).toContain("fit --experts N");
  });

  test("names a committee's members, and the member whose regimes are shown", () => {
    const { document } = page({ committee: true });
    const headings = texts(document, "h2");
    expect(headings).toContain("The committee and its rivals");
    expect(headings).toContain("Who is in the committee");
    expect(headings).not.toContain("How many experts");
    expect(texts(document, "header")[0]).toMatch(
      /committee of 7 members.*divide the rows weigh 0\.4 of the committee.*those of member m0, of weight 0\.4/s,
    );
    const rows = texts(document, ".pair tbody tr");
    expect(rows.find((row) => row.startsWith("gp"))).toMatch(/0\.35.*4\.5.*0\.35, 0\.35, 0\.35/s);
  });

  test("has a card for every regime: rule, purity, coverage, size, error, effects", () => {
    const { document } = page();
    expect(texts(document, ".card h3")).toEqual([0, 1, 2, 3].map((k) => `Regime ${k}`));
    const [, second] = texts(document, ".card");
    expect(second).toContain("(0.5 ≤ strength < 2 or it is missing)");
    expect(second).toContain("and strength is strength or missing or unknown");
    expect(second).toContain("purity 99.4 %, coverage 80 %");
    expect(second).toMatch(
      /250 rows, 25 % · RMSE [\d.]+, best single model [\d.]+ · 10 % near a boundary/,
    );
    expect(second).toContain("strength ±2.5: rises from 10 to 17");
    expect(document.querySelectorAll(".card figure svg[role=img]")).toHaveLength(8);
  });

  test("names the protocol, settings, versions, data and date", () => {
    const [facts] = texts(page().document, "dl");
    for (const fact of [
      "3 random splits with 20 % of the rows to test on",
      "6f0beeda386dc0c77d77e24eeafff2ffd657fcf1a60ba752560b4ee3609fb743",
      "3000 to 9000 steps, learning rate 0.004",
      "bailiwick 0.1.0, node v20.20.2",
      "wasm",
      "2026-01-02",
    ]) {
      expect(facts).toContain(fact);
    }
  });

  test("is the same text for the same run", () => {
    expect(page().markup).toBe(page().markup);
  });
});

describe("a report draws", () => {
  test("at most 1,000 test rows, and says how many there were", () => {
    const { document } = page({ nTest: 1500 });
    const agreement = figureUnder(document, "Predicted and true");
    expect(agreement.querySelectorAll("circle").length).toBe(1000);
    expect(agreement.textContent).toContain("1,000 points, taken evenly from 1,502 test rows");
  });

  test("every method's interval and every split's value", () => {
    const [comparison] = [...page().document.querySelectorAll("figure")];
    expect(comparison!.querySelectorAll("circle")).toHaveLength(6 * 3 + 6);
  });

  test("a boundary between every two regimes, areas below and rows above", () => {
    const figure = figureUnder(page().document, "Where the regimes are");
    expect(figure.querySelectorAll("[data-mark=contour] path")).toHaveLength(4 * 2);
    expect(figure.querySelectorAll("circle")).toHaveLength(40);
    expect(figure.textContent).toContain("3 rows without a value here");
  });

  test("an area a run of cells where an axis has levels", () => {
    const { document } = page({ map: "cells" });
    const figure = figureUnder(document, "Where the regimes are");
    expect(figure.querySelectorAll("[data-mark=rect] rect")).toHaveLength(2 * 4);
    expect(texts(figure as never, "text")).toContain("stren…");
  });

  test("one feature as a line that breaks at every boundary", () => {
    const { document } = page({ map: "line" });
    const figure = figureUnder(document, "Where the regimes are");
    expect(figure.querySelectorAll("[data-mark=line] path")).toHaveLength(4);
    expect(figure.querySelectorAll("[data-mark=rule] line")).toHaveLength(3);
  });

  test("rules in a table where no two features tell the regimes apart", () => {
    const run = sampleRun({ map: "projection" });
    const map = { ...run.facts.kept.map!, separated: 0.6 };
    const facts = { ...run.facts, kept: { ...run.facts.kept, map } as typeof run.facts.kept };
    const { document } = open({ ...run, facts });
    expect(document.body.textContent).toContain("so there is no map");
    expect(texts(document, ".rules tbody tr")).toHaveLength(4);
    expect(texts(document, ".rules tbody tr")[1]).toMatch(/regime 1.*0\.5 ≤ strength < 2/s);
  });

  test("of many features two, and says by what measure and what is left out", () => {
    const { document } = page({ map: "projection" });
    const figure = figureUnder(document, "Where the regimes are");
    expect(figure.textContent).toContain("Of 8 features these two tell the regimes apart best");
    expect(figure.textContent).toContain("90 % of the rows");
    expect(figure.textContent).toContain("naming the largest regime, 25 %");
    expect(figure.textContent).toContain("The other 6 features are not drawn");
  });

  test("errors by regime, of rows near a boundary and of the others, by hand", () => {
    const run = sampleRun({ nSplits: 1, nTest: 3, nExperts: 2 });
    const own = {
      split: 0,
      rows: Int32Array.from([10, 11, 12]),
      truth: Float64Array.from([1, 1, 1]),
      mixture: Float64Array.from([4, 3, 6]),
      single: Float64Array.from([1, 1, 2]),
    };
    const [label] = labels(open(answering(run, [own])).document).filter((text) =>
      text.includes("near a boundary"),
    );
    // Rows 10 and 12 are of regime 0, row 10 is near a boundary; squares are 9, 4 and 25.
    expect(label).toBe(
      "Root mean squared error by regime: regime 0, 2 rows: 4.123, single net 0.7071; " +
        "regime 1, 1 row: 2, single net 0; near a boundary, 1 row: 3, single net 0; " +
        "away from boundaries, 2 rows: 3.808, single net 0.7071; all, 3 rows: 3.559, " +
        "single net 0.5774.",
    );
  });

  test("every regime's name, together where there are more experts than colours", () => {
    const [legend] = [...page({ nExperts: 10 }).document.querySelectorAll(".legend")];
    const names = [...legend!.children].map(({ textContent }) => textContent);
    expect(names.slice(0, 3)).toEqual(["regimes 0, 8", "regimes 1, 9", "regime 2"]);
    expect(names).toHaveLength(8);
  });

  test("a regime without test rows as a line of words", () => {
    const run = sampleRun();
    const predictions = run.predictions.map((own) => ({ ...own, rows: own.rows.map(() => 4) }));
    const { document } = open(answering(run, predictions));
    const [errors] = labels(document).filter((label) => label.includes("by regime"));
    expect(errors).toContain("regime 3, no rows");
  });
});

describe("a report does without", () => {
  test("a competition", () => {
    const run = sampleRun();
    const facts = { ...run.facts, kept: { ...run.facts.kept, rounds: [] } };
    const { document } = open({ ...run, facts });
    expect(texts(document, "h2")).toEqual(HEADINGS.filter((name) => name !== "Who won what"));
  });

  test("several regimes: one net needs no map", () => {
    const { document } = page({ nExperts: 1 });
    expect(texts(document, "header")[0]).toContain("The model is one net.");
    const headings = texts(document, "h2");
    for (const name of ["Where the regimes are", "Error by regime", "The regimes, one by one"]) {
      expect(headings).not.toContain(name);
    }
    expect(document.querySelectorAll(".card")).toHaveLength(0);
    expect(document.querySelectorAll("figure")).toHaveLength(7);
    expect(document.querySelectorAll(".legend")).toHaveLength(0);
  });

  test("several splits: one has no standard error", () => {
    const { document } = page({ nSplits: 1 });
    expect(texts(document, ".lead")[0]).toContain("1 split,");
    expect(texts(document, "tbody")[0]).not.toContain("±");
    expect(document.body.textContent).not.toContain("NaN");
  });

  test("rivals that were not asked for", () => {
    const run = sampleRun();
    const { mixture, single, equalCost } = run.result.summary.methods;
    const methods = { mixture: mixture!, single: single!, equalCost: equalCost! };
    const result = { ...run.result, summary: { ...run.result.summary, methods } };
    expect(texts(open({ ...run, result }).document, ".comparison tbody th")).toHaveLength(3);
  });

  test("a choice among numbers of experts", () => {
    const run = sampleRun();
    const splits = run.result.splits.map((split) => ({
      ...split,
      candidates: split.candidates.slice(0, 1),
    }));
    const { document } = open({ ...run, result: { ...run.result, splits } });
    expect(document.body.textContent).toContain("One number was tried: 1.");
  });

  test("predictions", () => {
    const { document } = open(answering(sampleRun(), []));
    expect(texts(document, "h2")).not.toContain("Predicted and true");
  });
});

describe("the page of a model", () => {
  const { facts, result } = sampleRun({ nExperts: 1 });
  const { verdict } = result;

  test("shows a leaderboard, and the model's place among others", () => {
    const markup = renderModel({ title: "concrete", facts, verdict, origin: [["Seed", "1"]] });
    const { document } = parseHTML(markup);
    const rows = texts(document, ".comparison tbody tr");
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatch(/strength 2.*5\.2.*37\.8 % lower/s);
    expect(document.querySelector(".facts")!.textContent).toContain("errs by 16.4");
  });

  test("marks the model in its leaderboard, wherever it stands there", () => {
    const leaders = [...facts.leaders].reverse();
    const shown = { title: "c", facts: { ...facts, leaders }, verdict, origin: [] };
    const { document } = parseHTML(renderModel(shown));
    const { name } = leaders.find(({ isModel }) => isModel)!;
    expect(texts(document, ".comparison tbody b")).toEqual([name]);
  });

  test("shows 0 where rounding leaves a little of it", () => {
    const cells = (value: number) => [{ name: "cosine of day", value }];
    const worst = [1, 6.123e-17, 6.123e-7].map((value, i) => {
      return { row: i, truth: 1, predicted: 2, cells: cells(value) };
    });
    const shown = { title: "c", facts: { ...facts, worst }, verdict, origin: [] };
    const { document } = parseHTML(renderModel(shown));
    const last = texts(document, "tbody tr td:last-child").filter((text) =>
      /^(1|0|6\..*)$/.test(text),
    );
    expect(last).toEqual(expect.arrayContaining(["1", "0", "6.12e-7"]));
    expect(last).not.toContain("6.12e-17");
  });

  test("without rows says what the bundle keeps, and draws no evidence", () => {
    const empty = { leaders: [], coverage: [], importance: [], effects: [], worst: [] };
    const bare = { ...facts, ...empty, answers: null };
    const markup = renderModel({ title: "concrete", facts: bare, verdict, origin: [] });
    const { document } = parseHTML(markup);
    expect(texts(document, "h2")).toEqual(["The data", "How this was made"]);
    expect(document.querySelector("header")!.textContent).toContain(
      "206 answers to rows held out of the fit",
    );
  });

  test("of rows that it was trained on says that the pictures look too good", () => {
    const answers = { ...facts.answers!, kind: "trained on" } as const;
    const markup = renderModel({ title: "c", facts: { ...facts, answers }, verdict, origin: [] });
    const { document } = parseHTML(markup);
    expect(document.querySelector("header")!.textContent).toContain("look too good");
    expect(texts(document, "figcaption")[1]).toContain("training rows");
  });
});

describe("a report is safe to open:", () => {
  test("it loads nothing, runs nothing and forbids both", () => {
    const { markup, document } = page();
    expect(document.querySelectorAll("script, link, img, iframe, object, embed, a")).toHaveLength(
      0,
    );
    expect(markup).not.toMatch(/\s(src|href|srcset|xlink:href|on\w+)\s*=/i);
    expect(markup).not.toMatch(/url\(|@import/i);
    const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]")!;
    expect(policy.getAttribute("content")).toContain("default-src 'none'");
  });

  test.each(HOSTILE)("the name %s stays text", (name) => {
    const { markup, document } = page({ name });
    expect(skeleton(document)).toBe(skeleton(page().document));
    expect(markup).not.toMatch(/<(script|img|!--)/i);
    expect(texts(document, "h1")).toEqual([name]);
    expect(texts(document, ".warnings li").at(-1)).toBe(`column "${name}" is constant`);
    expect(labels(document).find((label) => label.startsWith("Predicted"))).toContain(
      `true ${name} of`,
    );
  });

  test("the page has the same elements for all names", { timeout: 120_000 }, () => {
    const maps = ["plane", "cells", "line", "projection"] as const;
    const small = (map: (typeof maps)[number]): SampleOptions => {
      return { nTest: 12, map, searched: map !== "plane" };
    };
    const plain = new Map(maps.map((map) => [map, skeleton(page(small(map)).document)]));
    const names = fc.oneof(
      fc.string({ minLength: 1, maxLength: 60 }),
      fc.string({ minLength: 1, maxLength: 60, unit: "binary" }),
      fc
        .array(fc.constantFrom(...HOSTILE, '"', "'", "<", ">", "&", "/", "=", " "), {
          minLength: 1,
          maxLength: 2,
        })
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(names, fc.constantFrom(...maps), (name, map) => {
        expect(skeleton(page({ ...small(map), name }).document)).toBe(plain.get(map));
      }),
      {
        numRuns: 60,
        examples: ["\n\u0000", "\u0001", "\ud800", "\r", "\u0085"].map((name) => [name, "cells"]),
      },
    );
  });
});
