/** Explaining one expert again, after it has changed: the others' explanations stay as they are. */
import type { Preprocessing, Table } from "../data/index.ts";
import type { Engine, Expert } from "../experts/index.ts";
import type { ExpertReport } from "../mixture/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import { mainEffects } from "./effects.ts";
import type { ExpertExplanation } from "./explanation.ts";
import { fitNovelty } from "./novelty.ts";

/** What is known now of an expert and its rows. */
export interface ExpertEvidence {
  readonly preprocessing: Preprocessing;
  readonly table: Table;
  /** The table's rows, preprocessed. */
  readonly X: Matrix;
  /** The expert's among them. */
  readonly rows: Int32Array;
  readonly report: ExpertReport;
  /** Rows that it has learnt from, those among them and earlier ones. */
  readonly nRows: number;
  /** Preprocessed rows that are not strange to it; null if those known before are all. */
  readonly covered: Matrix | null;
  /** What was said of the regime before; null if it is new. */
  readonly earlier: ExpertExplanation | null;
}

/** Effects are those of the new rows; rule and boundary are the regime's, as before. */
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
