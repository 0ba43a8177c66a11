/** What axe-core finds wrong with a page: rules of WCAG 2 and of good practice. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Each violation as a line: its rule, and the first element that breaks it. */
export function violationsOf(page: Page): Promise<string[]> {
  // Evaluated, not put into the page as a script, which the page's policy forbids.
  return page.evaluate(
    `${AXE}; axe.run().then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200)))`,
  );
}
