/**
 * The model card: a Markdown page for a person who opens a bundle.
 *
 * Made from the manifest without its date, so that equal models have equal cards. Names come from
 * users' files, so their Markdown and HTML characters are escaped.
 */
import { ruleInWords } from "../explain/index.ts";
import { expectationInWords } from "../mixture/index.ts";
import { visible } from "../shared/visible.ts";
import { capital, count } from "../shared/wording.ts";
import { CARD } from "./layout.ts";
import type { Manifest, MemberEntry } from "./schema.ts";

/** Most features listed by name; of the others, the number is given. */
const MAX_LISTED_FEATURES = 40;
/** Most levels listed of a category. */
const MAX_LISTED_LEVELS = 8;

export function renderCard(manifest: Manifest): string {
  const { preprocessing, members, provenance } = manifest;
  const target = escapeMarkdown(preprocessing.target.name);
  const sections = [
    `# A model that predicts ${target}`,
    `A ${kindOf(members)} for regression, made by bailiwick ` +
      `${escapeMarkdown(manifest.packageVersion)}. It predicts **${target}** from ` +
      `${count(preprocessing.features.length, "column")} of a table.`,
    "## How to use it",
    "```sh\nbailiwick predict <bundle> <data>      # this folder, a CSV or JSON file\n" +
      "bailiwick inspect <bundle>\n```",
    `Predictions are in the units of ${target}, clipped to ` +
      `${figure(preprocessing.target.least)} … ${figure(preprocessing.target.most)}.` +
      (preprocessing.target.transform === undefined
        ? ""
        : " The model learns the target's logarithm."),
    "## Is partitioning worth it?",
    `**${capital(provenance.verdict.partitioning)}**: ${escapeMarkdown(provenance.verdict.why)}.`,
    ...metricsOf(manifest),
    "## Experts",
    ...members.map((member, m) => memberOf(member, m, members.length)),
    ...(members.length === 1 ? [] : ["The members' answers are summed by weight."]),
    "*Share* is the part of the training rows that the gate sends to an expert; its error is the " +
      `root mean squared error on held-out rows that the gate sends to it, in units of ${target}.`,
    "## Columns it reads",
    featuresOf(manifest),
    ...privacyOf(manifest),
    "## Where it comes from",
    provenanceOf(manifest),
    `${CARD} is for people; bailiwick's docs/bundle.md describes the files that programs read.`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function kindOf(members: readonly MemberEntry[]): string {
  if (members.length > 1) return `committee of ${count(members.length, "member")}`;
  return members[0]!.experts.length === 1 ? "single expert" : "mixture of experts";
}

function metricsOf({ provenance: { metrics } }: Manifest): readonly string[] {
  if (metrics === null) return [];
  const { nSamples, mse, rmse, mae, r2, rivals } = metrics;
  const values = [figure(rmse), figure(mae), figure(mse), r2 === null ? "–" : figure(r2)];
  const line = rivals && `${capital(expectationInWords({ ...metrics, rivals }))}.`;
  const rows = table(["RMSE", "MAE", "MSE", "R²"], [values]);
  return [...(line ? [line] : []), `On ${count(nSamples, "held-out row")}:`, rows];
}

function memberOf({ weight, recombination, gate, experts }: MemberEntry, m: number, n: number) {
  const role = weight === 0 ? "explains, does not predict" : `weight ${figure(weight)}`;
  const name = n === 1 ? "" : `Member ${m}, ${role}: `;
  const routing = recombination === "smooth" ? "answers are blended" : "the likeliest one answers";
  const how = gate === null ? "one expert, no gate" : `${gateNames[gate.kind]}; ${routing}`;
  const rows = experts.map(({ id, kind, share, residuals }) => [
    id,
    kind,
    `${(100 * share).toFixed(1)} %`,
    String(residuals.nSamples),
    residuals.nSamples === 0 ? "–" : figure(Math.sqrt(residuals.meanSquaredError)),
  ]);
  const header = ["Expert", "Kind", "Share", "Held-out rows", "Error there"];
  const rules = experts.flatMap(({ id, share, explanation }) => {
    if (explanation === undefined) return [];
    return [`- ${id} where ${escapeMarkdown(ruleInWords({ ...explanation, share }))}`];
  });
  const where = rules.length === 0 ? "" : `\n\n${rules.join("\n")}`;
  return `${capital(`${name}${how}`)}.\n\n${table(header, rows)}${where}`;
}

const gateNames = {
  softmax: "a softmax net as gate",
  ensemble: "an ensemble of softmax nets as gate",
  tree: "a tree of cuts as gate",
  svm: "SVMs as gate",
} as const;

function featuresOf({ preprocessing: { features } }: Manifest): string {
  const lines = features.slice(0, MAX_LISTED_FEATURES).map((feature) => {
    if (feature.type === "number") {
      return `- ${escapeMarkdown(feature.name)}: number, mean ${figure(feature.mean)}`;
    }
    const levels = feature.levels.slice(0, MAX_LISTED_LEVELS).map(escapeMarkdown);
    const more = feature.levels.length > levels.length ? ", …" : "";
    return `- ${escapeMarkdown(feature.name)}: category (${levels.join(", ")}${more})`;
  });
  const left = features.length - lines.length;
  return [...lines, ...(left > 0 ? [`- and ${left} more`] : [])].join("\n");
}

/** What is promised of the rows, in full: a reader may know no more of it. */
function privacyOf({ provenance: { privacy } }: Manifest): readonly string[] {
  if (privacy === undefined) return [];
  const { unit, epsilon, delta, accountant, sums } = privacy;
  return [
    "## Privacy",
    `Differentially private: ε = ${figure(epsilon)}, δ = ${delta}, for one ${unit} added or ` +
      `removed. All that was read of rows is ${count(sums, "sum")} with noise; ε follows from ` +
      `that noise by: ${escapeMarkdown(accountant)}. Ranges of columns and levels of categories ` +
      "were given as publicly known. Rows in other models of the same sites count besides.",
  ];
}

function provenanceOf({ provenance, packageVersion }: Manifest): string {
  const { dataName, dataSha256, nTrain, seed, engine, preset } = provenance;
  const facts: readonly (readonly [string, string])[] = [
    ["Data", `${escapeMarkdown(dataName)}, sha256 ${dataSha256}`],
    ["Training rows", String(nTrain)],
    ["Seed", String(seed)],
    ["Preset", escapeMarkdown(preset ?? "none")],
    ["Engine", engine],
    ["Made by", `bailiwick ${escapeMarkdown(packageVersion)}`],
  ];
  return facts.map(([name, value]) => `- ${name}: ${value}`).join("\n");
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = header.map((_, c) => (c === 0 ? "---" : "---:"));
  return [header, rule, ...rows].map(line).join("\n");
}

/** Text that Markdown shows as it is, on one line. */
function escapeMarkdown(text: string): string {
  return visible(text.replace(/\s+/g, " "))
    .replace(/[\\`*_[\]#|~]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;");
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
