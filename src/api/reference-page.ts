/** `GET /docs`: the API's description as a page for people, in one file, with a request to try. */
import type { ApiDescription, Operation } from "./openapi.ts";
import { type Page, policyOf } from "./pages.ts";
import { TRY_IT, TRY_IT_SCRIPT } from "./try-it.ts";

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
code, pre { font: .9em ui-monospace, monospace; background: var(--soft); border-radius: 4px; }
code { padding: .1em .3em; overflow-wrap: anywhere; }
pre { padding: .8rem; overflow-x: auto; }
details { border: 1px solid var(--line); border-radius: 6px; }
details { margin: .6rem 0; padding: .5rem .8rem; }
summary { cursor: pointer; }
table { border-collapse: collapse; }
textarea, input, select, button { font: inherit; padding: .4rem .6rem; }
textarea { display: block; box-sizing: border-box; width: 100%; }
textarea { font: .9em ui-monospace, monospace; }
#command, #reply { white-space: pre-wrap; overflow-wrap: anywhere; }
td, th { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; }
`;

const START = `<p>Cells go by their columns' names; the columns of a model:
<code>GET /v2/models/{model}</code>. Where the server asks for a token:
<code>-H 'authorization: Bearer TOKEN'</code>. For programs:
<a href="openapi.json">OpenAPI 3.1</a>.</p>${TRY_IT}`;

/** The page of a description. */
export function referencePage(api: ApiDescription): Page {
  const sections = api.tags.map(({ name, description }) => {
    const entries = Object.entries(api.paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, operation]) => operation.tags.includes(name))
        .map(([method, operation]) => entry(method, path, operation)),
    );
    return `<section><h2>${escapeHtml(description)}</h2>${entries.join("")}</section>`;
  });
  const shapes = Object.entries(api.components.schemas).map(
    ([name, schema]) =>
      `<details id="${name}"><summary><code>${name}</code></summary>${code(schema)}</details>`,
  );
  const { title, version, description } = api.info;
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} API</title><style>${STYLE}</style></head>
<body><main><h1>${title} ${version}</h1><p>${escapeHtml(description)}</p>${START}
${sections.join("\n")}
<section><h2>Bodies</h2>${shapes.join("\n")}</section></main>
<script>${TRY_IT_SCRIPT}</script></body></html>
`;
  const policy = policyOf([STYLE], [TRY_IT_SCRIPT]);
  return { path: "/docs", type: "text/html; charset=utf-8", body, policy };
}

function entry(method: string, path: string, operation: Operation): string {
  const rows = Object.entries(operation.responses).map(([status, response]) => {
    const text = `${escapeHtml(response.description)} ${bodyLink(response)}`;
    return `<tr><th>${status}</th><td>${text}</td></tr>`;
  });
  const request = operation.requestBody;
  const sent = request === undefined ? "" : `<p>Body: ${bodyLink(request)}</p>`;
  return `<details><summary><code>${method.toUpperCase()} ${escapeHtml(path)}</code>
${escapeHtml(operation.summary)}</summary>${sent}<table>${rows.join("")}</table></details>`;
}

/** A link to the schema of a body, if it has one of a name. */
function bodyLink(holder: unknown): string {
  const name = /"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(holder))?.[1];
  return name === undefined ? "" : `<a href="#${name}">${name}</a>`;
}

function code(value: unknown): string {
  return `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
