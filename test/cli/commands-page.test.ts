/**
 * Goal: docs/commands.md describes the commands as they are.
 * Method: the page made again from their definitions; `npm run docs` runs this with --update.
 */
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { commandsPage } from "./commands-page.ts";

test("the page of commands is the one that npm run docs writes", async () => {
  const page = commandsPage(await createProgram());
  for (const command of ["fit", "predict", "data list", "bench accuracy", "audit verify"]) {
    expect(page).toContain(`\n## bailiwick ${command}\n`);
  }
  await expect(page).toMatchFileSnapshot("../../docs/commands.md");
});
