import { inspect } from "node:util";
import { expect, it } from "vitest";
import { StatCounter, VolleyContext } from "volley";

it("a context, an RDD and a StatCounter are printed as a line, and no secret shows", async () => {
  await using vc = await VolleyContext.create({ master: "local[1]", appName: "shown" });
  const { executor, submit, view } = vc.driver.secrets;
  const rdd = vc.range(0, 3).setName("numbers");
  for (const shown of [inspect(vc, { depth: 20 }), String(vc), JSON.stringify({ vc }), JSON.stringify({ rdd })]) {
    for (const secret of [executor, submit, view]) expect(shown).not.toContain(secret);
  }
  expect(inspect({ vc })).toBe(`{ vc: VolleyContext local[1] "shown" (${vc.applicationId}) }`);
  expect(JSON.stringify({ rdd })).toMatch(/^\{"rdd":"numbers .*\[0\] at range at .*shown\.test\.ts:\d+"\}$/);
  expect(inspect(new StatCounter([1, 3]))).toBe(
    "StatCounter (count: 2, mean: 2.000000, stdev: 1.000000, max: 3.000000, min: 1.000000)",
  );
});
