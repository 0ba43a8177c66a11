/** Whether rows are those that a model was trained on, whose errors say nothing of new rows. */
import type { Provenance } from "../bundle/index.ts";
import { type SelectedTarget, shareMarked } from "../data/index.ts";
import type { Model } from "../mixture/index.ts";
import { figure, wholePercent } from "../shared/wording.ts";

/** A smaller share of rows that equal training rows is worth no warning. */
const LEAST_SHARE = 0.1;

/** A model and what its bundle keeps of its training rows. */
interface Trained {
  readonly model: Pick<Model, "preprocessing">;
  readonly provenance: Provenance;
}

/** The rows, and the hash of where they come from. */
interface ReadRows extends Pick<SelectedTarget, "features" | "y"> {
  readonly sha256: string;
}

/** The share of the rows that the model was trained on, 0 to 1. */
export function trainedShare({ model, provenance }: Trained, rows: ReadRows): number {
  const { rowMarks, dataSha256 } = provenance;
  if (rows.sha256 === dataSha256) return 1;
  if (rowMarks === undefined) return 0;
  return shareMarked(rowMarks, model.preprocessing, rows) ?? 0;
}

/** A sentence if the share is large, with the error to expect on new rows instead. */
export function describeTrained(
  share: number,
  { metrics }: Pick<Provenance, "metrics">,
): readonly string[] {
  if (share < LEAST_SHARE) return [];
  const which = share > 0.995 ? "these rows" : `about ${wholePercent(share)} of these rows`;
  const instead =
    metrics === null
      ? ""
      : `; on rows held out of its training the rmse was ${figure(metrics.rmse)}`;
  return [`the model was trained on ${which}, so its errors on them are too small${instead}`];
}
