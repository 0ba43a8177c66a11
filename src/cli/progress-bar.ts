/** Progress on stderr: a bar on a terminal, plain lines otherwise. Results never go here. */
import { SingleBar } from "cli-progress";
import { nowMs } from "../shared/clock.ts";
import type { Progress } from "../shared/progress.ts";

export interface ProgressBar {
  readonly report: Progress;
  stop(): void;
}

/** Writes nothing. */
export const silentBar: ProgressBar = { report: () => {}, stop: () => {} };

/** The time between two plain lines. */
const LINE_EVERY_MS = 10_000;

export function createProgressBar(stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  return stream.isTTY === true ? terminalBar(stream) : plainLines(stream);
}

function terminalBar(stream: NodeJS.WriteStream): ProgressBar {
  const bar = new SingleBar({
    stream,
    format: "{bar} {percentage}% {stage} · {eta_formatted} left",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: false,
    clearOnComplete: true,
    etaBuffer: 50,
  });
  bar.start(1000, 0, { stage: "starting" });
  return {
    report: (stage, fraction) => bar.update(Math.round(1000 * fraction), { stage }),
    stop: () => bar.stop(),
  };
}

/** A line at most so often, also while one long step reports nothing. */
function plainLines(stream: NodeJS.WriteStream): ProgressBar {
  let line = "starting";
  let last = nowMs();
  const write = (): void => {
    last = nowMs();
    stream.write(`${line}\n`);
  };
  const timer = setInterval(() => {
    if (nowMs() - last >= LINE_EVERY_MS) write();
  }, LINE_EVERY_MS);
  timer.unref();
  return {
    report: (stage, fraction) => {
      line = `${Math.round(100 * fraction)} % ${stage}`;
      if (nowMs() - last >= LINE_EVERY_MS) write();
    },
    stop: () => clearInterval(timer),
  };
}
