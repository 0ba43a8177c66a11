/** Experts and models that leave a fabric: nothing of them stays. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Fabric, SOURCE } from "../../../src/cluster/fabric/index.ts";
import { eraseExperts, retireModels } from "../../../src/cluster/orchestration/index.ts";
import { createRouter } from "../../../src/cluster/router/index.ts";
import { temporaryFolder } from "../../bundle/models.ts";
import { until } from "../fabric/conformance.ts";
import { engine, makeBundle, someRows } from "./cluster.ts";
import { opensClusters, whole } from "./routing.ts";

/** Retires the models once the fabric has seen that their servers are gone. */
const retired = (fabric: Fabric, names: readonly string[]): Promise<unknown> =>
  until(() =>
    retireModels(fabric, names).then(
      () => true,
      () => false,
    ),
  );

export function describeLeaving(name: string, connect: () => Promise<Fabric>): void {
  describe(`leaving over ${name}`, () => {
    const open = opensClusters(connect);

    test("experts lie in the zones of their homes, and nowhere once they are not served", async () => {
      const folder = temporaryFolder();
      const { router, node, audit } = await open({
        placer: { graceMs: 300, retireMs: 2500 },
      });
      await node("a", { zone: "eu", folder });
      // Of a server that does not place.
      const fabric = await connect();
      const settings = { zone: "default", engine, local: null, replicas: 1 };
      const other = await createRouter(fabric, { name: "other", ...settings });
      const [first, second] = [await makeBundle({ seed: 21 }), await makeBundle({ seed: 22 })];
      const zonesOf = async (bundle: typeof first): Promise<readonly string[]> => {
        const names = bundle.manifest.members[0]!.experts.map(({ blob }) => blob);
        const places = (await fabric.blobs.list()).filter(({ name }) => names.includes(name));
        return [...new Set(places.map(({ zone }) => zone))].sort();
      };
      await other.publish("m", [first], 10_000);
      expect(await zonesOf(first)).toEqual([SOURCE, "eu"]);
      expect(readdirSync(folder).sort()).toEqual(Object.keys(router.directory.homes()).sort());
      // A new version takes the place of the old one, which leaves the fabric and the node's folder.
      await other.publish("m", [second], 10_000);
      await until(async () => (await zonesOf(first)).length === 0);
      expect(await zonesOf(second)).toEqual([SOURCE, "eu"]);
      await until(() => readdirSync(folder).length === second.manifest.members[0]!.experts.length);
      // Its router goes, and does not come back.
      await other.close();
      await until(async () => (await zonesOf(second)).length === 0, 20_000);
      expect(await (await fabric.bucket("models")).keys()).toEqual([]);
      await until(() => readdirSync(folder).length === 0);
      expect((await audit()).filter(({ what }) => what === "retire")).toMatchObject([
        { why: "no server has served m for a while: it is retired" },
      ]);
      await fabric.close();
    });

    test("a node that leaves hands its experts over first; the last one stays as long as it may", async () => {
      const { router, node } = await open();
      const nodes = [await node("a"), await node("b")];
      const bundle = await makeBundle({ seed: 27 });
      await router.publish("m", [bundle], 10_000);
      const homeKeys = (): readonly string[] => [
        ...new Set(Object.values(router.directory.homes()).flat()),
      ];
      const [left] = homeKeys();
      const leaving = nodes.find(({ key }) => key === left)!;
      const other = nodes.find((one) => one !== leaving)!;
      let isHanding = true;
      const handing = leaving.handOver(15_000).finally(() => {
        isHanding = false;
      });
      while (isHanding) {
        expect((await router.predict(bundle, someRows(3))).degraded).toBe(false);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect([await handing, leaving.cache.held(), homeKeys()]).toEqual([true, [], [other.key]]);
      await leaving.close();
      expect((await whole(router, bundle, someRows(3))).degraded).toBe(false);
      expect(await other.handOver(2000)).toBe(false);
      expect((await whole(router, bundle, someRows(3))).degraded).toBe(false);
      expect(homeKeys()).toEqual([other.key]);
    });

    test("erasing waits for each of several models, and for an expert that two of them share", async () => {
      const { router, node, fabric } = await open();
      await node("a");
      const [m, before, after] = [
        await makeBundle({ seed: 24 }),
        await makeBundle({ seed: 25 }),
        await makeBundle({ seed: 26 }),
      ];
      const expertsOf = ({ manifest }: typeof m): readonly string[] =>
        manifest.members[0]!.experts.map(({ blob }) => blob);
      await router.publish("m", [m], 10_000);
      await router.publish("same", [m], 10_000);
      await router.publish("n", [before], 10_000);
      const erasing = eraseExperts(fabric, [
        { model: "m", experts: new Set(expertsOf(m)) },
        { model: "n", experts: new Set(expertsOf(after)) },
      ]);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await router.publish("n", [after], 10_000);
      expect((await erasing).notReached).toEqual([]);
      const left = new Set((await fabric.blobs.list()).map(({ name }) => name));
      expect([...left].sort()).toEqual([...expertsOf(m), ...expertsOf(after)].sort());
      await router.close();
      await retired(fabric, ["m", "same", "n"]);
    });

    test("a model is retired by command unless a server serves it, and put again by one", async () => {
      const { router, node, fabric } = await open();
      await node("a");
      const bundle = await makeBundle({ seed: 23 });
      await router.publish("m", [bundle], 10_000);
      const models = await fabric.bucket("models");
      const [key] = await models.keys();
      await expect(retireModels(fabric, ["m"])).rejects.toThrow(/a server serves "m"/);
      await expect(retireModels(fabric, ["n"])).rejects.toThrow(/must be on the fabric, got "n"/);
      await models.delete(key!);
      await until(() => models.get(key!));
      expect((await whole(router, bundle, someRows(3))).degraded).toBe(false);
      await router.close();
      await retired(fabric, ["m"]);
      expect(await models.keys()).toEqual([]);
    });
  });
}
