/** What an update of a bundle says it has done. */
import type { Bundle } from "../../bundle/index.ts";
import { expertId } from "../../mixture/index.ts";
import type { Decision } from "../decide/index.ts";
import type { Outcome, Verified } from "../train/index.ts";
import type { MeasuredChange } from "./measure.ts";
import type { Committed } from "./write-version.ts";

/** An expert's blob before and after; null where there is none. */
export interface HashChange {
  readonly id: string;
  readonly before: string | null;
  readonly after: string | null;
}

export type DecisionReport = Omit<
  Decision,
  "rows" | "staying" | "source" | "member" | "expert" | "id"
> & { readonly expert: string; readonly nLearning: number };

export interface UpdateReport {
  readonly versionBefore: number;
  /** The same if nothing was replaced. */
  readonly version: number;
  readonly digest: string;
  /** Why nothing was learnt from these rows; empty if nothing is odd. */
  readonly warnings: readonly string[];
  /** The version that had learnt these very rows before, so that nothing was done; else null. */
  readonly learntIn: number | null;
  /** Rows without a target, which were left out. */
  readonly nDropped: number;
  readonly nRows: number;
  /** Experts that are others now, or whose scores are. */
  readonly affected: readonly HashChange[];
  readonly unaffected: readonly HashChange[];
  readonly change: MeasuredChange;
  readonly rowsRead: number;
  /** Multiply-adds of training. */
  readonly cost: number;
  readonly decisions: readonly (DecisionReport & { readonly verified: Verified | null })[];
}

/** The part of an update that is reported. */
interface Reported {
  readonly warnings: readonly string[];
  readonly change: MeasuredChange;
  readonly rowsRead: number;
  readonly cost: number;
  readonly outcomes: readonly Outcome[];
  readonly affected: readonly (readonly number[])[];
}

export function reportDecision(decision: Decision): DecisionReport {
  const { rows, staying, source, member, expert, id, ...rest } = decision;
  return { expert: id, ...rest, nLearning: rows.length };
}

export function reportUpdate(
  { version: versionBefore, manifest }: Bundle,
  updated: Reported,
  { version, digest, hashes }: Committed,
  counts: Pick<UpdateReport, "nDropped" | "nRows">,
): UpdateReport {
  const changes = hashes.map((member, m) =>
    member.map((after, k) => {
      const before = manifest.members[m]!.experts[k]?.blob ?? null;
      return { id: expertId(m, k), before, after };
    }),
  );
  const isAffected = (m: number, k: number): boolean => updated.affected[m]!.includes(k);
  const { warnings, change, rowsRead, cost, outcomes } = updated;
  return {
    versionBefore,
    version,
    digest,
    warnings,
    learntIn: null,
    affected: changes.flatMap((list, m) => list.filter((_, k) => isAffected(m, k))),
    unaffected: changes.flatMap((list, m) => list.filter((_, k) => !isAffected(m, k))),
    change,
    rowsRead,
    cost,
    decisions: outcomes.map(({ verified, nLearnt: _, isNewLaw: __, nTried: ___, ...decision }) => ({
      ...reportDecision(decision),
      verified,
    })),
    ...counts,
  };
}
