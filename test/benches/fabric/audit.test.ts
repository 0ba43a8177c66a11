/** The bench of the audit log's witnesses: a small run measures all, and figures count it. */
import { expect, test } from "vitest";
import { runAudit } from "../../../src/benches/fabric/audit.ts";
import { auditFigures } from "../../../src/benches/fabric/audit-figures.ts";

test("a small run finds every forgery and makes proofs that hold", async () => {
  const sizes = { nLines: 300, nRounds: 2, nForgeries: 3, nProofs: 5 };
  const measured = await runAudit(sizes, null);
  expect([measured.forged, measured.others]).toEqual([{ nTried: 3, nFound: 3 }, null]);
  expect([measured.appendMs.length, measured.proof.makeMs.length]).toEqual([2, 5]);
  const figures = new Map(auditFigures(measured).map((figure) => [figure.name, figure]));
  expect(figures.get("audit.forged-found")).toMatchObject({ value: 1, ok: true });
  expect(figures.get("audit.proof-bytes")).toMatchObject({ ok: true });
  const others = figures.get("audit.opened-by-go")!;
  expect([others.value, others.ok]).toEqual([null, null]);
  expect(others.how).toContain("not measured: without --tlog-tools");
});

test("figures are medians of rounds, and one history that passes is a failure", () => {
  const measured = {
    nLines: 10,
    appendMs: [
      { plain: 1, witnessed: 3 },
      { plain: 2, witnessed: 2.1 },
      { plain: 9, witnessed: 1 },
    ],
    proof: { bytes: 937, fileBytes: 1300, makeMs: [1, 30, 2], checkMs: [1] },
    forged: { nTried: 100, nFound: 99 },
    others: { isSigned: true, isOpened: false },
  };
  expect(auditFigures(measured).map(({ value, ok }) => [value, ok])).toEqual([
    [0.99, false],
    [1.05, true],
    [937, true],
    [2, true],
    [1, true],
    [0, false],
  ]);
  expect(auditFigures(null).every(({ ok }) => ok === null)).toBe(true);
});
