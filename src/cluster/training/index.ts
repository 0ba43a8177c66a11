export { createFabricExecutor, type FabricExecutor, type Moved } from "./executor.ts";
export { startTrainer } from "./trainer.ts";
