/**
 * User code that does what it should not. Whatever it is: the job ends in bounded time with the right code, at the user's line, with partition and record
 * where they can be known; and the next job works.
 */

import { execSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErrorCode, type RDD, VolleyContext, VolleyError } from "volley";
import { isRunning } from "../kit/script-process.js";

let vc: VolleyContext;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local-cluster[2,1,256]", progress: false });
  await works();
});
afterAll(() => vc.stop());

const four = (): RDD<number> => vc.parallelize([1, 2, 3, 4], 2);

async function works(): Promise<void> {
  const sums = four()
    .map((x) => [x % 2, [x].map((y) => y * 2)[0] as number])
    .reduceByKey((a, b) => a + b);
  expect(new Map(await sums.collect())).toEqual(
    new Map([
      [0, 12],
      [1, 8],
    ]),
  );
}

/** Rejects with this code, in this file, within the time; then the next job works. */
async function fails(job: Promise<unknown>, code: ErrorCode, limitMs = 15_000): Promise<VolleyError> {
  const startedAt = performance.now();
  const error = await job.then(
    (rows) => Promise.reject(new Error(`no error, but ${String(rows)}`)),
    (reason: unknown) => reason,
  );
  expect(performance.now() - startedAt).toBeLessThan(limitMs);
  if (!VolleyError.is(error)) throw error;
  expect([error.code, error.message]).toEqual([code, expect.any(String)]);
  expect(error.message.split("\n").length).toBeLessThanOrEqual(12);
  await works();
  return error;
}

/** The line on which this is called. */
function lineHere(): number {
  return Number(/user-code\.test\.ts:(\d+)/.exec((new Error().stack as string).split("\n")[2] as string)?.[1]);
}

describe("a function that throws names line, partition and record, in", () => {
  const boom = (x: number): number => {
    if (x === 3) throw new RangeError("boom");
    return x;
  };
  it.each<[string, () => Promise<unknown>, string | undefined]>([
    ["map", () => four().map(boom).collect(), "3"],
    [
      "filter",
      () =>
        four()
          .filter((x) => boom(x) > 0)
          .collect(),
      "3",
    ],
    [
      "flatMap",
      () =>
        four()
          .flatMap((x) => [boom(x)])
          .collect(),
      "3",
    ],
    [
      "a generator in flatMap",
      () =>
        four()
          .flatMap(function* (x) {
            yield boom(x);
          })
          .collect(),
      "3",
    ],
    [
      "mapPartitions",
      () =>
        four()
          .mapPartitions(function* (rows) {
            for (const x of rows) yield boom(x);
          })
          .collect(),
      undefined,
    ],
    ["keyBy", () => four().keyBy(boom).groupByKey().collect(), "3"],
    ["groupBy", () => four().groupBy(boom).collect(), "3"],
    [
      "mapValues",
      () =>
        four()
          .map((x) => [x, x])
          .mapValues(boom)
          .collect(),
      "[3, 3]",
    ],
    [
      "reduceByKey",
      () =>
        four()
          .map((x) => [1, x])
          .reduceByKey((a, b) => a + boom(b === 4 ? 3 : b))
          .collect(),
      "4",
    ],
    [
      "aggregateByKey",
      () =>
        four()
          .map((x) => [1, x])
          .aggregateByKey(
            0,
            (a, b) => a + boom(b),
            (a, b) => a + b,
          )
          .collect(),
      "3",
    ],
    ["sortBy", () => four().sortBy(boom).collect(), "3"],
    ["reduce", () => four().reduce((a, b) => a + boom(b === 4 ? 3 : b)), "4"],
    ["fold", () => four().fold(0, (a, b) => a + boom(b)), "3"],
    [
      "aggregate",
      () =>
        four().aggregate(
          0,
          (a, b) => a + boom(b),
          (a, b) => a + b,
        ),
      "3",
    ],
    ["foreach", () => four().foreach((x) => void boom(x)), "3"],
    [
      "mapAsync",
      () =>
        four()
          .mapAsync(async (x) => boom(x))
          .collect(),
      undefined,
    ],
    [
      "zipPartitions",
      () =>
        four()
          .zipPartitions(four(), (a, b) => [...a].map(boom).concat([...b]))
          .collect(),
      undefined,
    ],
    [
      "toLocalIterator",
      async () => {
        for await (const _ of four().map(boom).toLocalIterator());
      },
      "3",
    ],
  ])("%s", async (_, job, record) => {
    const error = await fails(job(), "USER_FUNCTION_FAILED");
    expect(error.cause).toMatchObject({ name: "RangeError", message: "boom" });
    expect(error.details.place?.file).toMatch(/user-code\.test\.ts$/);
    expect(error.details).toMatchObject({ partition: 1, ...(record === undefined ? {} : { record }) });
    expect(error.message).toContain("boom");
  });

  it("a comparison, on the driver or in a task", async () => {
    const compare = (): number => {
      throw new Error("no order");
    };
    await fails(
      four()
        .sortBy((x) => x, { compare })
        .collect(),
      "USER_FUNCTION_FAILED",
    );
    await fails(four().max(compare), "USER_FUNCTION_FAILED");
    await fails(four().takeOrdered(2, compare), "USER_FUNCTION_FAILED");
  });

  it("the line itself", async () => {
    const job = four().map((x) => {
      if (x === 3) throw new Error("here");
      return x;
    });
    const lineOfThrow = lineHere() - 3;
    const error = await fails(job.collect(), "USER_FUNCTION_FAILED");
    expect(error.details.place?.line).toBe(lineOfThrow);
  });
});

