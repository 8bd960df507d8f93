/** Large broadcasts go from executor to executor: how much leaves the driver, and what happens when one of them goes. */

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VolleyContext } from "volley";

const MIB = 1 << 20;

/** What this process, which is the driver, has sent of broadcasts. */
let sentBytes: number;
let questions: number;
const writtenBefore = new WeakMap<Socket, number>();
const note = (message: unknown) => {
  const { request, socket } = message as { request: IncomingMessage; socket: Socket };
  const written = socket.bytesWritten - (writtenBefore.get(socket) ?? 0);
  writtenBefore.set(socket, socket.bytesWritten);
  if (request.url?.startsWith("/v1/blocks/broadcast_")) sentBytes += written;
  if (request.url === "/v1/pieces") questions++;
};

const contexts: VolleyContext[] = [];
beforeEach(() => {
  sentBytes = 0;
  questions = 0;
  subscribe("http.server.response.finish", note);
});
afterEach(async () => {
  unsubscribe("http.server.response.finish", note);
  for (const vc of contexts.splice(0)) await vc.stop();
});

async function start(executors: number): Promise<VolleyContext> {
  const vc = await VolleyContext.create({ master: `local-cluster[${executors},1,256]`, progress: false });
  contexts.push(vc);
  await together(vc, executors, () => 0);
  return vc;
}

/** Runs something on each executor at the same time. */
function together<T>(vc: VolleyContext, executors: number, run: () => T): Promise<T[]> {
  return vc
    .range(0, executors, 1, executors)
    .barrier()
    .mapPartitions(() => [run()])
    .collect();
}

function numbers(mib: number): Float64Array {
  return Float64Array.from({ length: (mib * MIB) / 8 }, (_, index) => (index * 7919) % 100_003);
}

const sumOf = (values: Float64Array) => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};

describe("a broadcast of many pieces", () => {
  it.each([2, 4])(
    "leaves the driver about once, for %i executors",
    async (executors) => {
      const vc = await start(executors);
      const values = numbers(30);
      const shared = vc.broadcast(values);
      const sums = await together(vc, executors, () => {
        let sum = 0;
        for (const value of shared.value) sum += value;
        return sum;
      });
      expect(sums).toEqual(new Array(executors).fill(sumOf(values)));
      // A piece that was slow to arrive may have been sent again.
      expect(sentBytes).toBeGreaterThanOrEqual(30 * MIB);
      expect(sentBytes).toBeLessThan(30 * MIB * 1.4);
    },
    60_000,
  );

  it("goes to one executor in one go", async () => {
    const vc = await start(1);
    const values = numbers(10);
    const shared = vc.broadcast(values);
    expect(await together(vc, 1, () => shared.value.length)).toEqual([values.length]);
    expect(questions).toBe(0);
    expect(sentBytes).toBeLessThan(11 * MIB);
  }, 40_000);

  it("arrives though executors are killed while it spreads, and again after it was unpersisted", async () => {
    const vc = await start(3);
    const values = numbers(40);
    const expected = sumOf(values);
    const shared = vc.broadcast(values);
    const job = () =>
      vc
        .range(0, 6, 1, 6)
        .map(() => {
          let sum = 0;
          for (const value of shared.value) sum += value;
          return sum;
        })
        .collect();
    const first = job();
    const [victim] = vc.driver.executors();
    await new Promise<void>((resolve) => {
      const strike = () => {
        if (questions < 6) return void setImmediate(strike);
        process.kill(victim?.pid as number, "SIGKILL");
        resolve();
      };
      strike();
    });
    expect(await first).toEqual(new Array(6).fill(expected));
    await shared.unpersist();
    expect(await job()).toEqual(new Array(6).fill(expected));
  }, 60_000);
});
