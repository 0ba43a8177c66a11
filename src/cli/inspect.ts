/** `bailiwick inspect`: a bundle's content, and its regimes in the user's columns and units. */
import { type Bundle, readBundle } from "../bundle/index.ts";
import { alternativesInWords, effectInWords, type RegimeCard } from "../explain/index.ts";
import { expectationInWords, expertId } from "../mixture/index.ts";
import { count, figure, percent } from "../shared/wording.ts";
import { formatTable, printJson, printLine } from "./output.ts";

export async function inspectCommand(
  bundlePath: string,
  flags: { readonly json?: boolean },
): Promise<void> {
  const bundle = await readBundle(bundlePath);
  if (flags.json === true) {
    const { manifest, version, digest } = bundle;
    printJson({ version, digest, ...manifest });
  } else {
    printLine(renderBundle(bundle));
  }
}

type MemberEntry = Bundle["manifest"]["members"][number];

function renderBundle({ manifest, explanation, version, digest }: Bundle): string {
  const { provenance, preprocessing, members } = manifest;
  const { target } = preprocessing;
  return [
    `bundle version ${version}, digest ${digest.slice(0, 12)}, made by ` +
      `bailiwick ${manifest.packageVersion}`,
    `predicts ${target.name} from ${count(preprocessing.features.length, "column")}: ` +
      preprocessing.features.map(({ name }) => name).join(", "),
    `fitted on ${provenance.nTrain} rows of ${provenance.dataName} (sha256 ` +
      `${provenance.dataSha256.slice(0, 12)}), seed ${provenance.seed}`,
    ...privacyOf(provenance),
    ...expectedOf(provenance),
    `partitioning: ${provenance.verdict.partitioning}`,
    `  ${provenance.verdict.why}`,
    ...intervalsOf(manifest),
    ...(members.length === 1 ? [] : ["", tableOfMembers(members)]),
    ...members.flatMap((member, m) => [
      "",
      headingOf(member, m),
      tableOf(member),
      ...member.experts.flatMap(({ id }, k) => {
        const explained = explanation?.members[m]?.experts[k];
        return explained === undefined ? [] : ["", ...renderCard(id, explained.card)];
      }),
    ]),
    ...(explanation === null ? [] : ["", ...LEGEND]),
  ].join("\n");
}

function privacyOf({ privacy }: Bundle["manifest"]["provenance"]): readonly string[] {
  if (privacy === undefined) return [];
  const { unit, epsilon, delta, sums } = privacy;
  const promise = `ε ${figure(epsilon)}, δ ${delta} for a ${unit}`;
  return [`differentially private: ${promise}, ${count(sums, "sum")} with noise`];
}

/** What the fit said in its first line. */
function expectedOf({ metrics }: Bundle["manifest"]["provenance"]): readonly string[] {
  const rivals = metrics?.rivals;
  return metrics && rivals ? [expectationInWords({ ...metrics, rivals })] : [];
}

/** The held-out errors that intervals come from. */
function intervalsOf({ intervals }: Bundle["manifest"]): readonly string[] {
  if (intervals === undefined) return [];
  const { member, pooled, regimes } = intervals;
  const calibrated = regimes.flatMap((one, k) => (one === null ? [] : expertId(member, k)));
  const which =
    calibrated.length === 0 ? "no regime has enough" : `separate for ${calibrated.join(", ")}`;
  return [`intervals: from ${pooled.nErrors} held-out errors; ${which}`];
}

const LEGEND = [
  "where: the training rows of the expert; purity: share of the described rows that are its rows;",
  "  coverage: share of its rows that are described",
  "effects: how its answer changes with one column; ± standard deviation of that change",
];

/** The members of a committee. */
function tableOfMembers(members: readonly MemberEntry[]): string {
  return formatTable(
    ["member", "weight", "experts", "kind"],
    members.map(({ weight, experts }, m) => {
      const kinds = [...new Set(experts.map(({ kind }) => kind))].join(", ");
      return [`m${m}`, figure(weight), String(experts.length), kinds];
    }),
  );
}

/** A member without weight does not predict, and the text says so. */
function headingOf({ weight, gate, recombination }: MemberEntry, m: number): string {
  const role = weight === 0 ? "explains, does not predict" : `weight ${figure(weight)}`;
  const how = gate === null ? "one expert" : `${gate.kind} gate, ${recombination} recombination`;
  return `member m${m}: ${role}, ${how}`;
}

function tableOf({ experts }: MemberEntry): string {
  return formatTable(
    ["expert", "kind", "share", "held-out rows", "rmse there", "blob"],
    experts.map(({ id, kind, share, residuals, blob }) => [
      id,
      kind,
      percent(share),
      String(residuals.nSamples),
      residuals.nSamples === 0 ? "" : figure(Math.sqrt(residuals.meanSquaredError)),
      blob.slice(0, 12),
    ]),
  );
}

/** Size, error, rule and effects of a regime, in aligned lines. */
function renderCard(id: string, card: RegimeCard): readonly string[] {
  const { nRows, boundaryShare, residuals, rule, effects } = card;
  const facts = [`${nRows.toLocaleString("en")} rows`];
  if (residuals.nSamples > 0) facts.push(`rmse ${figure(Math.sqrt(residuals.meanSquaredError))}`);
  if (boundaryShare > 0) facts.push(`${percent(boundaryShare)} near a boundary`);
  const ruleLines =
    rule === null ? [] : [`purity ${percent(rule.purity)}, coverage ${percent(rule.coverage)}`];
  const effectRows = effects.map((effect) => [
    effect.feature,
    `±${figure(effect.importance)}`,
    effectInWords(effect),
  ]);
  return [
    `${id}: ${facts.join(", ")}`,
    ...alternativesInWords(card).map(
      (line, i) => `${i === 0 ? "  where  " : "       or"}  ${line}`,
    ),
    ...ruleLines.map((line) => `           ${line}`),
    ...alignColumns(effectRows).map((line, i) => `${i === 0 ? "  effects" : "         "}  ${line}`),
  ];
}

function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, c) => Math.max(...rows.map((row) => row[c]!.length))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, c) => cell.padEnd(widths[c]!))
      .join("  ")
      .trimEnd(),
  );
}
