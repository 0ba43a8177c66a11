/**
 * `GET /`: the server's dashboard, one page that works without a network and needs no build.
 *
 * It holds nothing of a model, so anyone may load it; its figures come from /v1/overview, for
 * which the server may ask for a token.
 */
import { readFileSync } from "node:fs";
import { type Page, policyOf } from "../index.ts";

/** The parts of the page's script, one after the other. */
const SCRIPTS = [
  "page.js",
  "tabs.js",
  "charts.js",
  "members.js",
  "models.js",
  "why.js",
  "effects.js",
  "form.js",
] as const;

/** @throws if the page's files are not beside this module. */
export function dashboardPage(): Page {
  const fileOf = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
  const [content, style] = [fileOf("page.html"), fileOf("page.css")];
  const script = SCRIPTS.map(fileOf).join("\n");
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>bailiwick</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body>${content}<script>${script}</script></body></html>
`;
  const policy = `${policyOf([style], [script])}; img-src data:`;
  return { path: "/", type: "text/html; charset=utf-8", body, policy };
}
