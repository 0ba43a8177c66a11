/** What the fabric bench claims of the audit log's witnesses. */
import { median } from "../../shared/statistics.ts";
import { type Figure, judgeFigure } from "../figures.ts";
import type { AuditMeasurements } from "./audit.ts";

export function auditFigures(measured: AuditMeasurements | null): readonly Figure[] {
  const { appendMs = [], nLines = 0, others = null } = measured ?? {};
  const { proof, forged } = measured ?? {};
  const tools = others === null ? "; not measured: without --tlog-tools" : "";
  const share = (isSo: boolean | undefined): number | null =>
    isSo === undefined ? null : Number(isSo);
  return [
    judgeFigure(
      {
        name: "audit.forged-found",
        value: forged === undefined ? null : forged.nFound / forged.nTried,
        unit: "",
        how:
          "share of the histories written again with head, checkpoint and key that no witness " +
          `signed, of ${forged?.nTried ?? 0}`,
      },
      { atLeast: 1 },
    ),
    judgeFigure(
      {
        name: "audit.append-vs-plain",
        value:
          appendMs.length === 0
            ? null
            : median(appendMs.map(({ witnessed }) => witnessed)) /
              median(appendMs.map(({ plain }) => plain)),
        unit: "×",
        how:
          `time of an append with a witness ÷ without, ${nLines} lines, medians of ` +
          `${appendMs.length} rounds in turns`,
      },
      { atMost: 1.1 },
    ),
    judgeFigure(
      {
        name: "audit.proof-bytes",
        value: proof?.bytes ?? null,
        unit: "B",
        how:
          "place and path of a line; with a checkpoint that one witness signed the file has " +
          `${proof?.fileBytes ?? 0} B`,
      },
      { atMost: 1000 },
    ),
    judgeFigure(
      {
        name: "audit.proof-ms",
        value: proof === undefined ? null : median([...proof.makeMs]),
        unit: "ms",
        how:
          "to make a proof, from the files, median; to check it " +
          `${proof === undefined ? 0 : median([...proof.checkMs]).toFixed(2)} ms`,
      },
      { atMost: 10 },
    ),
    judgeFigure(
      {
        name: "audit.signed-by-litewitness",
        value: share(others?.isSigned),
        unit: "",
        how: `1 if torchwood's litewitness signs a checkpoint${tools}`,
      },
      { atLeast: 1 },
    ),
    judgeFigure(
      {
        name: "audit.opened-by-go",
        value: share(others?.isOpened),
        unit: "",
        how: `1 if Go's sumdb/note and sumdb/tlog open its proof${tools}`,
      },
      { atLeast: 1 },
    ),
  ];
}
