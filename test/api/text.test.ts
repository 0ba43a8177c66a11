/** Goal: text that is not UTF-8 is refused wherever it comes, and JSON's mistakes are named. */
import { describe, expect, test } from "vitest";
import { binaryBody, sampleModel, serve } from "./model.ts";

const { server } = serve(sampleModel());
const INFER = "/v2/models/m/infer";
const ROWS = "/v1/predict";
const TEXT = JSON.stringify({ rows: [{ x: 1, kind: "café" }] });
const TENSORS = JSON.stringify({
  inputs: [
    { name: "x", shape: [1], datatype: "FP64", data: [1] },
    { name: "kind", shape: [1], datatype: "BYTES", data: ["café"] },
  ],
});

async function post(url: string, payload: Buffer | string, type = "application/json") {
  const headers = { "content-type": type };
  const { statusCode, json } = await server.http.inject({ method: "POST", url, payload, headers });
  return { status: statusCode, error: json().error };
}

test.each([
  ["rows", ROWS, TEXT],
  ["tensors", INFER, TENSORS],
])("%s in Latin 1 are a 400, whether or not the body is large", async (_name, url, text) => {
  for (const padding of ["", " ".repeat(100_000)]) {
    expect(await post(url, Buffer.from(text + padding, "latin1"))).toEqual({
      status: 400,
      error: "the body must be JSON in UTF-8, it holds other bytes",
    });
    expect((await post(url, Buffer.from(text + padding, "utf16le"))).status).toBe(400);
    expect((await post(url, text + padding)).status).toBe(200);
    expect((await post(url, `\uFEFF${text}${padding}`)).status).toBe(200);
  }
});

test.each([
  ["overlong", [0xc0, 0xaf]],
  ["cut", [0xe2, 0x82]],
  ["a half of a pair", [0xed, 0xa0, 0x80]],
  ["Latin 1", [0xe9]],
])(
  "a BYTES tensor with bytes that are %s is a 400 that names the element",
  async (_name, bytes) => {
    const texts = [Buffer.from("a"), Buffer.from(bytes)].flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      return [length, text];
    });
    const kind = Buffer.concat(texts);
    const parameters = { binary_data_size: kind.length };
    const inputs = [
      { name: "kind", shape: [2], datatype: "BYTES", parameters },
      { name: "x", shape: [2], datatype: "FP64", data: [1, 2] },
    ];
    const body = binaryBody({ inputs }, kind);
    const response = await server.http.inject({ method: "POST", url: INFER, ...body });
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toBe('input "kind" must hold texts in UTF-8, element 1 is not');
  },
);

test("charset is honoured where it is UTF-8 or a part of it, else refused", async () => {
  for (const charset of ["utf-8", "UTF-8", '"utf-8"', "us-ascii"]) {
    const answer = await post(ROWS, TEXT, `application/json; charset=${charset}`);
    expect(answer.status).toBe(200);
  }
  for (const charset of ["ISO-8859-1", "utf-16", '"windows-1252"', "nonsense", ""]) {
    for (const type of ["application/json", "application/octet-stream"]) {
      const answer = await post(INFER, TENSORS, `${type};v=1; Charset=${charset}`);
      expect(answer.status).toBe(415);
      expect(answer.error).toContain("charset must be utf-8");
    }
  }
});

test("a body of a type that only looks like JSON is a 415", async () => {
  const types = ["text/plain", "application/jsonx", "application/json5", "multipart/form-data"];
  for (const url of [ROWS, INFER]) {
    for (const type of types) {
      const answer = await post(url, url === ROWS ? TEXT : TENSORS, type);
      expect(answer.status).toBe(415);
    }
  }
});

describe("a body without a type", () => {
  const send = async (url: string, headers: Record<string, string>) => {
    const payload = Buffer.from(url === ROWS ? TEXT : TENSORS);
    return server.http.inject({ method: "POST", url, payload, headers });
  };
  const HOST = "localhost:8080";

  test("is JSON where a program sent it", async () => {
    for (const url of [ROWS, INFER]) {
      expect((await send(url, {})).statusCode).toBe(200);
      expect((await send(url, { host: HOST })).statusCode).toBe(200);
    }
  });

  test("is a 415 where the type is there and empty", async () => {
    for (const url of [ROWS, INFER]) {
      expect((await send(url, { "content-type": "" })).statusCode).toBe(415);
    }
  });

  test.each<Record<string, string>>([
    { origin: `http://${HOST}` },
    { "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-mode": "no-cors" },
    { "sec-fetch-dest": "empty" },
    { referer: "http://evil.example/" },
    { referer: "" },
  ])("is a 415 where a page sent it, %j", async (page) => {
    for (const url of [ROWS, INFER]) {
      const headers = { host: HOST, ...page };
      expect((await send(url, headers)).statusCode).toBe(415);
      expect((await send(url, { ...headers, "content-type": "" })).statusCode).toBe(415);
    }
  });

  test.each<Record<string, string>>([
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ])("is a 403 where a page of another site sent it, %j", async (page) => {
    for (const url of [ROWS, INFER]) {
      const response = await send(url, { host: HOST, ...page });
      expect(response.statusCode).toBe(403);
      expect(response.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });
});

test.each(["NaN", "Infinity", "-Infinity", "undefined"])(
  "%s in JSON: null is named",
  async (word) => {
    const answer = await post(ROWS, `{"rows": [{"x": ${word}, "kind": "NaN \\" Infinity"}]}`);
    expect(answer).toEqual({
      status: 400,
      error: `the body must be JSON, which has no ${word.replace("-", "")}: a missing value is null`,
    });
  },
);

test("the word NaN in a text is not a mistake", async () => {
  const answer = await post(ROWS, '{"rows": [{"x": 1, "kind": "NaN"},]}');
  expect(answer.error).toBe("the body must be JSON, it cannot be parsed");
});
