/**
 * Goal: what the API says of itself is so.
 * Method: the description against OpenAPI's own schema and against the server's answers; the pages
 * against their own policies.
 */
import { createHash } from "node:crypto";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { dashboardPage } from "../../src/api/dashboard/index.ts";
import { policyOf } from "../../src/api/index.ts";
import { sampleModel, serve } from "./model.ts";

const page = {
  path: "/hello",
  type: "text/html; charset=utf-8",
  body: "<p>Hello</p>",
  policy: policyOf(["p {}"], ["1"]),
};
const { server } = serve(sampleModel(), { pages: [page] });
const get = (url: string) => server.http.inject({ method: "GET", url });

interface Description {
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, unknown> }>>;
}

describe("/openapi.json", () => {
  test("is OpenAPI 3.1", async () => {
    const description = (await get("/openapi.json")).json();
    const result = await new Validator().validate(description);
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
    expect(description.openapi).toBe("3.1.0");
  });

  test("has exactly the server's paths and methods", async () => {
    const { paths } = (await get("/openapi.json")).json() as Description;
    const tree = server.http.printRoutes({ commonPrefix: false, includeHooks: false });
    for (const path of Object.keys(paths)) {
      const url = path.replaceAll(/\{(\w+)\}/g, ":$1");
      for (const method of ["GET", "POST"] as const) {
        const described = method.toLowerCase() in paths[path]!;
        const answer = await server.http.inject({ method, url: url.replaceAll(":", "") });
        expect([method, path, answer.statusCode !== 405]).toEqual([method, path, described]);
      }
    }
    const served = [...tree.matchAll(/(\/\S*) \(/g)].length;
    const pages = ["/docs", page.path].length;
    expect(served).toBe(Object.keys(paths).length + pages);
  });

  test("says how an answer in binary looks, which numbers may be null, and least values", async () => {
    const { paths, components } = (await get("/openapi.json")).json();
    const ok = paths["/v2/models/{model}/infer"].post.responses["200"];
    expect(Object.keys(ok.content)).toEqual(["application/json", "application/octet-stream"]);
    expect(ok.headers["Inference-Header-Content-Length"].schema).toEqual({
      type: "integer",
      minimum: 0,
    });
    const { schemas } = components;
    const member = schemas.PredictAnswer.properties.routes.items.properties.members.items;
    expect(member.properties.novelty.type).toEqual(["number", "null"]);
    expect(schemas.InferAnswer.properties.parameters.properties.novelty.type).toContain("null");
    expect(schemas.InputTensor.properties.shape.items.minimum).toBe(0);
  });

  test("names a body for every success and every refusal", async () => {
    const { paths } = (await get("/openapi.json")).json() as Description;
    for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
      for (const [status, response] of Object.entries(operation.responses)) {
        if (status === "304") continue; // By HTTP without a body.
        expect(response).toHaveProperty("content");
      }
    }
  });
});

