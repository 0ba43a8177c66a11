/**
 * Builds a model from a manifest and its blobs, and checks that the parts fit each other.
 *
 * Knows nothing of folders: reading passes blobs from a disk, writing passes the blobs that it is
 * about to write, so that every written bundle can be read.
 */
import { matrixWidth, type Preprocessing } from "../data/index.ts";
import type { Expert } from "../experts/index.ts";
import type { Gate } from "../gate/index.ts";
import type { Blend, Member, Mixture, Model } from "../mixture/index.ts";
import { check } from "./corrupt.ts";
import type { ExpertEntry } from "./expert-schema.ts";
import { expertOf } from "./expert-tensors.ts";
import type { EnsembleEntry, GateEntry, MachinesEntry, SvmEntry } from "./gate-schema.ts";
import { gateOf, svmOf } from "./gate-tensors.ts";
import { assembleIntervals } from "./intervals.ts";
import { blobFile } from "./layout.ts";
import { decodeSafetensors, type Tensors } from "./safetensors.ts";
import type { Manifest, MemberEntry } from "./schema.ts";

/** The bytes of a blob by its hash. */
export type BlobSource = (hash: string) => Uint8Array;
type TensorSource = (hash: string) => Tensors;

/** A model whose experts are entries of the manifest: it routes rows, and mixes answers to them. */
export interface Outline {
  readonly preprocessing: Preprocessing;
  readonly members: readonly {
    readonly weight: number;
    readonly mixture: Blend<ExpertEntry>;
  }[];
}

/**
 * What of a model routes rows.
 *
 * @param blobOf - Is asked for blobs of gates only.
 * @throws BUNDLE_CORRUPT naming the file that does not fit: the manifest, `file`, or a blob.
 */
export function assembleOutline(manifest: Manifest, file: string, blobOf: BlobSource): Outline {
  const { preprocessing } = manifest;
  const nInputs = matrixWidth(preprocessing.features);
  check(nInputs > 0, file, "preprocessing must have at least one feature");
  const tensorsOf = tensorSource(blobOf);
  const members = manifest.members.map((entry, m) => {
    checkMember(entry, nInputs, file, `member m${m}`);
    const { weight, experts, recombination, gate } = entry;
    return {
      weight,
      mixture: {
        experts,
        gate: gate === null ? null : readGate(gate, tensorsOf),
        recombination,
        ...rangesOf(experts),
      },
    };
  });
  return { preprocessing, members };
}

/** @throws BUNDLE_CORRUPT naming the file that does not fit: the manifest, `file`, or a blob. */
export function assembleModel(manifest: Manifest, file: string, blobOf: BlobSource): Model {
  const { preprocessing, members: outlined } = assembleOutline(manifest, file, blobOf);
  const members = outlined.map(({ weight, mixture }): Member => {
    const experts = mixture.experts.map((entry) => assembleExpert(entry, blobOf(entry.blob)));
    return { weight, mixture: { ...mixture, experts } };
  });
  if (manifest.intervals === undefined) return { preprocessing, members };
  const tensorsOf = tensorSource(blobOf);
  const intervals = assembleIntervals(manifest.intervals, manifest.members, file, tensorsOf);
  return { preprocessing, members, intervals };
}

/** An expert from its entry and its blob. @throws BUNDLE_CORRUPT naming the blob. */
export function assembleExpert(entry: ExpertEntry, blob: Uint8Array): Expert {
  const file = blobFile(entry.blob);
  return expertOf(entry, decodeSafetensors(blob, file).tensors, file);
}

function tensorSource(blobOf: BlobSource): TensorSource {
  return (hash) => decodeSafetensors(blobOf(hash), blobFile(hash)).tensors;
}

function rangesOf(experts: MemberEntry["experts"]): Pick<Mixture, "ranges"> {
  if (experts.every(({ range }) => range === undefined)) return {};
  return { ranges: experts.map(({ range }) => range ?? null) };
}

