/** `bailiwick report`: a model as one page, with rows of a table or without. */
import {
  describeTrained,
  load,
  openTable,
  predictionEngine,
  selectRows,
  trainedShare,
} from "../library/index.ts";
import { predict } from "../mixture/index.ts";
import { describeBundle, describeModel, type ModelFacts } from "../reports/facts/index.ts";
import { modelOrigin, renderModel } from "../reports/index.ts";
import { writeFileAtomic } from "../shared/files.ts";
import { mirrorFolder } from "./environment.ts";
import { note, warn } from "./output.ts";
import { type ReadingFlags, readingOf } from "./shared-options.ts";

export interface ReportFlags extends ReadingFlags {
  readonly out: string;
}

type Loaded = Awaited<ReturnType<typeof load>>;

export async function reportCommand(
  bundlePath: string,
  dataPath: string | undefined,
  { out, ...flags }: ReportFlags,
): Promise<void> {
  const model = await load(bundlePath);
  const facts =
    dataPath === undefined ? describeBundle(model) : await factsOn(model, dataPath, flags);
  const { verdict, provenance } = model;
  const title = provenance.dataName;
  const page = renderModel({ title, facts, verdict, origin: modelOrigin(model) });
  await writeFileAtomic(out, page);
  note(`wrote ${out}`);
}

/** What the model answers to rows whose target is known. */
async function factsOn(model: Loaded, dataPath: string, flags: ReadingFlags): Promise<ModelFacts> {
  const { preprocessing } = model.model;
  const { name: target } = preprocessing.target;
  const reading = { ...readingOf(flags), target, like: model, mirror: mirrorFolder() };
  const { table, name, sha256 } = await openTable(dataPath, reading);
  const roles = { target, drop: [], group: null };
  const selected = selectRows(name, table, roles, { minRows: 1, allowConstant: true });
  const trained = describeTrained(trainedShare(model, { ...selected, sha256 }), model.provenance);
  trained.forEach(warn);
  const engine = await predictionEngine();
  const { values: predicted } = predict(engine, model.model, selected.features);
  const rows = Int32Array.from(selected.y.keys());
  const kind = trained.length > 0 ? "trained on" : "given";
  const answers = { kind, rows, truth: selected.y, predicted, single: null } as const;
  return describeModel(engine, { model, report: null, table: selected, answers, warnings: [] });
}
