// What serving's peers share: one JSON document a line on stdin, one answer a line on stdout.
import { createInterface } from "node:readline";

/** Answers each line by `answer`, one after the other, until stdin ends; then the process ends. */
export async function answerLines(answer) {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
  }
  process.exit(0);
}
