// Loaded before a program (node --import): counts the operations that change files, and kills the
// process before the one that KILL_AT names. Of the data of a write, the first half is written
// before, as a kill in its middle leaves it. The number of operations is `fileOperations`.
// KILL_AT_WRITE names a write to a socket or a pipe instead.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

const CHANGES = [
  ...["appendFile", "chmod", "copyFile", "cp", "ftruncate", "fsync", "link", "mkdir", "mkdtemp"],
  ...["rename", "rm", "rmdir", "symlink", "truncate", "unlink", "utimes", "write", "writeFile"],
];
const CHANGES_OF_HANDLES = ["appendFile", "datasync", "sync", "truncate", "write", "writeFile"];
const READS = ["r", "rs", fs.constants.O_RDONLY, undefined];

const killAt = Number(process.env.KILL_AT ?? Number.POSITIVE_INFINITY);
const { writeSync } = fs;
globalThis.fileOperations = 0;

function step(writeHalf) {
  globalThis.fileOperations += 1;
  if (globalThis.fileOperations < killAt) return;
  writeHalf?.();
  process.kill(process.pid, "SIGKILL");
}

function countCalls(functions, name, stepOf) {
  const original = functions[name];
  if (original === undefined) return;
  functions[name] = function (...given) {
    stepOf(this, given);
    return original.apply(this, given);
  };
}

for (const functions of [fs.promises, fs]) {
  for (const name of CHANGES) {
    countCalls(functions, name, () => step());
    countCalls(functions, `${name}Sync`, () => step());
  }
  for (const name of ["open", "openSync"]) {
    countCalls(functions, name, (_, [, flags]) => READS.includes(flags) || step());
  }
}

const handle = await fs.promises.open("/dev/null");
const ofHandles = Object.getPrototypeOf(handle);
await handle.close();
for (const name of CHANGES_OF_HANDLES) {
  const isWrite = /write|append/.test(name);
  countCalls(ofHandles, name, ({ fd }, [data]) => {
    const bytes = isWrite ? Buffer.from(data) : null;
    step(bytes && (() => writeSync(fd, bytes.subarray(0, bytes.length / 2))));
  });
}
syncBuiltinESMExports();

const killAtWrite = Number(process.env.KILL_AT_WRITE ?? Number.POSITIVE_INFINITY);
let nWrites = 0;
const { write } = net.Socket.prototype;
net.Socket.prototype.write = function (...given) {
  nWrites += 1;
  if (nWrites >= killAtWrite) process.kill(process.pid, "SIGKILL");
  return write.apply(this, given);
};
