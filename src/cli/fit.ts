/** `bailiwick fit`: one table, one target, one bundle. */
import { writeBundle } from "../bundle/index.ts";
import { type ColumnTypes, describeOddities, openData, selectFrom } from "../data/index.ts";
import { explainFit } from "../explain/index.ts";
import {
  createInlineExecutor,
  expertOptions,
  type FitOptions,
  type FittedModel,
  fitJudgedModel,
  PRESETS,
  type PresetName,
  predict,
  type Recombination,
  type RegimeSearch,
  type Verdict,
} from "../mixture/index.ts";
import { figure } from "../shared/wording.ts";
import { keepRows, truncateGates } from "../update/index.ts";
import { createEngine, type EngineFlags } from "./engine.ts";
import { mirrorFolder } from "./environment.ts";
import { formatTable, note, printJson, printLine, warn } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";

export interface FitFlags extends EngineFlags {
  readonly target?: string;
  readonly preset: PresetName;
  readonly group?: string;
  readonly drop?: readonly string[];
  readonly types?: ColumnTypes;
  readonly gate?: "softmax" | "svm";
  readonly recombination?: Recombination;
  readonly experts?: readonly number[];
  readonly out: string;
  readonly keepRows?: boolean;
  readonly force?: boolean;
  readonly seed?: number;
  readonly json?: boolean;
}

export async function fitCommand(dataPath: string, flags: FitFlags): Promise<void> {
  const data = await openData(dataPath, { mirror: mirrorFolder(), types: flags.types });
  const selected = selectFrom(data, flags);
  if (selected.nDropped > 0) warn(`${selected.nDropped} rows without a target were left out`);
  for (const oddity of describeOddities(selected.features)) warn(oddity);
  const options = fitOptions(flags);
  const executor = createInlineExecutor(await createEngine(flags));
  const bar = createProgressBar();
  try {
    const judged = await fitJudgedModel(selected, options, executor, bar.report);
    const fitted =
      flags.keepRows === true ? { ...judged, model: truncateGates(judged.model) } : judged;
    bar.stop();
    const provenance = {
      dataName: data.name,
      dataSha256: data.sha256,
      seed: options.seed,
      engine: executor.engine.name,
      nTrain: selected.y.length,
      preset: flags.preset,
      metrics: null,
      verdict: fitted.verdict,
    };
    const content = {
      model: fitted.model,
      facts: { provenance, experts: [fitted.report.experts] },
      explanation: explainFit(executor.engine, fitted, selected),
    };
    const written = await writeBundle(flags.out, content, { force: flags.force === true });
    if (flags.keepRows === true) {
      const { features } = selected;
      const { routes } = predict(executor.engine, fitted.model, features);
      const rows = { table: data.table, rows: selected.rows, sha256: data.sha256 };
      const store = await keepRows(flags.out, { ...rows, target: selected.targetName }, routes[0]!);
      note(`kept ${selected.y.length} rows in ${store.folder}`);
    }
    if (flags.json === true) {
      const { verdict, report } = fitted;
      const { version, digest } = written;
      printJson({ out: flags.out, version, digest, verdict, report });
    } else {
      printLine(renderFit(fitted));
    }
    note(`wrote ${flags.out}`);
  } finally {
    bar.stop();
    await executor.close();
  }
}

function fitOptions({ preset, seed, experts, gate, recombination }: FitFlags): FitOptions {
  return {
    ...PRESETS[preset],
    ...(seed === undefined ? {} : { seed }),
    ...(experts === undefined ? {} : expertOptions(experts)),
    ...(gate === undefined ? {} : { gate }),
    ...(recombination === undefined ? {} : { recombination }),
  };
}

function renderFit({ model, report, verdict }: FittedModel & { verdict: Verdict }): string {
  const chosen = model.members[0]!.mixture.experts.length;
  const { scale } = model.preprocessing.target;
  const rows = report.candidates.map(({ nExperts, holdOutMse, standardError }) => [
    String(nExperts),
    figure(holdOutMse * scale ** 2),
    figure(standardError * scale ** 2),
  ]);
  return [
    ...(report.regimeSearch === null ? [] : [renderSearch(report.regimeSearch), ""]),
    formatTable(["experts tried", "held-out mse", "± s.e. to best"], rows),
    "",
    `experts in the model: ${chosen}`,
    `partitioning: ${verdict.partitioning}`,
    `  ${verdict.why}`,
  ].join("\n");
}

/** How likely held-out rows are for each number of experts: what `--experts` may overrule. */
function renderSearch({ candidates, chosen, grown, nPieces }: RegimeSearch): string {
  const rows = candidates.map((candidate, c) => [
    `${candidate.nExperts}${c === chosen ? " *" : ""}`,
    String(candidate.nUsed),
    candidate.logLikelihood.toFixed(3),
    candidate.standardError.toFixed(3),
    candidate.icl.toFixed(3),
    candidate.stability.toFixed(2),
  ]);
  const header = ["experts", "regimes", "log likelihood", "± s.e. to best", "icl", "stability"];
  const taken = grown ? "* taken, with one expert more" : "* taken";
  return `${formatTable(header, rows)}\n${taken}; its regimes have ${nPieces} connected pieces`;
}