describe("what is thrown may be", () => {
  it.each<[string, () => unknown]>([
    ["undefined", () => undefined],
    ["null", () => null],
    ["a number", () => 0],
    ["a symbol", () => Symbol("s")],
    ["a function", () => () => 1],
    ["an object without a prototype", () => Object.create(null)],
    [
      "a proxy whose traps throw",
      () =>
        new Proxy(
          {},
          {
            get() {
              throw new Error("trap");
            },
            has() {
              throw new Error("trap");
            },
            getPrototypeOf() {
              throw new Error("trap");
            },
          },
        ),
    ],
    [
      "an error whose message throws",
      () =>
        Object.defineProperty(new Error("x"), "message", {
          get() {
            throw new Error("trap");
          },
        }),
    ],
    [
      "an error with itself for a cause",
      () => {
        const error = new Error("self");
        error.cause = error;
        return error;
      },
    ],
    ["fifty megabytes of text", () => new Error("y".repeat(50_000_000))],
  ])("%s", async (_, make) => {
    const error = await fails(
      four()
        .map((x) => {
          if (x === 3) throw make();
          return x;
        })
        .collect(),
      "USER_FUNCTION_FAILED",
    );
    expect(error.details).toMatchObject({ partition: 1, record: "3" });
    expect(error.message.length).toBeLessThan(10_000);
  });
});

describe("a task that ends its thread or process", () => {
  it("by process.exit is SLOT_LOST at that line, in a map and in a reducer", async () => {
    for (const status of [0, 7]) {
      const inMap = four().map((x) => {
        if (x === 3) process.exit(status);
        return x;
      });
      const error = await fails(inMap.collect(), "SLOT_LOST");
      expect(error.message).toContain(`process.exit(${status})`);
      expect(error.details).toMatchObject({
        partition: 1,
        place: { file: expect.stringMatching(/user-code\.test\.ts$/) },
      });
    }
    await fails(
      four()
        .map((x) => [1, x])
        .reduceByKey(() => process.exit(1))
        .collect(),
      "SLOT_LOST",
    );
  }, 60_000);

  it("by process.abort or chdir is told that it cannot", async () => {
    await fails(
      four()
        .map(() => process.abort())
        .collect(),
      "USER_FUNCTION_FAILED",
    );
    await fails(
      four()
        .map(() => process.chdir("/"))
        .collect(),
      "USER_FUNCTION_FAILED",
    );
  });

  it("by killing its executor fails after four, naming the operator", async () => {
    const error = await fails(
      four()
        .map((x) => {
          if (x === 3) process.kill(process.pid, "SIGKILL");
          return x;
        })
        .collect(),
      "EXECUTOR_LOST",
      40_000,
    );
    expect(error.message).toContain("partition 1 of stage");
    expect(error.message).toContain("failed 4 times");
    expect(error.message).toContain("SIGKILL");
    expect(error.details.place?.file).toMatch(/user-code\.test\.ts$/);
  }, 90_000);

  it("by a rejection that nobody catches is charged to it", async () => {
    const error = await fails(
      four()
        .map((x) => {
          if (x === 3) void Promise.reject(new Error("late"));
          return x;
        })
        .collect(),
      "SLOT_LOST",
    );
    expect(error.message).toContain("late");
    expect(error.details).toMatchObject({ partition: 1 });
  });
});

