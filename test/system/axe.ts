/** What axe-core finds wrong with a page: rules of WCAG 2 and of good practice. */
import axe from "axe-core";
import type { Page } from "playwright-core";

/** Each violation as a line: its rule, and the first element that breaks it. */
export function violationsOf(page: Page): Promise<string[]> {
  // Evaluated, not put into the page as a script, which the page's policy forbids.
  return page.evaluate(
    `${axe.source}; axe.run().then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200)))`,
  );
}
