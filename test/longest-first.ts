/** The order of test files: those that take longest start first, so that no core waits for one. */
import { existsSync } from "node:fs";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of many CPU seconds, the longest first: of the system tests, then of the others. */
const LONGEST = [
  "system/kills",
  "system/tfjs-node",
  "system/accurate",
  "system/fabric-starts",
  "system/commands",
  "cli/program",
  "update/committee",
  "experts/tfjs-engine",
  "update/update-bundle",
  "benches/regimes/bench",
  "mixture/likelihood/search",
  "experts/families",
  "gate/boundary/fit",
  "mixture/copies",
].map((name) => new URL(`${name}.test.ts`, import.meta.url).pathname);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const missing = LONGEST.filter((path) => !existsSync(path));
    if (missing.length > 0) throw new Error(`LONGEST must name test files, got ${missing.join()}`);
    const place = ({ moduleId }: TestSpecification): number =>
      LONGEST.includes(moduleId) ? LONGEST.indexOf(moduleId) : LONGEST.length;
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
