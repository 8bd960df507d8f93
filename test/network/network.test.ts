/** A part of `npm run network` for every test run, and the longest waits one by one: a message of each kind that is swallowed is missed within its time-out. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VolleyContext } from "volley";
import { BadNetwork } from "../kit/bad-network.js";
import type { NetworkFault } from "../kit/http-proxy.js";
import { KINDS, networkRun } from "./network-run.js";
import { NETWORK_WORKLOADS } from "./workloads.js";

const LOUD = KINDS.filter((kind) => kind !== "swallowRequest" && kind !== "swallowAnswer");

describe("messages that are late, doubled and cut, on connections that are reset when idle", () => {
  it.each([1, 2, 3])(
    "cost no answer and no executor (seed %i)",
    async (seed) => {
      const run = await networkRun({ seed, kinds: LOUD, share: 0.1, silentMax: 0 });
      expect(run).toMatchObject({ violations: [], lost: 0, outcomes: Array(5).fill("answer") });
      expect([...run.struck.values()].reduce((a, b) => a + b, 0)).toBeGreaterThan(2);
    },
    60_000,
  );
});

interface Swallowed {
  readonly what: string;
  readonly line: RegExp;
  readonly fault: NetworkFault;
  readonly workload: keyof typeof NETWORK_WORKLOADS;
  /** The time-out that notices it. */
  readonly limitMs: number;
}

/** All at once, since they wait. */
const SWALLOWED: readonly Swallowed[] = [
  {
    what: "a launch",
    line: /^POST \/v1\/launch$/,
    fault: { kind: "swallowRequest" },
    workload: "shuffle",
    limitMs: 15_000,
  },
  {
    what: "the answer to a launch",
    line: /^POST \/v1\/launch$/,
    fault: { kind: "swallowAnswer", afterBytes: 40 },
    workload: "join",
    limitMs: 15_000,
  },
  {
    what: "segments, in the middle",
    line: /^POST \/v1\/segments$/,
    fault: { kind: "swallowAnswer", afterBytes: 300 },
    workload: "shuffle",
    limitMs: 15_000,
  },
  {
    what: "a large result, in the middle",
    line: /^GET \/v1\/blocks\/result_/,
    fault: { kind: "swallowAnswer", afterBytes: 100_000 },
    workload: "largeResults",
    limitMs: 15_000,
  },
  {
    what: "a report",
    line: /^POST \/v1\/report$/,
    fault: { kind: "swallowRequest" },
    workload: "shuffle",
    // Without reports there are no heartbeats: the executor is given up first.
    limitMs: 5_000,
  },
];
/** For the work, and a machine with much else to do. */
const WORK_MS = 12_000;

describe("of messages that are swallowed and leave their connection open", () => {
  const runs = new Map<string, Promise<{ isRight: boolean; struck: number; tookMs: number }>>();
  const opened: { vc: VolleyContext; network: BadNetwork }[] = [];
  beforeAll(async () => {
    for (const { what, line, fault, workload } of SWALLOWED) {
      let struck = 0;
      let armed = false;
      const strike = (request: string) => (armed && line.test(request) && struck++ === 0 ? fault : undefined);
      const context = await BadNetwork.context(
        { fault: (request) => strike(request.line) },
        { master: "local-cluster[2,1,256]", progress: false, executorLossTimeoutMs: 5_000, heartbeatIntervalMs: 500 },
      );
      opened.push(context);
      // Both executors are there.
      await context.vc
        .range(0, 2, 1, 2)
        .barrier()
        .mapPartitions((rows) => rows)
        .count();
      armed = true;
      const startedAt = performance.now();
      const ended = NETWORK_WORKLOADS[workload](context.vc).then((isRight) => ({
        isRight,
        struck,
        tookMs: performance.now() - startedAt,
      }));
      runs.set(what, ended);
    }
  }, 60_000);
  afterAll(async () => {
    for (const { vc, network } of opened) {
      await vc.stop();
      await network.close();
    }
  }, 60_000);

  it.each(SWALLOWED)(
    "$what is missed within $limitMs ms",
    async ({ what, limitMs }) => {
      const run = await runs.get(what);
      expect(run).toMatchObject({ isRight: true });
      expect(run?.struck).toBeGreaterThan(0);
      expect(run?.tookMs).toBeLessThan(limitMs + 1_000 + WORK_MS);
    },
    60_000,
  );
});
