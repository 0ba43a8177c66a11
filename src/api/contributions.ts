/**
 * What each column of a request's rows contributes to the answers.
 *
 * A row costs some milliseconds, so the rows of a request are limited, and other requests are
 * served between two of them.
 */
import { setImmediate as letOthersRun } from "node:timers/promises";
import type { Contributions, Contributor } from "../explain/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { takeRows } from "../shared/matrix.ts";
import type { AnsweredRows } from "./answer.ts";
import type { LoadedVersion } from "./registry.ts";

/** Of a request: a list over `columns` for each row, in the target's units. */
interface ContributionsAnswer extends Pick<Contributions, "columns" | "base"> {
  readonly values: readonly (readonly number[])[];
  readonly errors: readonly (readonly number[])[];
  readonly limits: readonly number[];
}

/** @throws EXPLANATION_MISSING or DATA_TOO_LARGE, before anything is predicted. */
export function contributorOf(
  { contribute, version }: LoadedVersion,
  nRows: number,
  maxRows: number,
): Contributor {
  if (nRows > maxRows) {
    const message = `with contributions, rows must be at most ${maxRows}, got ${nRows}`;
    throw new BailiwickError("DATA_TOO_LARGE", message);
  }
  const contributor = contribute();
  if (contributor !== null) return contributor;
  const message = `version ${version} must keep an explanation to tell contributions; fit it again`;
  throw new BailiwickError("EXPLANATION_MISSING", message);
}

/** null where experts stood in for others: the answers are not those of the model. */
export async function contributionsTo(
  contribute: Contributor,
  { X, values: answers, degraded }: AnsweredRows,
): Promise<ContributionsAnswer | null> {
  if (degraded) return null;
  const { columns, base } = contribute(takeRows(X, []), new Float64Array(0));
  const rows: ReturnType<Contributor>[] = [];
  for (let i = 0; i < X.nRows; i++) {
    rows.push(contribute(takeRows(X, [i]), answers.subarray(i, i + 1)));
    await letOthersRun();
  }
  return {
    columns,
    base,
    values: rows.map(({ values }) => [...values]),
    errors: rows.map(({ errors }) => [...errors]),
    limits: rows.map(({ limits }) => limits[0]!),
  };
}
