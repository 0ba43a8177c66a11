// What becomes of bytes, texts and JSON documents on the way: a few changes, drawn by a seed.

/** Integers below n, drawn by a seed: a linear congruence and a mixing (Steele and Vigna 2014). */
export function createDraw(seed) {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return Math.floor((((z ^ (z >>> 15)) >>> 0) / 2 ** 32) * n);
  };
}

const WORDS = [0, 1, 0x7fffffff, 0xffffffff, 0x80000000, 1 << 20, 0x00ffffff];
const DOUBLES = [Number.NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324, 2 ** 53, 0];

const ON_BYTES = [
  (bytes, draw) => {
    bytes[draw(bytes.length)] ^= 1 << draw(8);
    return bytes;
  },
  (bytes, draw) => {
    bytes[draw(bytes.length)] = draw(256);
    return bytes;
  },
  (bytes, draw) => {
    if (bytes.length >= 4) bytes.writeUInt32LE(WORDS[draw(WORDS.length)], draw(bytes.length - 3));
    return bytes;
  },
  (bytes, draw) => {
    const value = DOUBLES[draw(DOUBLES.length)];
    if (bytes.length >= 8) bytes.writeDoubleLE(value, draw(bytes.length - 7));
    return bytes;
  },
  (bytes, draw) => bytes.subarray(0, draw(bytes.length)),
  (bytes, draw) => {
    const at = draw(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + draw(40))]);
  },
  (bytes, draw) => {
    const [from, to] = [draw(bytes.length), draw(bytes.length)];
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from, from + draw(400))]);
  },
];

/** @returns A copy with one to four changes. */
export function spoilBytes(original, draw) {
  let bytes = Buffer.from(original);
  for (let n = 1 + draw(4); n > 0 && bytes.length > 0; n--) {
    bytes = Buffer.from(ON_BYTES[draw(ON_BYTES.length)](bytes, draw));
  }
  return bytes;
}

const TOKENS = [
  ...[
    "1e99999",
    "-1e999",
    "NaN",
    "null",
    "9007199254740993",
    "0x1F",
    '"',
    '""',
    "'",
    "\\",
    "[",
    "{",
  ],
  ...[
    "}",
    "]",
    ",",
    ";;",
    "\t",
    "\r",
    "\n\n",
    "\u0000",
    "\ufeff",
    "\u202e",
    "\ud800",
    "true",
    ":",
    "[]",
  ],
  ...[
    "{}",
    '{"__proto__":{"x":1}}',
    "9".repeat(3000),
    "a,".repeat(3000),
    "[".repeat(3000),
    "-",
    "1,5",
  ],
  ...[
    '"a\nb"',
    "2024-02-30",
    "9999999-01-01",
    '{"x":1,"x":2}',
    "=1+1",
    "#N/A",
    "1 000,5",
    "\u0661",
  ],
];

/** @returns A text with one to six tokens put in or put in place of others. */
export function spoilText(original, draw) {
  let text = original;
  for (let n = 1 + draw(1 + draw(6)); n > 0; n--) {
    const [at, token] = [draw(text.length + 1), TOKENS[draw(TOKENS.length)]];
    const [before, after] = [text.slice(0, at), text.slice(at)];
    const kind = draw(4);
    if (kind === 0) text = before + token + after;
    else if (kind === 1) text = before + token + after.replace(/^[\w.]+/, "");
    else if (kind === 2) text = before + after.slice(draw(60));
    else text = before + text.slice(draw(text.length + 1)).slice(0, 300) + after;
  }
  return text;
}

const VALUES = [
  ...[
    null,
    true,
    0,
    -1,
    1,
    0.5,
    1e308,
    2 ** 31,
    2 ** 53,
    "",
    "x",
    "0".repeat(64),
    "../../x",
    [],
    {},
  ],
  ...[
    [[]],
    [null],
    { length: 1e9 },
    "9".repeat(5000),
    -0,
    1e-320,
    "__proto__",
    100_001,
    10_000_001,
  ],
];

/** Changes one to three values somewhere in a JSON document, which is written to. */
export function spoilValues(document, draw) {
  for (let n = 1 + draw(1 + draw(3)); n > 0; n--) spoilValue(holderIn(document, draw), draw);
  return document;
}

/** An object or array at some depth. */
function holderIn(document, draw) {
  let holder = document;
  for (let depth = draw(8); depth > 0; depth--) {
    const inner = Object.values(holder).filter((one) => typeof one === "object" && one !== null);
    if (inner.length === 0) return holder;
    holder = inner[draw(inner.length)];
  }
  return holder;
}

function spoilValue(holder, draw) {
  const keys = Object.keys(holder);
  const key = keys[draw(keys.length)];
  // A copy: what is put into it later must not be in what is put elsewhere, or in itself.
  const value = structuredClone(VALUES[draw(VALUES.length)]);
  const how = draw(4);
  if (key === undefined || how === 0) addTo(holder, `more${draw(9)}`, value);
  else if (how === 1) removeFrom(holder, key);
  else holder[key] = how === 2 ? structuredClone(holder[keys[draw(keys.length)]]) : value;
}

function addTo(holder, key, value) {
  if (Array.isArray(holder)) holder.push(value);
  else holder[key] = value;
}

function removeFrom(holder, key) {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}
