/** Explains one expert again after a change; the other experts' explanations stay. */
import type { Preprocessing, Table } from "../data/index.ts";
import type { Engine, Expert } from "../experts/index.ts";
import type { ExpertReport } from "../mixture/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import { mainEffects } from "./effects.ts";
import type { ExpertExplanation } from "./explanation.ts";
import { fitNovelty } from "./novelty.ts";

/** A changed expert and its rows. */
export interface ExpertEvidence {
  readonly preprocessing: Preprocessing;
  readonly table: Table;
  /** The table's rows, preprocessed. */
  readonly X: Matrix;
  /** The numbers of the expert's rows. */
  readonly rows: Int32Array;
  readonly report: ExpertReport;
  /** Number of rows that the expert was trained on, these rows and earlier ones. */
  readonly nRows: number;
  /** Preprocessed rows that are not novel to the expert; null to keep its earlier novelty. */
  readonly covered: Matrix | null;
  /** The regime's earlier explanation; null for a new regime. */
  readonly earlier: ExpertExplanation | null;
}

/** Effects come from the new rows; rule and boundary share stay as before. */
export function explainExpert(
  engine: Engine,
  expert: Expert,
  { preprocessing, table, X, rows, report, nRows, covered, earlier }: ExpertEvidence,
): ExpertExplanation {
  const { share, residuals } = report;
  const every = (M: Matrix): Int32Array => Int32Array.from({ length: M.nRows }, (_, i) => i);
  return {
    card: {
      nRows,
      share,
      residuals,
      boundaryShare: earlier?.card.boundaryShare ?? 0,
      rule: earlier?.card.rule ?? null,
      effects: mainEffects(engine, expert, preprocessing, { table, X, rows }),
    },
    novelty:
      earlier === null || covered !== null
        ? fitNovelty(covered ?? X, covered === null ? rows : every(covered))
        : earlier.novelty,
  };
}
