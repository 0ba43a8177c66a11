/** `bailiwick inspect`: what a bundle holds. */
import { type Bundle, readBundle } from "../bundle/index.ts";
import { figure } from "../reports/index.ts";
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

function renderBundle({ manifest, version, digest }: Bundle): string {
  const { provenance, preprocessing, members } = manifest;
  const target = preprocessing.target;
  const lines = [
    `bundle version ${version}, digest ${digest.slice(0, 12)}, made by bailiwick ${manifest.packageVersion}`,
    `predicts ${target.name} from ${preprocessing.features.length} columns: ` +
      preprocessing.features.map(({ name }) => name).join(", "),
    `fitted on ${provenance.nTrain} rows of ${provenance.dataName} (sha256 ${provenance.dataSha256.slice(0, 12)}), seed ${provenance.seed}`,
    `partitioning: ${provenance.verdict.partitioning}`,
    `  ${provenance.verdict.why}`,
  ];
  for (const [m, member] of members.entries()) {
    const gate = member.gate === null ? "no gate" : `${member.gate.kind} gate`;
    lines.push(
      "",
      `member m${m}: weight ${figure(member.weight)}, ${gate}, ${member.recombination} recombination`,
      formatTable(
        ["expert", "kind", "share", "held-out rows", "rmse there", "blob"],
        member.experts.map(({ id, kind, share, residuals, blob }) => [
          id,
          kind,
          `${(100 * share).toFixed(1)} %`,
          String(residuals.nSamples),
          residuals.nSamples === 0 ? "" : figure(Math.sqrt(residuals.meanSquaredError)),
          blob.slice(0, 12),
        ]),
      ),
    );
  }
  return lines.join("\n");
}