function readGate(entry: GateEntry, tensorsOf: TensorSource): Gate {
  const gate = gateOf(entry, tensorsOf(entry.blob), blobFile(entry.blob));
  if (gate.kind !== "svm" || entry.kind !== "svm" || entry.refinements === undefined) return gate;
  const refinements = entry.refinements.map(({ experts, ...machines }) => ({
    experts,
    gate: svmOf(machines, tensorsOf(machines.blob), blobFile(machines.blob)),
  }));
  return { ...gate, refinements };
}

/** Checks the widths of a member's parts, before any blob is opened. */
function checkMember(
  { gate, experts }: MemberEntry,
  nInputs: number,
  file: string,
  member: string,
): void {
  for (const entry of experts) {
    const width = entry.kind === "mlp" ? entry.sizes[0]! : entry.nFeatures;
    check(width === nInputs, file, `expert ${entry.id} must take ${nInputs} inputs, got ${width}`);
    const outputs = entry.kind === "mlp" ? entry.sizes.at(-1)! : 1;
    check(outputs === 1, file, `expert ${entry.id} must have 1 output, got ${outputs}`);
  }
  const nExperts = experts.length;
  if (gate === null) {
    check(nExperts === 1, file, `${member} without a gate must have 1 expert, got ${nExperts}`);
    return;
  }
  const [inputs, outputs] = gateExtents(gate);
  check(nExperts > 1, file, `${member} with a gate must have more than 1 expert, got 1`);
  check(inputs === nInputs, file, `${member}'s gate must take ${nInputs} inputs, got ${inputs}`);
  check(outputs === nExperts, file, `${member}'s gate must score ${nExperts}, got ${outputs}`);
  if (gate.kind === "svm") checkRefinements(gate, file, member);
  if (gate.kind === "ensemble") checkFeatures(gate, file, member);
}

/** Each refinement divides scores of existing experts, with at most one new one, numbered next. */
function checkRefinements(gate: SvmEntry, file: string, member: string): void {
  let nExpertsSoFar = gate.nExperts;
  for (const machines of [gate, ...(gate.refinements ?? [])]) checkSeen(machines, file, member);
  for (const { experts, nExperts, nFeatures } of gate.refinements ?? []) {
    const fits = experts.length === nExperts && nFeatures === gate.nFeatures;
    check(fits, file, `${member}'s refinement must score ${experts.length}, got ${nExperts}`);
    const next = experts.at(-1)! <= nExpertsSoFar && experts[0]! < nExpertsSoFar;
    check(next, file, `${member}'s refinement must divide existing experts, got ${experts}`);
    nExpertsSoFar = Math.max(nExpertsSoFar, experts.at(-1)! + 1);
  }
}

/** The nets take as many inputs as the list has, and all listed inputs exist. */
function checkFeatures(
  { features, sizes, nFeatures }: EnsembleEntry,
  file: string,
  member: string,
): void {
  const fits = features.length === sizes[0];
  check(fits, file, `${member}'s gate must list ${sizes[0]} inputs, got ${features.length}`);
  checkSeen({ features, nFeatures }, file, member);
}

/** The inputs of machines or nets exist. */
function checkSeen(
  { features = [], nFeatures }: Pick<MachinesEntry, "features" | "nFeatures">,
  file: string,
  member: string,
): void {
  const fits = features.every((j) => j < nFeatures);
  check(fits, file, `${member}'s gate must see inputs below ${nFeatures}, got ${features}`);
}

function gateExtents(gate: GateEntry): readonly [inputs: number, outputs: number] {
  if (gate.kind === "svm") {
    const added = (gate.refinements ?? []).map(({ experts }) => experts.at(-1)! + 1);
    return [gate.nFeatures, Math.max(gate.nExperts, ...added)];
  }
  if (gate.kind === "tree") return [gate.nFeatures, gate.nExperts];
  if (gate.kind === "ensemble") return [gate.nFeatures, gate.sizes.at(-1)!];
  return [gate.sizes[0]!, gate.sizes.at(-1)!];
}
