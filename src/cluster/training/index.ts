export {
  createFabricExecutor,
  type FabricExecutor,
  type FabricExecutorOptions,
  type Moved,
} from "./executor.ts";
export { startTrainer } from "./trainer.ts";
