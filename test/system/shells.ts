/** Shells that people use besides bash: on the PATH, else from Debian's packages. */
import { findProgram, type Program } from "./debian.ts";

export function findZsh(): Program {
  return findProgram("zsh", "bin/zsh", ["zsh", "zsh-common", "libcap2"]);
}

export function findFish(): Program {
  return findProgram("fish", "usr/bin/fish", ["fish", "fish-common", "libpcre2-32-0"]);
}
