/** The page that a fit leaves beside its bundle. */
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import {
  type DataTable,
  type Fitted,
  keepChosenDates,
  predictionEngine,
  selectRows,
} from "../library/index.ts";
import { TEMPORARY_NAME, writeFileAtomic } from "../shared/files.ts";

/** Beside the bundle and not in it: the page shows rows, which a bundle never holds. */
export function reportFile(bundlePath: string): string {
  const file = `${resolve(bundlePath)}.report.html`;
  return isAbsolute(bundlePath) ? file : relative("", file);
}

/** The page that a fit left, or a part of it, if killed; one that was moved stays where it is. */
export async function removeReport(bundlePath: string): Promise<void> {
  const file = reportFile(bundlePath);
  const parts = (await readdir(dirname(file))).filter(
    (name) => TEMPORARY_NAME.test(name) && name.startsWith(`.${basename(file)}.`),
  );
  for (const name of [basename(file), ...parts]) {
    await rm(join(dirname(file), name), { force: true });
  }
}

/**
 * Loads the drawing of pages only here: a command that writes none does not wait for it.
 *
 * @param table - What the model was fitted to.
 */
export async function writeFitReport(file: string, model: Fitted, table: DataTable): Promise<void> {
  const { describeModel } = await import("../reports/facts/index.ts");
  const { modelOrigin, renderModel } = await import("../reports/index.ts");
  const { report, heldOut, warnings, verdict, provenance, columns: uses } = model;
  const rows = selectRows(table.name, table.table, table);
  const shown = {
    model,
    report,
    table: keepChosenDates(rows, model.model.preprocessing),
    warnings,
    uses,
  };
  const answers = { kind: "held-out", ...heldOut } as const;
  const facts = describeModel(await predictionEngine(), { ...shown, answers });
  const origin = modelOrigin(model);
  await writeFileAtomic(file, renderModel({ title: provenance.dataName, facts, verdict, origin }));
}