describe("behind a proxy that serves it below a path", () => {
  test("the description says that paths are relative to its address", async () => {
    const { servers } = (await get("/openapi.json")).json();
    const at = "https://example.org/team/models/openapi.json";
    const base = new URL(servers[0].url, at).href.replace(/\/$/, "");
    expect(base).toBe("https://example.org/team/models");
  });

  test("links on the pages are relative", async () => {
    const { body } = await get("/docs");
    expect([...body.matchAll(/(?:href|src|action)="([^#"]*)"/g)].map(([, to]) => to)).toEqual([
      "openapi.json",
    ]);
    const dashboard = dashboardPage().body;
    expect(dashboard).not.toMatch(/(?:href|src|action)="\//);
    expect(dashboard).not.toMatch(/ask\("\//);
    const slash = await get("/docs/");
    expect([slash.statusCode, slash.headers["location"]]).toEqual([308, "../docs"]);
  });

  test("a path with a slash too many is found", async () => {
    expect((await get("//v2/models/m")).statusCode).toBe(200);
  });
});

describe("pages", () => {
  test("the reference shows every path, is whole in itself and allows its own style only", async () => {
    const { body, headers } = await get("/docs");
    const { paths } = (await get("/openapi.json")).json() as Description;
    for (const path of Object.keys(paths)) expect(body).toContain(path);
    expect(body).not.toMatch(/<script.*<script|\ssrc=|\son\w+=|style="|https?:/s);
    const style = /<style>([\s\S]*)<\/style>/.exec(body)![1]!;
    const hash = createHash("sha256").update(style).digest("base64");
    expect(headers["content-security-policy"]).toContain(`style-src 'sha256-${hash}'`);
    const [, script = ""] = /<script>(.*)<\/script>/s.exec(body) ?? [];
    const scriptHash = createHash("sha256").update(script).digest("base64");
    expect(headers["content-security-policy"]).toContain(
      `script-src 'sha256-${scriptHash}'; connect-src 'self'`,
    );
    const anchors = [...body.matchAll(/href="#(\w+)"/g)].map(([, id]) => id);
    for (const id of anchors) expect(body).toContain(`id="${id}"`);
  });

  test("others are served under their own policy", async () => {
    const { body, headers } = await get("/hello");
    expect(body).toBe("<p>Hello</p>");
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(
      /script-src 'sha256-[^']+'; connect-src 'self'/,
    );
  });
});

describe("what is counted", () => {
  const own = serve(sampleModel());
  const ask = async (url: string) => own.server.http.inject({ method: "GET", url });
  const rows = [
    { x: 1, kind: "a" },
    { x: 2, kind: "b" },
    { x: 3, kind: "a" },
  ];

  test("is in /metrics for Prometheus, by templates of paths and not by what is asked", async () => {
    await own.server.http.inject({ method: "POST", url: "/v1/predict", payload: { rows } });
    await ask("/v2/models/secret-name");
    await ask("/no/such/path");
    const { body, headers } = await ask("/metrics");
    expect(headers["content-type"]).toContain("text/plain; version=0.0.4");
    expect(body).toContain('bailiwick_requests_total{endpoint="/v1/predict",status="200"} 1');
    expect(body).toContain('bailiwick_requests_total{endpoint="/v2/models/:model",status="404"} 1');
    expect(body).toContain('bailiwick_requests_total{endpoint="none",status="404"} 1');
    expect(body).toContain(
      'bailiwick_request_duration_seconds_bucket{le="+Inf",endpoint="/v1/predict"} 1',
    );
    expect(body).toContain("bailiwick_queue_rows 0");
    expect(body).toContain(
      `bailiwick_model_info{model="m",version="3",digest="${"3".repeat(64)}"} 1`,
    );
    expect(body).not.toContain("secret-name");
    const counts = [...body.matchAll(/bailiwick_rows_total\{model="m",expert="m0.e\d"\} (\d+)/g)];
    expect(counts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(3);
    expect((await ask("/metrics")).body).toContain('bailiwick_novel_rows_total{model="m"} 0');
  });

  test("is in /v1/overview for people", async () => {
    const { server: about, models } = (await ask("/v1/overview")).json();
    expect(about.uptimeS).toBeGreaterThan(0);
    expect(models[0]).toMatchObject({
      name: "m",
      version: "3",
      versions: [{ version: "3", digest: "3".repeat(64) }],
      target: "y",
      features: [
        { name: "x", type: "number", median: 1, range: [1 - 1.645 * 2, 1 + 1.645 * 2] },
        { name: "kind", type: "category", levels: ["a", "b"] },
      ],
      traffic: { requests: 1, rows: 3, noveltyRate: null },
    });
    const [{ experts, recombination }] = models[0].members;
    expect(recombination).toBe("smooth");
    expect(experts[0].rowsServed + experts[1].rowsServed).toBe(3);
    expect(models[0].traffic.latency.p50Ms).toBeGreaterThan(0);
  });

  test("is logged, a line a request, where debugging is asked for", async () => {
    const lines: string[] = [];
    const log = { level: "debug" as const, write: (line: string) => void lines.push(line) };
    const { server: logging } = serve(sampleModel(), { log });
    await logging.http.inject({ method: "GET", url: "/v2?secret=1" });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ method: "GET", endpoint: "/v2", status: 200, msg: "answered" }),
    ]);
  });
});
