// Finds a NATS server that is new enough, and says where it is: `node experiments/peers/find-nats-server.mjs`.
//
// On the PATH; else built from its Go module where Go is; else the package of a newer Debian suite,
// unpacked beside what is installed. What was made is kept in node_modules/.cache/nats-server.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const LEAST = [2, 10, 27];
const MODULE = "github.com/nats-io/nats-server/v2@v2.12.2";
const DEBIAN = "http://deb.debian.org/debian/";
const SUITES = ["trixie", "forky", "sid"];
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/nats-server/", import.meta.url));
const KEPT = join(CACHE, "nats-server");

/** The path of a server. Throws with the list of attempts if there is none. */
export async function findServer() {
  const tried = [];
  for (const find of [onPath, kept, builtByGo, fromDebian]) {
    try {
      const path = await find();
      checkVersion(path);
      return path;
    } catch (error) {
      tried.push(`${find.name}: ${String(error.message).split("\n")[0]}`);
    }
  }
  throw new Error(
    `the tests need a NATS server of version ${LEAST.join(".")} or later:\n  ${tried.join("\n  ")}`,
  );
}

function onPath() {
  return execFileSync("sh", ["-c", "command -v nats-server"], { encoding: "utf8" }).trim();
}

function kept() {
  if (!existsSync(KEPT)) throw new Error("none was made before");
  return KEPT;
}

function builtByGo() {
  const go = ["go", "/usr/local/go/bin/go"].find((path) => {
    return spawnSync(path, ["version"]).status === 0;
  });
  if (go === undefined) throw new Error("Go is not installed");
  return make((folder) => {
    process.stderr.write("building a NATS server from its Go module, once\n");
    const env = { ...process.env, GOBIN: folder, GOFLAGS: "-buildvcs=false" };
    execFileSync(go, ["install", MODULE], { env, stdio: ["ignore", "ignore", "pipe"] });
    return join(folder, "nats-server");
  });
}

async function fromDebian() {
  const arch = { x64: "amd64", arm64: "arm64" }[process.arch];
  if (arch === undefined || process.platform !== "linux") throw new Error("not on Linux");
  for (const suite of SUITES) {
    const index = await download(`${DEBIAN}dists/${suite}/main/binary-${arch}/Packages.gz`);
    const entry =
      /^Package: nats-server\n[\s\S]*?\n\n/m.exec(`${gunzipSync(index)}\n\n`)?.[0] ?? "";
    const field = (name) => new RegExp(`^${name}: (.*)$`, "m").exec(entry)?.[1];
    const version = field("Version") ?? "";
    if (isNew(version.split("-")[0]))
      return unpack(await download(DEBIAN + field("Filename")), field("SHA256"));
  }
  throw new Error(`${DEBIAN} has no version that is new enough in ${SUITES.join(", ")}`);
}

async function download(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

function unpack(bytes, sha256) {
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256) throw new Error(`the package must have SHA-256 ${sha256}, got ${found}`);
  return make((folder) => {
    const file = join(folder, "package.deb");
    writeFileSync(file, bytes);
    execFileSync("dpkg-deb", ["-x", file, folder]);
    return ["usr/sbin/nats-server", "usr/bin/nats-server"]
      .map((name) => join(folder, name))
      .find((path) => existsSync(path));
  });
}

/** Made aside and kept by a rename, so that two at once do not hinder each other. */
function make(build) {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "nats-server-"));
  try {
    const made = build(folder);
    const aside = `${KEPT}.${process.pid}`;
    execFileSync("cp", [made, aside]);
    renameSync(aside, KEPT);
    return KEPT;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checkVersion(path) {
  const said = execFileSync(path, ["--version"], { encoding: "utf8" });
  const version = /v?(\d+\.\d+\.\d+)/.exec(said)?.[1];
  if (version === undefined || !isNew(version)) throw new Error(`${path} is ${said.trim()}`);
}

function isNew(version) {
  const found = version.split(".").map(Number);
  const place = LEAST.findIndex((part, i) => part !== found[i]);
  return place < 0 || (found[place] ?? 0) > LEAST[place];
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  process.stdout.write(`${await findServer()}\n`);
}
