/**
 * HTML as a separate type: text enters a page through the tag `html`, which escapes everything
 * that is not HTML already, so that no name in a user's data can become markup.
 */
import { STYLE } from "./style.ts";

export interface Html {
  readonly markup: string;
}

type Content = string | number | Html | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Nothing at all, for a part that is left out. */
export const NOTHING: Html = { markup: "" };

/** A template of HTML: strings and numbers between its literals are escaped. */
export function html(literals: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return { markup: String.raw({ raw: literals }, ...contents.map(markupOf)) };
}

/** Markup that another library wrote and escaped. Never for text of the user's. */
export function trusted(markup: string): Html {
  return { markup };
}

function markupOf(content: Content): string {
  if (typeof content === "string") return content.replace(/[&<>"']/g, (c) => ESCAPES[c]!);
  if (typeof content === "number") return String(content);
  if (isHtml(content)) return content.markup;
  return content.map(({ markup }) => markup).join("\n");
}

function isHtml(content: Html | readonly Html[]): content is Html {
  return "markup" in content;
}

/** A picture with its caption. */
export function figureHtml(picture: Html, caption: string): Html {
  return html`<figure>
${picture}
<figcaption>${caption}</figcaption>
</figure>`;
}

/**
 * A table whose first column names the row. It scrolls sideways where it is too wide.
 *
 * @param rows - Each as long as `header`.
 * @param name - Name for keyboard and screen-reader users; the caption by default.
 */
export function tableHtml(
  caption: string,
  header: readonly string[],
  rows: readonly (readonly (string | Html)[])[],
  name: string = caption,
): Html {
  const head = header.map((name) => html`<th scope="col">${name}</th>`);
  const body = rows.map(([first, ...cells]) => {
    const data = cells.map((cell) => html`<td>${cell}</td>`);
    return html`<tr><th scope="row">${first!}</th>${data}</tr>`;
  });
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${name}">
<table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</div>`;
}

/** A self-contained document; its content security policy forbids loading anything. */
export function documentHtml(title: string, body: Html): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`;
  return page.markup;
}
