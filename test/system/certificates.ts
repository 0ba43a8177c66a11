/** Certificates of an authority of a test's own, by openssl. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** PEM files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** The authority's certificate, a PEM file. */
  readonly ca: string;
  /** A certificate for 127.0.0.1, of servers and clients. */
  issue(name: string): Certificate;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** @param folder - Where files go, whose names begin with the authority's. */
export function createAuthority(folder: string, authority: string): Authority {
  const path = (name: string): string => join(folder, `${authority}-${name}`);
  const [ca, caKey, extension] = [path("ca.pem"), path("ca.key"), path("san.cnf")];
  const about = (name: string): string[] => ["-subj", `/CN=${name}`];
  openssl("req", "-x509", ...KEY, "-keyout", caKey, "-out", ca, "-days", "2", ...about(authority));
  writeFileSync(extension, "subjectAltName=IP:127.0.0.1\n");
  return {
    ca,
    issue: (name) => {
      const [cert, key, request] = [path(`${name}.pem`), path(`${name}.key`), path(`${name}.csr`)];
      openssl("req", ...KEY, "-keyout", key, "-out", request, ...about(name));
      const signedBy = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-extfile", extension];
      openssl("x509", "-req", "-in", request, ...signedBy, "-days", "2", "-out", cert);
      return { cert, key };
    },
  };
}

function openssl(...args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}
