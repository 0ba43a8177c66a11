/** Prometheus' `promtool`: on the PATH, else from Debian's package. */
import { findProgram } from "./debian.ts";

/** The path of promtool. @throws with what to run by hand if it cannot be had. */
export function findPromtool(): string {
  return findProgram("promtool", "usr/bin/promtool", ["prometheus"]).path;
}
