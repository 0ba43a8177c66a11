/**
 * Goal: responsibilities, noise and likelihoods are those of the formulas, outliers included.
 * Method: against the formulas written out, and against the kernel's gradient of the likelihood.
 */
import { describe, expect, test } from "vitest";
import { createReferenceEngine, initNet } from "../../../src/experts/index.ts";
import { mixtureDerivatives } from "../../../src/kernel/index.ts";
import {
  answer,
  inlierShares,
  logLikelihoods,
  noiseOf,
  responsibilities,
} from "../../../src/mixture/likelihood/expectation.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { generatedTable } from "./generated.ts";

describe("the expectation step", () => {
  const { samples } = generatedTable("curve", 50, 1);
  const rng = createRng(4);
  const experts = [0, 1, 2].map(() => initNet({ sizes: [2, 5, 1], activation: "tanh" }, rng));
  const gate = initNet({ sizes: [2, 4, 3], activation: "tanh" }, rng);
  const variance = 0.3;
  const engine = createReferenceEngine();
  const answers = answer(engine, { experts, gate, variance }, samples);
  const shares = responsibilities(answers, variance);
  const rows = Int32Array.from(samples.y.keys());

  test("descends the gradient of the mixture's likelihood that the kernel computes", () => {
    const outputs = {
      experts: experts.map((net) => engine.predict(net, samples.X)),
      gate: engine.predict(gate, samples.X),
    };
    const derivatives = mixtureDerivatives(outputs, samples.y, variance);
    for (const i of rows) {
      for (let k = 0; k < 3; k++) {
        const error = outputs.experts[k]![i]! - samples.y[i]!;
        expect(shares[3 * i + k]! * error).toBeCloseTo(derivatives.experts[k]![i]!, 3);
        const score = answers.scores[3 * i + k]!;
        expect(score - shares[3 * i + k]!).toBeCloseTo(derivatives.gate[3 * i + k]!, 3);
      }
    }
  });

  test("log likelihoods and noise are those of the formulas", () => {
    const logs = logLikelihoods(answers, { variance }, rows);
    let weighted = 0;
    for (const i of rows) {
      let density = 0;
      for (let k = 0; k < 3; k++) {
        const squared = answers.errors[3 * i + k]!;
        const normal = Math.exp(-squared / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
        density += answers.scores[3 * i + k]! * normal;
        weighted += shares[3 * i + k]! * squared;
      }
      expect(logs[i]).toBeCloseTo(Math.log(density), 10);
    }
    expect(noiseOf(answers, shares, rows)).toBeCloseTo(weighted / rows.length, 10);
  });

  test("an expert that diverged is responsible for nothing", () => {
    const broken = { ...experts[0]!, parameters: experts[0]!.parameters.map(() => Number.NaN) };
    const mixture = { experts: [broken, experts[1]!, experts[2]!], gate, variance };
    const own = responsibilities(answer(engine, mixture, samples), variance);
    for (const i of rows) {
      expect(own[3 * i]).toBe(0);
      expect(own[3 * i + 1]! + own[3 * i + 2]!).toBeCloseTo(1, 6);
    }
  });

  test("with outliers, a row far from every law is divided by the gate alone and trains no law", () => {
    const outliers = 0.05;
    const far = {
      nExperts: 2,
      errors: Float64Array.of(900, 400),
      scores: Float64Array.of(0.8, 0.2),
    };
    const own = responsibilities(far, 1, outliers);
    expect(own[0]).toBeCloseTo(0.8, 3);
    expect(responsibilities(far, 1)[1]).toBeCloseTo(1, 6);
    expect([...inlierShares(far, own, 1, outliers)]).toEqual([0, 0]);
    const near = { ...far, errors: Float64Array.of(0.1, 400) };
    const shares = responsibilities(near, 1, outliers);
    expect(inlierShares(near, shares, 1, outliers)[0]).toBeGreaterThan(0.9);
  });

  test("the likelihood adds the outliers' broad normal", () => {
    const far = { nExperts: 1, errors: Float64Array.of(1e6), scores: Float64Array.of(1) };
    const [log] = logLikelihoods(far, { variance: 0.5, outliers: 0.02 }, Int32Array.of(0));
    expect(log).toBeCloseTo(Math.log(0.02 / Math.sqrt(2 * Math.PI * 2)), 10);
  });

  test("trimmed noise is that of normal errors, and a few wrong targets do not move it", () => {
    const draw = createRng(9);
    const errors = Float64Array.from({ length: 4000 }, () => 0.3 * draw.normal() ** 2);
    for (let i = 0; i < 160; i++) errors[25 * i] = 1000;
    const all = Int32Array.from(errors.keys());
    const own = { nExperts: 1, errors, scores: new Float64Array(4000).fill(1) };
    const certain = new Float32Array(4000).fill(1);
    expect(noiseOf(own, certain, all, 0.05) / 0.3).toBeCloseTo(1, 0);
    expect(noiseOf(own, certain, all)).toBeGreaterThan(30);
  });
});
