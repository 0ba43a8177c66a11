/**
 * Goal: the report says what the run found, to everyone, in one page that is safe to open.
 * Method: pages of hand-made results are parsed; names are arbitrary and hostile.
 */
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { renderReport } from "../../src/reports/index.ts";
import { type Sample, type SampleOptions, sampleRun } from "./sample.ts";

const HEADINGS = [
  "The mixture and its rivals",
  "Predicted and true",
  "Error by expert",
  "Who won what",
  "How many experts",
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
  const markup = renderReport(run.result, run.predictions, run.rounds);
  return { markup, document: parseHTML(markup).document };
}

function page(options?: SampleOptions): Page {
  return open(sampleRun(options));
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

  test("compares every method in a table whose headers name rows and columns", () => {
    const { document } = page();
    expect(texts(document, "tbody th[scope=row]")).toEqual([
      "mixture",
      "single net",
      "wide net, equal parameters",
      "ensemble of 4",
      "ensemble of equal cost",
      "k-means + experts",
    ]);
    expect(texts(document, "thead th[scope=col]")).toHaveLength(6);
    const [, single] = [...document.querySelectorAll("tbody tr")];
    expect(texts(document, "tbody tr:first-child td").slice(1, 3)).toEqual(["", ""]);
    expect(single!.textContent).toMatch(/\d\.\d+ ± 0\.\d+.*% lower.*1,377.*1 ×/s);
  });

  test("says in words, with figures, what each picture shows", () => {
    const { document } = page();
    expect(document.querySelectorAll("figure")).toHaveLength(5);
    for (const svg of document.querySelectorAll("figure svg")) {
      expect(svg.getAttribute("role")).toBe("img");
      expect(svg.getAttribute("aria-label")).toMatch(/^[A-Z].*\d.*\.$/);
      expect(svg.closest("figure")!.querySelector("figcaption")!.textContent).not.toBe("");
    }
  });

  test("marks the number of experts that the mixture's rule chooses", () => {
    const { document } = page();
    expect(labels(document)[4]).toContain("4 experts 0.0812, 8 experts 0.0806; 4 chosen.");
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
  test("at most 2,000 test rows, and says how many there were", () => {
    const { document } = page({ nTest: 1500 });
    const [, agreement] = [...document.querySelectorAll("figure")];
    expect(agreement!.querySelectorAll("circle")).toHaveLength(2000);
    expect(agreement!.querySelector("figcaption")!.textContent).toContain(
      "2,000 test rows of 4,500",
    );
  });

  test("every method's interval and every split's value", () => {
    const [comparison] = [...page().document.querySelectorAll("figure")];
    expect(comparison!.querySelectorAll("circle")).toHaveLength(6 * 3 + 6);
  });

  test("every expert's name, together where there are more experts than colours", () => {
    const [legend] = [...page({ nExperts: 10 }).document.querySelectorAll(".legend")];
    const names = [...legend!.children].map(({ textContent }) => textContent);
    expect(names.slice(0, 3)).toEqual(["experts 0, 8", "experts 1, 9", "expert 2"]);
    expect(names).toHaveLength(8);
  });

  test("an expert without test rows as a line of words", () => {
    const run = sampleRun();
    const [first, ...others] = run.result.splits;
    const perExpert = [...first!.perExpert.slice(1), { nSamples: 0, mse: null }];
    const result = { ...run.result, splits: [{ ...first!, perExpert }, ...others] };
    expect(labels(open({ ...run, result }).document)[2]).toContain("expert 3, no test rows.");
  });
});

describe("a report does without", () => {
  test("a competition", () => {
    const { document } = open({ ...sampleRun(), rounds: [] });
    expect(texts(document, "h2")).toEqual(HEADINGS.filter((name) => name !== "Who won what"));
  });

  test("several experts: one net needs no picture of experts", () => {
    const { document } = page({ nExperts: 1 });
    expect(document.body.textContent).toContain("The model of split 0 is one net.");
    expect(document.querySelectorAll("figure")).toHaveLength(3);
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
    expect(texts(open({ ...run, result }).document, "tbody th")).toHaveLength(3);
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
    const { document } = open({ ...sampleRun(), predictions: [] });
    expect(texts(document, "h2")).not.toContain("Predicted and true");
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
    expect(texts(document, "li").at(-1)).toBe(`column "${name}" is constant`);
    expect(labels(document)[1]).toContain(`true ${name} of`);
  });

  test("whatever the names are, the page has the same elements", { timeout: 120_000 }, () => {
    const plain = skeleton(page({ nTest: 12 }).document);
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
      fc.property(names, (name) => {
        expect(skeleton(page({ nTest: 12, name }).document)).toBe(plain);
      }),
      { numRuns: 60, examples: [["\n\u0000"], ["\u0001"], ["\ud800"], ["\r"], ["\u0085"]] },
    );
  });
});
