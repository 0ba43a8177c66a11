/** Models of every kind with parameters drawn at random, of the size that training gives them. */
import { type Expert, layerOffsets, type Net } from "../../src/experts/index.ts";
import type { Gate, SvmGate } from "../../src/gate/index.ts";
import type { Mixture, Model } from "../../src/mixture/index.ts";
import { type ModelPlan, makeContent } from "../bundle/models.ts";

/** A model of the plan's, each of its mixtures changed. */
export function makeModel(plan: ModelPlan, change = (mixture: Mixture): Mixture => mixture): Model {
  const { model } = makeContent(plan);
  const members = model.members.map(({ weight, mixture }) => ({
    weight,
    mixture: change({
      ...mixture,
      experts: mixture.experts.map(tamedExpert),
      gate: mixture.gate?.kind === "softmax" ? tamedGate(mixture.gate) : mixture.gate,
    }),
  }));
  return { ...model, members };
}

function tamedExpert(expert: Expert): Expert {
  return expert.kind === "mlp" ? { ...expert, net: tamed(expert.net) } : expert;
}

function tamedGate(gate: Gate & { kind: "softmax" }): Gate {
  return { ...gate, net: tamed(gate.net) };
}

/** Weights over the root of their layer's inputs, so that sums do not grow from layer to layer. */
function tamed(net: Net): Net {
  const parameters = net.parameters.slice();
  for (const { inputs, weights, biases } of layerOffsets(net.sizes)) {
    for (let p = weights; p < biases; p++) parameters[p]! /= Math.sqrt(inputs);
  }
  return { ...net, parameters };
}

/** An SVM gate that tells `nExperts` apart, of a model like the plan's. */
export function svmGate(plan: ModelPlan, nExperts: number): SvmGate {
  const experts = Array.from({ length: nExperts }, () => "ridge" as const);
  const { gate } = makeContent({ ...plan, experts, gate: "svm" }).model.members[0]!.mixture;
  if (gate?.kind !== "svm") throw new Error("the plan has an SVM gate");
  return gate;
}

/** Every kind of expert, gate and routing, alone and together, by what is special about it. */
export function everyKind(): readonly (readonly [string, Model])[] {
  const counts = [1, 2, 3, 4, 8];
  const gates = ["softmax", "ensemble", "tree", "linear", "quadratic", "svm"] as const;
  const routings = ["hard", "smooth"] as const;
  const mixed = counts.flatMap((nExperts) =>
    gates.flatMap((gate) =>
      routings.map((recombination, nth): readonly [string, Model] => {
        const experts = Array.from({ length: nExperts }, (_, k) => (k % 2 === 0 ? "mlp" : "ridge"));
        const plan = { seed: nExperts + nth, experts, gate, hidden: [32, 32], nMembers: 1 + nth };
        const name = `${nExperts} experts, ${gate} gate, ${recombination}, ${1 + nth} members`;
        return [name, makeModel(plan, (mixture) => ({ ...mixture, recombination }))];
      }),
    ),
  );
  return [...mixed, ...special()];
}

function special(): readonly (readonly [string, Model])[] {
  const plan = { seed: 11, experts: ["mlp", "ridge", "mlp", "mlp"], gate: "svm" } as const;
  const first = { ...plan, experts: ["mlp", "mlp", "mlp"] } as const;
  const ranges = [{ least: -0.2, most: 0.1 }, null, { least: 3, most: 4 }];
  const threshold = { ...plan, seed: 12, gate: "softmax" } as const;
  return [
    ["activation tanh", withActivation("tanh")],
    ["activation relu", withActivation("relu")],
    ["activation silu", withActivation("silu")],
    ["ranges of experts", makeModel(first, (mixture) => ({ ...mixture, ranges }))],
    [
      "scores truncated",
      makeModel(threshold, (mixture) => ({
        ...mixture,
        gate: { ...(mixture.gate as Gate & { kind: "softmax" }), truncation: 0.5 },
      })),
    ],
    ["a gate refined, and given an expert", makeModel(plan, (mixture) => refined(mixture, plan))],
    ["pairs that are certain", makeModel(plan, certain)],
    ["a Gaussian process", makeModel({ ...threshold, experts: ["gp"] })],
    ["trees", makeModel({ ...threshold, experts: ["trees"] })],
    ["no tree", makeModel({ ...threshold, experts: ["trees"] }, felled)],
    ["experts of all families", makeModel({ ...plan, experts: ["gp", "mlp", "trees", "ridge"] })],
    ["a member without weight", withoutWeight(makeModel({ ...plan, nMembers: 2 }))],
  ];
}

function withActivation(activation: Net["activation"]): Model {
  const plan = { seed: 13, experts: ["mlp", "mlp"], gate: "softmax", hidden: [32, 32] } as const;
  const set = (expert: Expert): Expert => {
    return expert.kind === "mlp" ? { ...expert, net: { ...expert.net, activation } } : expert;
  };
  return makeModel(plan, (mixture) => ({ ...mixture, experts: mixture.experts.map(set) }));
}

/** Machines for three experts; one's rows are divided with a new one, then two divide theirs. */
function refined(mixture: Mixture, plan: ModelPlan): Mixture {
  const refinements = [
    { experts: [1, 3], gate: svmGate({ ...plan, seed: 21 }, 2) },
    { experts: [0, 2], gate: svmGate({ ...plan, seed: 22 }, 2) },
  ];
  return { ...mixture, gate: { ...svmGate(plan, 3), refinements } };
}

/** Decisions so far from 0 that all probabilities of pairs are at their bounds. */
function certain(mixture: Mixture): Mixture {
  const gate = mixture.gate as SvmGate;
  const machines = gate.machines.map((machine, p) => ({
    ...machine,
    rho: p % 3 === 0 ? 900 : -900,
  }));
  return { ...mixture, gate: { ...gate, machines } };
}

/** Trees' base alone. */
function felled(mixture: Mixture): Mixture {
  const experts = mixture.experts.map((expert): Expert => {
    if (expert.kind !== "trees") return expert;
    return {
      ...expert,
      features: new Int32Array(0),
      thresholds: new Float32Array(0),
      children: new Int32Array(0),
      values: new Float32Array(0),
      roots: new Int32Array(0),
    };
  });
  return { ...mixture, experts };
}

function withoutWeight(model: Model): Model {
  const members = model.members.map(({ mixture }, m) => ({ mixture, weight: m === 0 ? 1 : 0 }));
  return { ...model, members };
}
