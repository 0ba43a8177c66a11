// The peer "load": autocannon, which asks one request over and over for some seconds.
//
// { url, seconds, connections, headers, body, expected }: the body as base64; `expected`, if given,
// is the list of numbers, as JSON, that each version of a model must answer with. The answer is
// { answers, perSecond, failed, mixed, versions, p50Ms, p99Ms }: failed is anything but a 200, mixed
// are answers with numbers that are not those of the version they state.
import { createRequire } from "node:module";
import autocannon from "autocannon";
import { answerLines } from "./lines.mjs";

const { version } = createRequire(import.meta.url)("autocannon/package.json");

await answerLines(async ({ url, seconds, connections, headers, body, expected }) => {
  const seen = new Set();
  let mixed = 0;
  const check = (status, text) => {
    if (status !== 200) return;
    const stated = /"model_version":"(\d+)"/.exec(text)?.[1] ?? "none";
    seen.add(stated);
    if (!text.includes(`"data":${expected[stated]}`)) mixed++;
  };
  const request = { method: "POST", headers, body: Buffer.from(body, "base64") };
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: [expected === undefined ? request : { ...request, onResponse: check }],
  });
  return {
    answers: result["2xx"],
    perSecond: result["2xx"] / result.duration,
    failed: result.errors + result.timeouts + result.non2xx,
    mixed,
    versions: [...seen],
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    packages: { autocannon: version },
  };
});
