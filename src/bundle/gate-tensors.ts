/**
 * Converts gates to tensors and back: one blob each. A softmax gate is a net (net-tensors.ts); a
 * tree has a separate file (tree-gate-tensors.ts).
 *
 *   ensemble   a net's tensors for each net e, named <e>.weights.<l> and <e>.biases.<l>
 *   svm   for each pair p: support_vectors.<p> F32 [n, nTerms] and coefficients.<p> F64 [n];
 *         rho, slope, intercept F64 [pairs]
 *
 * The manifest holds kernel, gamma and the order of the pairs. Parameters keep every bit.
 */
import {
  countTerms,
  type EnsembleGate,
  type Gate,
  type SvmGate,
  type SvmMachine,
} from "../gate/index.ts";
import { check } from "./corrupt.ts";
import type { EnsembleEntry, GateEntry, MachinesEntry } from "./gate-schema.ts";
import { netOf, netTensors } from "./net-tensors.ts";
import type { Tensor, Tensors } from "./safetensors.ts";
import { createSource, type Source, vector } from "./tensor-source.ts";
import { treeGateOf, treeGateTensors } from "./tree-gate-tensors.ts";

/** The parameters of a gate by name; the arrays are shared, not copied. */
export function gateTensors(gate: Gate): Tensors {
  switch (gate.kind) {
    case "softmax":
      return netTensors(gate.net);
    case "ensemble":
      return ensembleTensors(gate);
    case "tree":
      return treeGateTensors(gate);
    case "svm":
      return svmTensors(gate);
  }
}

function ensembleTensors({ nets }: EnsembleGate): Tensors {
  const tensors = new Map<string, Tensor>();
  nets.forEach((net, e) => {
    for (const [name, tensor] of netTensors(net)) tensors.set(`${e}.${name}`, tensor);
  });
  return tensors;
}

function svmTensors({ machines }: SvmGate): Tensors {
  const tensors = new Map<string, Tensor>();
  for (const [p, { supportVectors, coefficients }] of machines.entries()) {
    const { values, nRows, nColumns } = supportVectors;
    tensors.set(`support_vectors.${p}`, { dtype: "F32", shape: [nRows, nColumns], values });
    tensors.set(`coefficients.${p}`, vector(coefficients));
  }
  for (const name of ["rho", "slope", "intercept"] as const) {
    tensors.set(name, vector(Float64Array.from(machines, (machine) => machine[name])));
  }
  return tensors;
}

/** The gate that the manifest describes, with the parameters of its blob. @throws BUNDLE_CORRUPT */
export function gateOf(entry: GateEntry, tensors: Tensors, file: string): Gate {
  if (entry.kind === "svm") return svmOf(entry, tensors, file);
  if (entry.kind === "tree") return treeGateOf(entry, createSource(tensors, file), file);
  if (entry.kind === "ensemble") return ensembleOf(entry, tensors, file);
  const source = createSource(tensors, file);
  const { kind, truncation } = entry;
  return { kind, net: netOf(entry, source), ...(truncation === undefined ? {} : { truncation }) };
}

function ensembleOf(entry: EnsembleEntry, tensors: Tensors, file: string): EnsembleGate {
  const { kind, nNets, features, nFeatures, temperature } = entry;
  const parts = Array.from({ length: nNets }, () => new Map<string, Tensor>());
  for (const [name, tensor] of tensors) {
    const dot = name.indexOf(".");
    const part = parts[Number(name.slice(0, dot))];
    check(part !== undefined, file, `must hold tensors of ${nNets} nets, got ${name}`);
    part.set(name.slice(dot + 1), tensor);
  }
  const nets = parts.map((part) => netOf(entry, createSource(part, file)));
  return { kind, features, nFeatures, nets, temperature };
}

/** The machines of an SVM gate, or of a refinement. @throws BUNDLE_CORRUPT likewise. */
export function svmOf(entry: MachinesEntry, tensors: Tensors, file: string): SvmGate {
  const { nExperts, nFeatures, cost, gamma } = entry;
  const machines = machinesOf(entry, createSource(tensors, file));
  return { kind: "svm", ...formOf(entry), nExperts, nFeatures, cost, gamma, machines };
}

/** The fields of an SVM that is not an RBF machine of all inputs. */
export function formOf({
  kernel,
  features,
}: Pick<SvmGate, "kernel" | "features">): Pick<SvmGate, "kernel" | "features"> {
  return {
    ...(kernel === undefined ? {} : { kernel }),
    ...(features === undefined ? {} : { features }),
  };
}

function machinesOf(entry: MachinesEntry, source: Source): readonly SvmMachine[] {
  const { nExperts, nFeatures, kernel = "rbf", features } = entry;
  const nTerms = countTerms(kernel, features?.length ?? nFeatures);
  const nPairs = (nExperts * (nExperts - 1)) / 2;
  const [rho, slope, intercept] = ["rho", "slope", "intercept"].map((name) =>
    source.f64(name, [nPairs]),
  );
  const machines: SvmMachine[] = [];
  for (let first = 0; first < nExperts; first++) {
    for (let second = first + 1; second < nExperts; second++) {
      const p = machines.length;
      const nRows = source.extent(`support_vectors.${p}`);
      const values = source.f32(`support_vectors.${p}`, [nRows, nTerms]);
      machines.push({
        first,
        second,
        supportVectors: { values, nRows, nColumns: nTerms },
        coefficients: source.f64(`coefficients.${p}`, [nRows]),
        rho: rho![p]!,
        slope: slope![p]!,
        intercept: intercept![p]!,
      });
    }
  }
  source.end();
  return machines;
}
