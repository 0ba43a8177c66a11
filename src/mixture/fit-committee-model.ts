/**
 * From a table to a model that is a committee: the counterpart of fit-model.ts for the preset
 * `accurate`.
 *
 * Members that divide the rows come first: the first member's regimes are those by which rows are
 * kept and shown.
 */
import { type Split, withFactor } from "../data/index.ts";
import { FAMILIES, type Samples } from "../experts/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { type Progress, within } from "../shared/progress.ts";
import { type FittedCommittee, fitCommittee } from "./committee/committee.ts";
import { crossUndivided, crossWeighted } from "./committee/cross-weighted.ts";
import { heldOutFolds, membersOf } from "./committee/held-out.ts";
import { type CommitteeOptions, DEFAULT_COMMITTEE } from "./committee/options.ts";
import { type CommitteeReport, type KindMember, reportCommittee } from "./committee/report.ts";
import { judgeMembers } from "./committee/rivals.ts";
import type { Executor } from "./executor.ts";
import {
  committeeEvidence,
  type Expectation,
  expectErrors,
  type HeldOutAnswers,
} from "./expectation/index.ts";
import { standardise, type TrainingTable } from "./fit-model.ts";
import { calibrateCommittee } from "./intervals/calibrate-fit.ts";
import type { Member, Model } from "./model.ts";
import type { FitOptions } from "./options.ts";
import type { Verdict } from "./verdict.ts";

/** The experts that a committee may have: networks only, or those of every family. */
export type FamilyChoice = "mlp" | "all";

/** The options of a committee's fit: those of its nets and mixtures, and those of the committee. */
export interface AccurateOptions {
  readonly fit: FitOptions;
  readonly committee: CommitteeOptions;
}

/** The options of a committee, from a user's settings. */
export function committeeOptions(families: FamilyChoice = "all"): CommitteeOptions {
  return { ...DEFAULT_COMMITTEE, families: families === "all" ? FAMILIES : [] };
}

/** A committee fitted to samples, with its held-out answers. */
export interface FittedMembers {
  readonly fitted: FittedCommittee;
  /** Members that divide the rows come first, then by weight. */
  readonly members: readonly KindMember[];
  /** Standardised answers of the committee to the rows held out. Shape (heldOut.rows.length,). */
  readonly heldOutAnswers: Float64Array;
  /** The same of a committee of the kinds that do not divide the rows. */
  readonly undividedAnswers: Float64Array;
  readonly folds: readonly Split[];
  readonly samples: Samples;
}

export interface FittedCommitteeModel extends FittedMembers {
  readonly model: Model;
  readonly report: CommitteeReport;
  readonly expectation: Expectation;
  /** The answers that the expectation is measured on. */
  readonly answers: HeldOutAnswers;
}

/**
 * Fits a committee to all rows of a table.
 *
 * @throws TOO_FEW_ROWS if there are fewer than two groups of rows; else as `fitCommittee`.
 * @example
 * ```ts
 * import { openTable } from "bailiwick";
 * import { createInlineExecutor, createWasmEngine, DEFAULT_COMMITTEE } from "bailiwick/engine";
 * import { fitCommitteeModel, PRESETS, selectTarget } from "bailiwick/engine";
 *
 * const { table } = await openTable("prices.csv");
 * const rows = selectTarget(table, "price", { drop: ["id"] });
 * const tuning = { ...PRESETS.fast.tuning, steps: [300], extendTo: 300 };
 * const architectures = [{ activation: "tanh", hidden: [[8]] }];
 * const committee = { ...DEFAULT_COMMITTEE, architectures, families: ["ridge"] };
 * const options = { fit: { ...PRESETS.accurate, tuning }, committee };
 * const executor = createInlineExecutor(await createWasmEngine());
 * const { model } = await fitCommitteeModel(rows, options, executor, () => {});
 * console.log(`${model.members.length} members`);
 * await executor.close();
 * ```
 */
