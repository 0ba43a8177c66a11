/** HTML as text: everything that came from a user's data is escaped on its way in. */

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ESCAPES[c]!);
}

/** A table whose first column names the row. Cells are text. */
export function htmlTable(
  caption: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const head = header.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const body = rows.map(([first, ...cells]) => {
    const data = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
    return `<tr><th scope="row">${escapeHtml(first!)}</th>${data}</tr>`;
  });
  return (
    `<div class="scroll"><table><caption>${escapeHtml(caption)}</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>`
  );
}

/** A picture with what it shows in words, for those who do not see it and those who do. */
export function figureHtml(svg: string, shows: string): string {
  return `<figure>${svg}<figcaption>${escapeHtml(shows)}</figcaption></figure>`;
}

const STYLE = `
:root { color-scheme: light dark; --page: #fdfdfc; --ink: #1c1c1a; --faint: #6a6a64;
  --rule: #dcdcd6; --accent: #0072b2; --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #cc79a7;
  --c4: #a67c00; --c5: #56b4e9; --c6: #8a5a44; --c7: #5b5b5b; }
@media (prefers-color-scheme: dark) { :root { --page: #161614; --ink: #ecece6; --faint: #a3a39b;
  --rule: #3a3a36; --accent: #56b4e9; --c0: #56b4e9; --c1: #f0894a; --c2: #3cc99b; --c3: #e39dc4;
  --c4: #e6c24a; --c5: #7fd0ff; --c6: #c79a80; --c7: #bdbdb5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 56rem; background: var(--page);
  color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; }
.lead, figcaption, caption { color: var(--faint); }
.verdict { border-left: 4px solid var(--accent); padding: .4rem 0 .4rem 1rem; margin: 1.4rem 0; }
.verdict strong { display: block; font-size: 1.25rem; }
figure { margin: 0 0 1rem; }
figure svg { width: 100%; max-width: 38rem; height: auto; background: none; }
figcaption, caption { font-size: .9rem; text-align: left; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--rule); text-align: right;
  white-space: nowrap; }
th:first-child { text-align: left; }
tbody th { font-weight: 500; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
`;

/** A whole document that needs nothing but itself. `body` is HTML. */
export function htmlDocument(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