describe("a task that changes globals", () => {
  it("does not change them for other jobs", async () => {
    const spoil = four().map((x) => {
      Object.assign(Array.prototype, { map: () => ["spoilt"], concat: () => ["spoilt"] });
      JSON.parse = () => "spoilt";
      Math.max = () => 7;
      Object.assign(Object.prototype, { spoilt: 1 });
      return x;
    });
    await spoil.count().catch((error: unknown) => expect(VolleyError.is(error, "SLOT_LOST")).toBe(true));
    for (let time = 0; time < 4; time++) await works();
    const seen = await four()
      .map(() => "spoilt" in {} || JSON.parse("1") !== 1 || Math.max(1, 2) !== 2)
      .collect();
    expect(seen).toEqual([false, false, false, false]);
  });

  it("is to blame, and not Volley, when its own job fails by it", async () => {
    const spoil = four().map((x) => {
      Object.defineProperty(Object.prototype, "get", { value: 1, configurable: true });
      return x;
    });
    const error: unknown = await spoil.collect().catch((reason: unknown) => reason);
    // With the second row it is the function itself that trips over what it did with the first.
    if (VolleyError.is(error)) expect(["SLOT_LOST", "USER_FUNCTION_FAILED"]).toContain(error.code);
    await works();
  });
});

describe("a task that does not end", () => {
  it.each<[string, () => (x: number) => unknown]>([
    [
      "a loop",
      () => () => {
        for (;;);
      },
    ],
    [
      "a loop in a finally",
      () => () => {
        for (;;) {
          try {
            for (;;);
          } finally {
          }
        }
      },
    ],
    ["a regular expression", () => () => /^(a+)+$/.test(`${"a".repeat(40)}b`)],
    ["a wait", () => () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)],
    ["a program that it waits for", () => () => execSync("sleep 60")],
    ["arithmetic in native code", () => () => 3n ** (3n ** 15n) % 7n],
  ])(
    "%s: is cancelled at once, and gone within five seconds and one for its executor",
    async (_, make) => {
      const f = make();
      for (const how of ["signal", "group"] as const) {
        const control = new AbortController();
        vc.setJobGroup(how, "to be cancelled");
        const started = new Promise<void>((resolve) => vc.addListener({ onTaskStart: () => resolve() }));
        const job = four().map(f).count({ signal: control.signal });
        const outcome = job.then(
          () => "ended",
          (error: VolleyError) => error.code,
        );
        await started;
        const startedAt = performance.now();
        if (how === "signal") control.abort();
        else vc.cancelJobGroup("group");
        expect(await outcome).toBe("CANCELLED");
        expect(performance.now() - startedAt).toBeLessThan(1_000);
        vc.clearJobGroup();
        // All slots are needed for this one.
        await four()
          .barrier()
          .mapPartitions((rows) => rows)
          .count();
        // On a machine with other things to do a new executor takes longer than its second.
        expect(performance.now() - startedAt).toBeLessThan(9_000);
      }
      await works();
    },
    60_000,
  );

  it("does not keep a context from stopping, nor do the programs that it started", async () => {
    for (const f of [
      () => {
        for (;;);
      },
      () => execSync("sleep 61"),
    ]) {
      const other = await VolleyContext.create({ master: "local-cluster[2,1,256]", progress: false });
      const started = new Promise<void>((resolve) => other.addListener({ onTaskStart: () => resolve() }));
      const outcome = other
        .range(0, 2, 1, 2)
        .map(f)
        .count()
        .catch((error: VolleyError) => error.code);
      await started;
      const pids = other.driver.executors().map(({ pid }) => pid);
      const startedAt = performance.now();
      await Promise.all([other.stop(), other.stop()]);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      expect(await outcome).toBe("CANCELLED");
      expect(pids.filter(isRunning)).toEqual([]);
    }
    expect(execSync("ps -eo args | grep -c '[s]leep 61' || true").toString().trim()).toBe("0");
  }, 40_000);
});

describe("memory without end", () => {
  it.each<[string, () => (x: number) => unknown, readonly ErrorCode[]]>([
    [
      "text",
      () => (x) => {
        const all: string[] = [];
        for (let i = x; ; i++) all.push(`${i}`.repeat(2000).toUpperCase());
      },
      ["OUT_OF_MEMORY", "EXECUTOR_LOST"],
    ],
    [
      "large arrays",
      () => (x) => {
        const all: number[][] = [];
        for (;;) all.push(new Array<number>(2e7).fill(x));
      },
      ["OUT_OF_MEMORY", "EXECUTOR_LOST"],
    ],
    [
      "recursion",
      () => {
        const down = (x: number): number => down(x + 1) + 1;
        return down;
      },
      ["USER_FUNCTION_FAILED"],
    ],
    ["a string that cannot be", () => () => "z".repeat(600_000_000), ["USER_FUNCTION_FAILED"]],
  ])(
    "as %s fails its job only, and names it",
    async (_, make, codes) => {
      const f = make();
      const error: unknown = await vc
        .parallelize([1], 1)
        .map(f)
        .count()
        .catch((reason: unknown) => reason);
      if (!VolleyError.is(error)) throw error;
      expect(codes).toContain(error.code);
      expect(error.details).toMatchObject({
        partition: 0,
        operator: "map",
        place: { file: expect.stringMatching(/user-code\.test\.ts$/) },
      });
      await works();
    },
    120_000,
  );
});
