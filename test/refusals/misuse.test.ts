/** Users' own code that goes wrong in unusual ways: on the driver, on executors, half-way. No job hangs, and the context goes on. */

import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { Accumulator, Partitioner, type RDD, type VolleyContext } from "volley";
import { refusals } from "./kit.ts";

const FILE = fileURLToPath(import.meta.url);
const FOLDER = mkdtempSync(join(tmpdir(), "volley-misuse-"));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const wrong = (value: unknown) => value as never;

class Row {
  x = 1;
}

class Broken extends Accumulator<number, number> {
  n = 0;
  get isZero() {
    return this.n === 0;
  }
  get value() {
    return this.n;
  }
  add(by: number) {
    this.n += by;
  }
  merge(): void {
    throw new Error("no merging today");
  }
  reset() {
    this.n = 0;
  }
  copy() {
    const same = new Broken();
    same.n = this.n;
    return same;
  }
}

class Placing extends Partitioner {
  readonly place: unknown;
  constructor(place: unknown) {
    super(2);
    this.place = place;
  }
  getPartition() {
    if (this.place instanceof Error) throw this.place;
    return this.place as number;
  }
}

function throwing(value: unknown) {
  return () => {
    throw value;
  };
}

refusals("misuse", FILE, (refuses, context) => {
  const failed = { code: "USER_FUNCTION_FAILED", points: "place" } as const;
  for (const [name, value, says] of [
    ["undefined", undefined, /threw .*undefined/],
    ["null", null, /threw .*null/],
    ["a number", 42, /threw .*42/],
    ["a symbol", Symbol("odd"), /threw .*odd/],
    ["a frozen error", Object.freeze(new TypeError("cold")), /threw TypeError: cold/],
    ["an object", { message: "only data" }, /threw .*only data/],
    ["a message of 10,000 lines", new Error("line\n".repeat(10_000)), /threw Error: line/],
    ["a message of a million letters", new Error("x".repeat(1_000_000)), /threw Error: xxx/],
  ] as const) {
    refuses(`a function that throws ${name}`, { ...failed, says }, (vc) =>
      vc.range(0, 3, 1, 1).map(throwing(value)).count(),
    );
  }
  refuses("a function that throws what throws when it is looked at", { ...failed, says: /map threw/ }, (vc) =>
    vc
      .range(0, 3, 1, 1)
      .map(() => {
        throw {
          get message(): string {
            throw new Error("no");
          },
          toString() {
            throw new Error("no");
          },
        };
      })
      .count(),
  );
  refuses("a function that calls itself for ever", { ...failed, says: /Maximum call stack size exceeded/ }, (vc) => {
    const again = (x: number): number => again(x + 1) + 1;
    return vc.range(0, 3, 1, 1).map(again).count();
  });
  refuses("a thenable from map", { code: "PROMISE_IN_SYNC_FUNCTION", says: /mapAsync/, points: "place" }, (vc) =>
    vc
      .range(0, 3, 1, 1)
      .filter(() => ({ then: () => undefined }))
      .count(),
  );
  refuses("a generator that throws half-way", { ...failed, says: /mapPartitions threw Error: half-way/ }, (vc) =>
    vc
      .range(0, 8, 1, 2)
      .mapPartitions(function* (rows) {
        yield rows.next().value as number;
        throw new Error("half-way");
      })
      .collect(),
  );
  refuses("a comparator that throws", { ...failed, says: /sortBy threw Error: no order/ }, (vc) =>
    vc
      .range(0, 100, 1, 3)
      .sortBy((x) => x, { compare: throwing(new Error("no order")) })
      .collect(),
  );
  refuses("a comparator of top that throws", { ...failed, says: /top threw Error: no order/ }, (vc) =>
    vc.range(0, 100, 1, 3).top(3, throwing(new Error("no order"))),
  );
  refuses(
    "a merge of reduceByKeyLocally that throws on the driver",
    { ...failed, says: /reduceByKeyLocally threw Error: no/ },
    (vc) => pairs(vc).reduceByKeyLocally(throwing(new Error("no"))),
  );

  refuses("a partitioner that throws", { ...failed, says: /partitionBy threw Error: nowhere/ }, (vc) =>
    pairs(vc)
      .partitionBy(new Placing(new Error("nowhere")))
      .count(),
  );
  for (const place of [-1, 2, 0.5, Number.NaN, "0", undefined]) {
    refuses(
      `a partitioner that gives ${String(place)}${typeof place === "string" ? " as text" : ""}`,
      { code: "INVALID_PARTITIONER", says: /it must give an integer from 0 to 1/, points: "place" },
      (vc) => pairs(vc).partitionBy(new Placing(place)).count(),
    );
  }
  refuses(
    "a partitioner that gives no partition, for lookup",
    { code: "INVALID_PARTITIONER", says: /from 0 to 1/, points: "place" },
    (vc) => pairs(vc).partitionBy(new Placing(7)).lookup("a"),
  );

  refuses(
    "an accumulator whose merge throws on the driver",
    { ...failed, says: /merge of the accumulator Broken threw Error: no merging today/ },
    (vc) => {
      const broken = vc.register(new Broken());
      return vc.range(0, 4, 1, 2).foreach((x) => broken.add(x));
    },
  );

  refuses("an async source that fails", { code: "USER_FUNCTION_FAILED", says: /source dried up/ }, (vc) =>
    vc
      .fromAsyncIterable(
        (async function* () {
          yield 1;
          throw new Error("source dried up");
        })(),
      )
      .count(),
  );
  refuses("a zero that cannot be copied", { code: "ROW_NOT_TRANSFERABLE", says: /a function/ }, (vc) =>
    vc.range(0, 4).aggregate(
      wrong(() => 1),
      (a) => a,
      (a) => a,
    ),
  );
  refuses("an approximate action whose function fails", { ...failed, says: /Error: no/ }, (vc) =>
    vc
      .range(0, 4)
      .map(throwing(new Error("no")))
      .countApprox(60_000),
  );

  refuses(
    "instances of a class into an object file",
    { code: "ROW_NOT_TRANSFERABLE", says: /Row/, points: "place" },
    (vc) =>
      vc
        .range(0, 4)
        .map(() => new Row())
        .saveAsObjectFile(join(FOLDER, "rows")),
  );
  refuses(
    "a row that refers to itself into text",
    { code: "ROW_NOT_TRANSFERABLE", says: /no form as JSON.*circular.*map it to text first/, points: "place" },
    (vc) =>
      vc
        .range(0, 4)
        .map(() => {
          const row: { self?: unknown } = {};
          row.self = row;
          return row;
        })
        .saveAsTextFile(join(FOLDER, "circles")),
  );
  refuses("a file that went away after it was listed", { code: "FILE_NOT_FOUND", says: /gone\.txt/ }, async (vc) => {
    const path = join(FOLDER, "gone.txt");
    writeFileSync(path, "one\ntwo\n");
    const lines = vc.textFile(path);
    expect(await lines.count()).toBe(2);
    unlinkSync(path);
    return lines.map((line) => line.length).collect();
  });

  refuses(
    "an action whose signal is aborted already",
    { code: "CANCELLED", says: /count at misuse.*cancelled by its signal/ },
    (vc) => vc.range(0, 4).count({ signal: AbortSignal.abort() }),
  );
  refuses(
    "an action whose signal is aborted while it runs",
    { code: "CANCELLED", says: /cancelled by its signal/ },
    (vc) => {
      const controller = new AbortController();
      const running = vc
        .range(0, 2, 1, 2)
        .map(() => {
          for (;;) Math.sqrt(2);
        })
        .count({ signal: controller.signal });
      vc.addListener({ onTaskStart: () => controller.abort() });
      return running;
    },
  );
  refuses("a job whose group is cancelled", { code: "CANCELLED", says: /nightly/ }, async (vc) => {
    vc.setJobGroup("nightly");
    try {
      const running = vc
        .range(0, 2, 1, 2)
        .map(() => {
          for (;;) Math.sqrt(2);
        })
        .count();
      queueMicrotask(() => vc.cancelJobGroup("nightly", "the nightly jobs are over"));
      return await running;
    } finally {
      vc.clearJobGroup();
    }
  });

  it("take(-1) gives no rows, as in Spark", async () => {
    expect(await context().range(0, 9).take(-1)).toEqual([]);
    expect(await context().range(0, 9).take(0)).toEqual([]);
  });

  it("a listener that throws harms nobody", async () => {
    const listener = { onJobEnd: throwing(new Error("deaf")) };
    context().addListener(listener);
    expect(await context().range(0, 9).count()).toBe(9);
    context().removeListener(listener);
  });
});

function pairs(vc: VolleyContext): RDD<[string, number]> {
  return vc.parallelize(
    [
      ["a", 1],
      ["a", 2],
      ["a", 3],
    ] as [string, number][],
    3,
  );
}
