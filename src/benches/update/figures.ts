/** The figures of the update bench, computed from its measurements. */
import { median } from "../../shared/statistics.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import type { AlarmRow } from "./alarms.ts";
import { type DependentRow, PHIS, WITHIN } from "./dependent.ts";
import type { DriftRow } from "./drift.ts";
import type { RealRow } from "./real.ts";

export interface UpdateMeasurements {
  readonly drifts: readonly DriftRow[];
  readonly alarms: readonly AlarmRow[];
  readonly real: readonly RealRow[];
}

/** Drifts of one regime's law. */
const ONE_REGIME = ["abrupt", "gradual"];
/** The real set in which laws keep moving. */
const MOVING_SET = "bike-hourly";

export function updateFigures({ drifts, alarms, real }: UpdateMeasurements): readonly Figure[] {
  const one = drifts.filter(({ drift }) => ONE_REGIME.includes(drift));
  return [
    ...costFigures(one),
    growFigure(drifts.filter(({ drift }) => drift === "new-regime")),
    ...placeFigures(one),
    ...alarmFigures(alarms),
    ...realFigures(real),
  ];
}

function costFigures(one: readonly DriftRow[]): readonly Figure[] {
  const over = (ratio: (row: DriftRow) => number): number | null => medianOf(one.map(ratio));
  const streams = `median over ${one.length} streams in which one regime drifts`;
  return [
    judgeFigure(
      {
        name: "update.loss-vs-full",
        value: over(({ errors }) => errors.update / errors.full),
        unit: "×",
        how: `mean squared error on test rows ÷ full modular refit's, ${streams}`,
      },
      { atMost: 1.05 },
    ),
    judgeFigure(
      {
        name: "update.cost-vs-full",
        value: over(({ cpuSeconds }) => cpuSeconds.update / cpuSeconds.full),
        unit: "×",
        how: `CPU time ÷ full modular refit's, which is not judged, ${streams}`,
      },
      { atMost: 0.15 },
    ),
    judgeFigure(
      {
        name: "update.rows-read-vs-full",
        value: over(({ rowsReadShare }) => rowsReadShare),
        unit: "×",
        how: `stored rows read and new rows learnt from ÷ all rows, old and new, ${streams}`,
      },
      { atMost: 0.35 },
    ),
    judgeFigure(
      {
        name: "update.cost-vs-single",
        value: over(({ cpuSeconds, errors }) =>
          errors.update <= errors.single
            ? cpuSeconds.update / cpuSeconds.single
            : Number.POSITIVE_INFINITY,
        ),
        unit: "×",
        how:
          `CPU time ÷ a single net's refit with its tuning, ${streams}; ` +
          "infinite where its error is lower",
      },
      { atMost: 1 },
    ),
  ];
}

function growFigure(grown: readonly DriftRow[]): Figure {
  return judgeFigure(
    {
      name: "update.grow-vs-refit",
      value: medianOf(grown.map(({ errors }) => errors.update / errors.single)),
      unit: "×",
      how:
        "mean squared error on test rows ÷ a single net's refit on old and new rows, " +
        `median over ${grown.length} streams in which a regime is new`,
    },
    { atMost: 1.5 },
  );
}

function placeFigures(one: readonly DriftRow[]): readonly Figure[] {
  const same = one.every(({ sameBlobs }) => sameBlobs);
  const most = one.reduce((a, { maxChange }) => Math.max(a, maxChange), 0);
  const shares = one.map(({ unaffectedShare }) => unaffectedShare);
  return [
    judgeFigure(
      {
        name: "update.unaffected-max-change",
        value: one.length === 0 ? null : same ? most : Number.POSITIVE_INFINITY,
        unit: "",
        how:
          "largest change of a prediction on test rows in which no affected expert shares; " +
          "infinite if an unaffected expert's blob is another",
      },
      { atMost: 0 },
    ),
    judgeFigure(
      {
        name: "update.unaffected-share",
        value: shares.length === 0 ? null : Math.min(...shares),
        unit: "",
        how:
          "such rows among the test rows of regimes that have not drifted, the least over " +
          "streams",
      },
      { atLeast: 0.95 },
    ),
  ];
}

