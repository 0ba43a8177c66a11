/** Models and pools of nodes as Kubernetes objects. */
export { connectKube, createKubeApi, type KubeApi, KubeFailure, type KubeRequest } from "./api.ts";
export { type Controller, type ControllerOptions, startController } from "./controller.ts";
export { type DeploySettings, desiredOfModel, desiredOfPool, sizeOf } from "./desired.ts";
export { readModel, readPod, readPool, readWorkload } from "./resources.ts";
export { newConditions, pinsCondition, readyCondition } from "./status.ts";
