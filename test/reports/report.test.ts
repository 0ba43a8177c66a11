/**
 * Goal: the report says what the run found, in one safe, self-contained page.
 * Method: pages from a sample result are parsed; hostile names are tried.
 */
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { renderReport } from "../../src/reports/index.ts";
import { PREDICTIONS, ROUNDS, sampleResult } from "./sample.ts";

const page = (nSplits: number, name?: string) => {
  const html = renderReport(sampleResult(nSplits, name), PREDICTIONS, ROUNDS);
  return { html, document: parseHTML(html).document };
};

describe("a report", () => {
  test("has a section for every question, in order, under one title", () => {
    const { document } = page(3);
    expect(document.querySelectorAll("h1")).toHaveLength(1);
    expect([...document.querySelectorAll("h2")].map((h) => h.textContent)).toEqual([
      "The mixture and its rivals",
      "Predicted and true",
      "Error by expert",
      "Who won what",
      "How many experts",
      "How this was made",
    ]);
    expect(document.querySelector(".verdict")!.textContent).toContain("Partitioning:");
    expect(document.querySelector("table")!.textContent).toContain("ensemble of equal cost");
    expect(document.querySelector("li")!.textContent).toBe('column "flat" is constant');
  });

  test("says in words what every picture shows", () => {
    const { document } = page(3);
    const pictures = [...document.querySelectorAll("svg")];
    expect(pictures).toHaveLength(5);
    for (const picture of pictures) {
      expect(picture.getAttribute("role")).toBe("img");
      expect(picture.getAttribute("aria-label")!.length).toBeGreaterThan(20);
    }
    expect(pictures[0]!.getAttribute("aria-label")).toContain("mixture 4.1");
  });

  test("needs nothing from elsewhere and runs no script", () => {
    const { html, document } = page(3);
    expect(document.querySelectorAll("script, link, img, iframe")).toHaveLength(0);
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(html).not.toMatch(/url\(|@import/);
  });

  test("lets no name out of its place", () => {
    const name = '"><script>alert(1)</script><svg onload=x>';
    const { html, document } = page(2, name);
    expect(document.querySelectorAll("script")).toHaveLength(0);
    expect(html).not.toContain("<script");
    expect(document.querySelector("h1")!.textContent).toBe(name);
  });

  test("does without a competition, and with one split", () => {
    const html = renderReport(sampleResult(1), PREDICTIONS, []);
    expect(html).not.toContain("Who won what");
    expect(html).toContain("1 split");
  });
});
