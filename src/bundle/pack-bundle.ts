/**
 * One version of a bundle in memory: a manifest and blobs, checked by reading them back.
 *
 * Knows nothing of folders. Equal content gives equal bytes, except for the manifest's date.
 */
import type { Expert } from "../experts/index.ts";
import type { Explanation, MemberExplanation } from "../explain/index.ts";
import type { Gate, SvmGate } from "../gate/index.ts";
import { type ExpertReport, expertId, type Model } from "../mixture/index.ts";
import { today } from "../shared/clock.ts";
import { BailiwickError, checkLength } from "../shared/errors.ts";
import { sha256 } from "../shared/hash.ts";
import { packageVersion } from "../shared/version.ts";
import { assembleModel } from "./assemble.ts";
import type { ExpertEntry, ExpertFacts } from "./expert-schema.ts";
import { expertTensors } from "./expert-tensors.ts";
import { assembleExplanation, describeExplanation } from "./explanation.ts";
import type { GateEntry, MachinesEntry } from "./gate-schema.ts";
import { formOf, gateTensors } from "./gate-tensors.ts";
import { describeIntervals } from "./intervals.ts";
import { digestOf, writeManifest } from "./manifest.ts";
import { noveltyTensors } from "./novelty-tensors.ts";
import { encodeSafetensors, type Tensors } from "./safetensors.ts";
import {
  FORMAT_VERSION,
  type Manifest,
  type MemberEntry,
  type Provenance,
  type UpdateRecord,
} from "./schema.ts";
import { countKnots } from "./tree-gate-tensors.ts";

/** Facts about a model, beyond its parameters. */
export interface BundleFacts {
  readonly provenance: Provenance;
  /** Given if an update made this version. */
  readonly update?: UpdateRecord;
  /** One list per member, one report per expert, in the model's order. */
  readonly experts: readonly (readonly ExpertReport[])[];
}

export interface BundleContent {
  readonly model: Model;
  readonly facts: BundleFacts;
  /** Explanations of the regimes, one per member. Default: none. */
  readonly explanation?: Explanation;
}

