import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { visible } from "../../src/shared/visible.ts";

test("no character that a terminal obeys is left, and all others are", () => {
  for (let code = 0; code < 0x3000; code++) {
    const text = `a${String.fromCharCode(code)}[31mb`;
    const shown = visible(text);
    // Node's own list of sequences finds none.
    expect(stripVTControlCharacters(shown)).toBe(shown);
    if (code === 9 || code === 10) expect(shown).toBe(text);
    expect(/\p{Cc}/u.test(shown.replaceAll(/[\t\n]/g, ""))).toBe(false);
    if (/\p{L}|\p{N}|\p{P}|\p{S}/u.test(text[1]!)) expect(shown).toBe(text);
  }
});

test("a name reads as one that JSON reads back", () => {
  const name = "size\u001b]0;owned\u0007\u009b2J\u202egnp";
  expect(visible(name)).toBe("size\\u001b]0;owned\\u0007\\u009b2J\\u202egnp");
  expect(JSON.parse(`"${visible(name)}"`)).toBe(name);
});
