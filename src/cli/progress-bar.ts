/**
 * Progress on stderr: a bar on a terminal, plain lines otherwise, nothing with --quiet, the time of
 * each stage with --verbose. Results never go here.
 */
import { SingleBar } from "cli-progress";
import { nowMs } from "../shared/clock.ts";
import type { Progress } from "../shared/progress.ts";
import { detail, isQuiet, isVerbose, secondsOf } from "./output.ts";

export interface ProgressBar {
  readonly report: Progress;
  stop(): void;
}

/** Writes nothing. */
export const silentBar: ProgressBar = { report: () => {}, stop: () => {} };

/** The time between two plain lines. */
const LINE_EVERY_MS = 10_000;

export function createProgressBar(stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  if (isQuiet()) return silentBar;
  if (isVerbose()) return stageTimes();
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

/** A line for each stage: the time since the start, and since the line before. */
function stageTimes(): ProgressBar {
  const startMs = nowMs();
  let stage = "";
  let lastMs = startMs;
  return {
    report: (text) => {
      // What follows a point changes while the stage stays: the best error, the time left.
      const name = text.split(" · ")[0]!;
      if (name === stage) return;
      const now = nowMs();
      detail(`${secondsOf(now - startMs)} (+${secondsOf(now - lastMs)}) ${name}`);
      [stage, lastMs] = [name, now];
    },
    stop: () => {},
  };
}