export interface PackedBundle {
  readonly manifest: Manifest;
  /** The manifest's file. */
  readonly text: string;
  /** Bytes by hash. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** Stores a blob and returns its hash. */
type AddBlob = (tensors: Tensors) => string;

/**
 * @throws INVALID_OPTION if the model and the facts could not be read back.
 * @throws SHAPE_MISMATCH unless there is one report per expert.
 */
export function packBundle(
  content: BundleContent,
  createdAt: string,
  writer: string = packageVersion(),
): PackedBundle {
  const { model, facts } = content;
  const { intervals } = model;
  const blobs = new Map<string, Uint8Array>();
  const addBlob: AddBlob = (tensors) => {
    const bytes = encodeSafetensors(tensors);
    const hash = sha256(bytes);
    blobs.set(hash, bytes);
    return hash;
  };
  const { manifest, text } = writeManifest({
    formatVersion: FORMAT_VERSION,
    kind: "bailiwick-model",
    packageVersion: writer,
    createdAt,
    preprocessing: model.preprocessing,
    members: describeMembers(content, addBlob),
    ...(intervals === undefined ? {} : { intervals: describeIntervals(intervals, addBlob) }),
    provenance: facts.provenance,
    ...(facts.update === undefined ? {} : { update: facts.update }),
  });
  try {
    const blobOf = (hash: string): Uint8Array => blobs.get(hash)!;
    assembleModel(manifest, "the manifest", blobOf);
    assembleExplanation(manifest, "the manifest", blobOf);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BailiwickError(
      "INVALID_OPTION",
      `the model's parts must fit each other: ${why}`,
      {},
      cause,
    );
  }
  return { manifest, text, blobs };
}

/** When a manifest was written, and by which version of the package. */
export type ManifestOrigin = Partial<Pick<Manifest, "createdAt" | "packageVersion">>;

/** The manifest of a model that is exported, not stored. @throws as `packBundle`. */
export function packForExport(
  content: BundleContent,
  { createdAt = today(), packageVersion: writer = packageVersion() }: ManifestOrigin = {},
): { readonly manifest: Manifest; readonly digest: string } {
  const { manifest } = packBundle(content, createdAt, writer);
  return { manifest, digest: digestOf(manifest) };
}

function describeMembers(
  { model, facts, explanation }: BundleContent,
  addBlob: AddBlob,
): readonly MemberEntry[] {
  checkLength("facts.experts.length", facts.experts.length, model.members.length);
  if (explanation !== undefined) {
    checkLength("explanation.members", explanation.members.length, model.members.length);
  }
  return model.members.map(({ weight, mixture }, m) => {
    const { recombination, gate, experts } = mixture;
    const reports = facts.experts[m]!;
    checkLength(`facts.experts[${m}].length`, reports.length, experts.length);
    const explained = explanation?.members[m];
    if (explained !== undefined) {
      checkLength(`explanation.members[${m}]`, explained.experts.length, experts.length);
    }
    return {
      weight,
      recombination,
      ...(explained === undefined ? {} : { boundaryMargin: explained.boundaryMargin }),
      gate: gate === null ? null : describeGate(gate, addBlob),
      experts: experts.map((expert, k) => {
        const { share, residuals } = reports[k]!;
        const id = expertId(m, k);
        const range = mixture.ranges?.[k] ?? null;
        const clipped = range === null ? {} : { range };
        const facts = { id, share, residuals, ...clipped, ...explanationOf(explained, k, addBlob) };
        return describeExpert(expert, facts, addBlob);
      }),
    };
  });
}

function explanationOf(
  member: MemberExplanation | undefined,
  k: number,
  addBlob: AddBlob,
): Pick<ExpertFacts, "explanation"> {
  if (member === undefined) return {};
  const expert = member.experts[k]!;
  const noveltyBlob = addBlob(noveltyTensors(expert.novelty));
  return { explanation: describeExplanation(expert, noveltyBlob) };
}

export function describeExpert(expert: Expert, facts: ExpertFacts, addBlob: AddBlob): ExpertEntry {
  const blob = addBlob(expertTensors(expert));
  if (expert.kind === "mlp") {
    const { sizes, activation } = expert.net;
    return { kind: "mlp", ...facts, blob, sizes, activation };
  }
  if (expert.kind === "gp") {
    const { nRows: nCentres, nColumns: nFeatures } = expert.centres;
    return { kind: "gp", ...facts, blob, nFeatures, nCentres };
  }
  if (expert.kind === "trees") {
    const { kind, family, nFeatures, roots, values } = expert;
    return { kind, family, ...facts, blob, nFeatures, nTrees: roots.length, nNodes: values.length };
  }
  const { kind, degree, nFeatures, penalty } = expert;
  return { kind, ...facts, blob, degree, nFeatures, penalty };
}

function describeGate(gate: Gate, addBlob: AddBlob): GateEntry {
  const blob = addBlob(gateTensors(gate));
  if (gate.kind === "softmax") {
    const { sizes, activation } = gate.net;
    const { truncation } = gate;
    const optional = truncation === undefined ? {} : { truncation };
    return { kind: "softmax", blob, sizes, activation, ...optional };
  }
  if (gate.kind === "ensemble") {
    const { kind, nets, features, nFeatures, temperature } = gate;
    const { sizes, activation } = nets[0]!;
    return { kind, blob, sizes, activation, nNets: nets.length, features, nFeatures, temperature };
  }
  if (gate.kind === "tree") {
    const { kind, nExperts, nFeatures, nodes } = gate;
    return { kind, blob, nExperts, nFeatures, nNodes: nodes.length, nKnots: countKnots(gate) };
  }
  const entry = { kind: gate.kind, ...describeMachines(gate, blob) };
  if (gate.refinements === undefined) return entry;
  const refinements = gate.refinements.map(({ experts, gate: machines }) => ({
    experts,
    ...describeMachines(machines, addBlob(gateTensors(machines))),
  }));
  return { ...entry, refinements };
}

function describeMachines(gate: SvmGate, blob: string): MachinesEntry {
  const { nExperts, nFeatures, cost, gamma } = gate;
  return { blob, nExperts, nFeatures, cost, gamma, ...formOf(gate) };
}
