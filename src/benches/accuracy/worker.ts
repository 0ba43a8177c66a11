/** A thread of `bench accuracy`: runs the splits that it receives and reports their results. */
import { parentPort, workerData } from "node:worker_threads";
import { BailiwickError } from "../../shared/errors.ts";
import { type Job, type LaneOptions, openLane, type Said } from "./lane.ts";

const port = parentPort!;
const lane = openLane(workerData as LaneOptions);
const say = (said: Said): void => port.postMessage(said);

// A lane that cannot open is said with the first split.
lane.catch(() => {});
port.on("message", async (job: Job) => {
  try {
    const { run } = await lane;
    say({ row: await run(job, (stage, fraction) => say({ stage, fraction })) });
  } catch (error) {
    if (!(error instanceof BailiwickError)) throw error;
    say({ code: error.code, message: `${job.set} ${job.number}: ${error.message}` });
  }
});
