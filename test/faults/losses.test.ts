/** What is lost with an executor comes back: how soon the loss is seen, who takes its place, and what is computed again and what not. */

import { expect, it } from "vitest";
import type { VolleyError } from "volley";
import { added, pidsOf, removed, startCluster } from "../kit/local-cluster.js";
import { isRunning } from "../kit/script-process.js";

it("an executor that is killed is missed within a second, and another takes its place", async () => {
  const vc = await startCluster();
  const [pid] = pidsOf(vc) as [number];
  const loss = removed(vc);
  const replacement = added(vc);
  process.kill(pid, "SIGKILL");
  const { reason, after } = await loss;
  expect(reason).toBe("exited");
  expect(after).toBeLessThan(1_000);
  await replacement;
  expect(pidsOf(vc)).toHaveLength(2);
  expect(pidsOf(vc)).not.toContain(pid);
  expect(await vc.range(0, 10, 1, 4).sum()).toBe(45);
}, 40_000);

it("one that hangs is missed when its time is over, and does not come back", async () => {
  const vc = await startCluster({ executorLossTimeoutMs: 2_000, heartbeatIntervalMs: 200 });
  const [pid] = pidsOf(vc) as [number];
  const loss = removed(vc);
  const replacement = added(vc);
  process.kill(pid, "SIGSTOP");
  const job = vc
    .range(0, 100, 1, 4)
    .map((x) => [x % 3, x])
    .groupByKey()
    .count();
  const { after } = await loss;
  expect(after).toBeGreaterThan(1_000);
  expect(after).toBeLessThan(6_000);
  expect(await job).toBe(3);
  await replacement;
  expect(isRunning(pid)).toBe(false);
}, 40_000);

it("map outputs and cached partitions that were on it are computed again, the others are not", async () => {
  const vc = await startCluster();
  const mapped = vc.longAccumulator();
  const cachedRows = vc.longAccumulator();
  const cached = vc
    .range(0, 8_000, 1, 8)
    .map((x) => {
      cachedRows.add(1);
      return x;
    })
    .cache();
  const groups = cached
    .map((x) => {
      mapped.add(1);
      return [x % 10, x];
    })
    .groupByKey(4)
    .mapValues((values) => values.reduce((a, b) => a + b, 0));
  const answer = async () => new Map(await groups.collect());
  const expected = new Map(
    Array.from({ length: 10 }, (_, key) => [
      key,
      Array.from({ length: 800 }, (_, i) => key + 10 * i).reduce((a, b) => a + b),
    ]),
  );
  expect(await answer()).toEqual(expected);
  expect(await answer()).toEqual(expected);
  expect([cachedRows.value, mapped.value]).toEqual([8_000, 8_000]);
  const loss = removed(vc);
  process.kill(pidsOf(vc)[0] as number, "SIGKILL");
  await loss;
  expect(await answer()).toEqual(expected);
  // Some came again, whole partitions of a thousand rows, and not all.
  for (const { value } of [cachedRows, mapped]) {
    expect(value).toBeGreaterThan(8_000);
    expect(value).toBeLessThan(16_000);
    expect(value % 1_000).toBe(0);
  }
}, 40_000);

it("all executors lost, again and again, end in an error that says so", async () => {
  const vc = await startCluster();
  const error = await vc
    .range(0, 2, 1, 2)
    .map(() => process.kill(process.pid, "SIGKILL"))
    .count()
    .catch((reason: VolleyError) => reason);
  expect(error).toMatchObject({ code: "EXECUTOR_LOST", message: expect.stringContaining("failed 4 times") });
  expect(await vc.range(0, 10, 1, 4).sum()).toBe(45);
}, 60_000);