function alarmFigures(alarms: readonly AlarmRow[]): readonly Figure[] {
  const shifts = alarms.flatMap(({ power }) => power.filter(({ size }) => size === 1));
  const total = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0);
  const nStreams = total(shifts.map((one) => one.nStreams));
  const nQuiet = total(alarms.map(({ quiet }) => quiet.nStreams));
  const found = total(shifts.map(({ nFound }) => nFound));
  const nAlarms = total(alarms.map(({ quiet }) => quiet.nAlarms));
  return [
    judgeFigure(
      {
        name: "update.detection-rate",
        value: nStreams === 0 ? null : found / nStreams,
        unit: "",
        how: `shifts of 1 s.d. in one regime found within 200 of its rows, of ${nStreams}`,
      },
      { atLeast: 0.95 },
    ),
    judgeFigure(
      {
        name: "update.false-alarm-rate",
        value: nQuiet === 0 ? null : nAlarms / nQuiet,
        unit: "",
        how: `streams of 10,000 rows without a change that raise an alarm, of ${nQuiet}`,
      },
      { atMost: 0.01 },
    ),
    ...dependentFigures(alarms.flatMap(({ dependent }) => dependent)),
    judgeFigure(
      {
        name: "update.recurring-cost",
        value: medianOf(
          alarms.flatMap(({ recurring }) =>
            recurring.map(({ againSeconds, firstSeconds }) => againSeconds / firstSeconds),
          ),
        ),
        unit: "×",
        how:
          "CPU time of knowing a law again ÷ of learning it first, median over the regimes of " +
          "all models",
      },
      { atMost: 0.2 },
    ),
  ];
}

/** Streams whose errors go together. */
function dependentFigures(rows: readonly DependentRow[]): readonly Figure[] {
  const sum = (value: (row: DependentRow) => number): number =>
    rows.reduce((total, row) => total + value(row), 0);
  const nQuiet = sum(({ quiet }) => quiet.nStreams);
  const nShifted = sum(({ shifted }) => shifted.nStreams);
  const errors = `AR(1) errors, φ ${PHIS.join(" and ")}`;
  return [
    judgeFigure(
      {
        name: "update.dependent-false-alarms",
        value: nQuiet === 0 ? null : sum(({ quiet }) => quiet.nAlarms),
        unit: "",
        how: `streams of 2,000 rows without a change, ${errors}, that raise an alarm, of ${nQuiet}`,
      },
      { atMost: 0 },
    ),
    judgeFigure(
      {
        name: "update.dependent-detection-rate",
        value: nShifted === 0 ? null : sum(({ shifted }) => shifted.nFound) / nShifted,
        unit: "",
        how:
          `shifts of 1 s.d. found within ${WITHIN} of the regime's rows, ${errors}, ` +
          `of ${nShifted}`,
      },
      { atLeast: 0.9 },
    ),
  ];
}

function realFigures(real: readonly RealRow[]): readonly Figure[] {
  const compared = real.filter(({ peers }) => peers.length > 0);
  const ratios = compared.map(
    ({ errors, peers }) => errors.update / Math.min(...peers.map(({ error }) => error)),
  );
  const moving = real.find(({ set }) => set === MOVING_SET);
  const before = "root mean squared error before learning";
  return [
    judgeFigure(
      {
        name: "update.prequential-vs-best-peer",
        value: ratios.length === 0 ? null : Math.max(...ratios),
        unit: "×",
        how:
          ratios.length === 0
            ? "no set or no peer was available"
            : `${before} ÷ the best peer's, the worst set`,
      },
      { atMost: 1 },
    ),
    judgeFigure(
      {
        name: "update.prequential-vs-window",
        value: moving === undefined ? null : moving.errors.update / moving.errors.window,
        unit: "×",
        how:
          moving === undefined
            ? `${MOVING_SET} was not available`
            : `${before} ÷ a sliding window's net's, ${MOVING_SET}`,
      },
      { atMost: 1 },
    ),
  ];
}

function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}
