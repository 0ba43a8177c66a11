/** One operation in a process of its own; prints the number of operations on files. */
import { OPERATIONS, type OperationName } from "./operations.ts";

const [name, model, data] = process.argv.slice(2);
await OPERATIONS[name as OperationName](model!, data!);
process.stdout.write(String((globalThis as { fileOperations?: number }).fileOperations));
