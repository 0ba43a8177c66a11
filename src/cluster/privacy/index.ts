export { addDiscreteGaussian, discreteGaussian } from "./discrete-gaussian.ts";
export { gaussianDelta, gaussianEpsilon, gaussianNoise, joinedNoise } from "./gaussian.ts";
export { pldEpsilon } from "./pld.ts";
export { type NoisedSteps, rdpEpsilon, renyiDivergence } from "./rdp.ts";