export async function fitCommitteeModel(
  table: TrainingTable,
  options: AccurateOptions,
  executor: Executor,
  progress: Progress,
): Promise<FittedCommitteeModel> {
  const { samples, copies, ...standardised } = standardise(table);
  const fittedMembers = await fitMembers(samples, options, executor, progress);
  const { heldOut } = fittedMembers.fitted;
  const plain = standardised.preprocessing;
  const target = withFactor(plain.target, fittedMembers.heldOutAnswers, heldOut.y);
  const preprocessing = { ...plain, target };
  const members = fittedMembers.members.map(({ weight, mixture }) => ({ weight, mixture }));
  const intervals = calibrateCommittee(
    executor.engine,
    { ...fittedMembers.fitted, members },
    samples,
    copies,
  );
  const report = { ...reportCommittee(fittedMembers, target, executor), nCopies: copies.nCopies };
  const evidence = committeeEvidence({ ...fittedMembers, heldOut, kinds: report.kinds });
  const expectation = expectErrors(evidence, samples, target);
  const model = { preprocessing, members, intervals };
  return { ...fittedMembers, model, report, expectation, answers: evidence.answers };
}

/**
 * A committee with its verdict on the rows that were held out for its weights.
 *
 * @example
 * ```ts
 * import { openTable } from "bailiwick";
 * import { createInlineExecutor, createWasmEngine, DEFAULT_COMMITTEE } from "bailiwick/engine";
 * import { fitJudgedCommittee, PRESETS, selectTarget } from "bailiwick/engine";
 *
 * const { table } = await openTable("prices.csv");
 * const rows = selectTarget(table, "price", { drop: ["id"] });
 * const tuning = { ...PRESETS.fast.tuning, steps: [300], extendTo: 300 };
 * const architectures = [{ activation: "tanh", hidden: [[8]] }];
 * const committee = { ...DEFAULT_COMMITTEE, architectures, families: ["ridge"] };
 * const options = { fit: { ...PRESETS.accurate, tuning }, committee };
 * const executor = createInlineExecutor(await createWasmEngine());
 * const { verdict } = await fitJudgedCommittee(rows, options, executor, () => {});
 * console.log(verdict.partitioning);
 * await executor.close();
 * ```
 */
export async function fitJudgedCommittee(
  table: TrainingTable,
  options: AccurateOptions,
  executor: Executor,
  progress: Progress,
): Promise<FittedCommitteeModel & { readonly verdict: Verdict }> {
  const result = await fitCommitteeModel(table, options, executor, within(progress, 0, 0.7));
  const judging = within(progress, 0.7, 1);
  return { ...result, verdict: await judgeMembers(result, options.fit, executor, judging) };
}

/** The same without a table. @throws as `fitCommitteeModel`. */
export async function fitMembers(
  samples: Samples,
  { fit, committee }: AccurateOptions,
  executor: Executor,
  progress: Progress,
): Promise<FittedMembers> {
  const folded = { ...committee, folds: foldsFor(samples, committee) };
  const fitted = await fitCommittee(samples, fit, { executor, progress }, folded);
  const folds = heldOutFolds(samples, fit.seed, folded);
  const heldOutAnswers = crossWeighted(fitted.heldOut, fit.seed);
  const undividedAnswers = crossUndivided(fitted.heldOut, fit.seed);
  const members = orderMembers(fitted);
  return { fitted, members, heldOutAnswers, undividedAnswers, folds, samples };
}

/** Whole groups go to folds, so there are no more folds than groups. */
function foldsFor({ groups }: Samples, { folds }: CommitteeOptions): number {
  if (groups === null) return folds;
  const nGroups = new Set(groups).size;
  if (nGroups > 1) return Math.min(folds, nGroups);
  const message = `a committee needs at least 2 groups of rows, to hold one out, got ${nGroups}`;
  throw new BailiwickError("TOO_FEW_ROWS", message, { found: nGroups });
}

function orderMembers({ weights, mixtures }: FittedCommittee): readonly KindMember[] {
  const members = weights.flatMap((entry) =>
    membersOf([entry], mixtures).map((member) => ({ ...member, kind: entry.kind })),
  );
  const divides = ({ mixture }: Member): number => (mixture.experts.length > 1 ? 1 : 0);
  return members.sort((a, b) => divides(b) - divides(a) || b.weight - a.weight);
}
