/** Progress on stderr: a bar on a terminal, plain lines otherwise. Results never go here. */
import { SingleBar } from "cli-progress";
import { nowMs } from "../shared/clock.ts";
import type { Progress } from "../shared/progress.ts";

export interface ProgressBar {
  readonly report: Progress;
  stop(): void;
}

/** The least time between two plain lines. */
const LINE_EVERY_MS = 5000;

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

function plainLines(stream: NodeJS.WriteStream): ProgressBar {
  let last = nowMs();
  return {
    report: (stage, fraction) => {
      if (nowMs() - last < LINE_EVERY_MS) return;
      last = nowMs();
      stream.write(`${Math.round(100 * fraction)} % ${stage}\n`);
    },
    stop: () => {},
  };
}
