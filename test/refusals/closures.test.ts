/** What a function may not use on executors, and shared variables used wrongly. */

import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { Accumulator, Broadcast, LongAccumulator, VolleyContext } from "volley";
import { checkRefusal, refusalOf, refusals } from "./kit.ts";

const FILE = fileURLToPath(import.meta.url);

const wrong = (value: unknown) => value as never;

class Longest extends Accumulator<string, string> {
  text = "";
  get isZero() {
    return this.text === "";
  }
  get value() {
    return this.text;
  }
  add(text: string) {
    if (text.length > this.text.length) this.text = text;
  }
  merge(other: Longest) {
    this.add(other.text);
  }
  reset() {
    this.text = "";
  }
  copy() {
    const same = new Longest();
    same.text = this.text;
    return same;
  }
}

class Hidden extends Longest {
  #seen = 0;
  override add(text: string) {
    this.#seen++;
    super.add(text.slice(0, this.#seen));
  }
}

class HiddenTwice extends Hidden {
  #seen = 0;
  override add(text: string) {
    super.add(text.slice(0, ++this.#seen));
  }
}

refusals("closures", FILE, (refuses) => {
  refuses(
    "an RDD in a function",
    { code: "CONTEXT_IN_CLOSURE", says: /an RDD is used.*use join.*\(other, captured at/s, points: "place" },
    (vc) => {
      const other = vc.range(0, 3);
      return vc
        .range(0, 9)
        .map((x) => [x, other])
        .collect();
    },
  );
  refuses(
    "the context in a function",
    { code: "CONTEXT_IN_CLOSURE", says: /the VolleyContext is used.*\(vc, captured at/s, points: "place" },
    (vc) =>
      vc
        .range(0, 9)
        .map((x) => vc.range(0, x))
        .collect(),
  );
  refuses(
    "an RDD deep in what a function captures",
    { code: "CONTEXT_IN_CLOSURE", says: /tools\.lists\[0\]/, points: "place" },
    (vc) => {
      const tools = { lists: [vc.range(0, 3)] };
      return vc
        .range(0, 9)
        .map(() => tools.lists.length)
        .collect();
    },
  );
  refuses(
    "a promise in a function",
    { code: "CLOSURE_CAPTURE", says: /`later`.*a promise.*Await it first/s, points: "place" },
    (vc) => {
      const later = Promise.resolve(1);
      return vc.range(0, 9).foreach(() => later);
    },
  );
  refuses(
    "a server in a function",
    { code: "CLOSURE_CAPTURE", says: /`config\.server`.*Server.*Open it where it is used/s, points: "place" },
    (vc) => {
      const config = { server: createServer() };
      return vc
        .range(0, 9)
        .map((x) => (config.server.listening ? x : 0))
        .collect();
    },
  );
  refuses(
    "a running generator in a function",
    { code: "CLOSURE_CAPTURE", says: /`numbers`.*generator.*array/s, points: "place" },
    (vc) => {
      const numbers = (function* () {
        yield 1;
      })();
      return vc
        .range(0, 9)
        .map(() => numbers.next().value as number)
        .collect();
    },
  );
  refuses(
    "an AbortSignal in a function",
    { code: "CLOSURE_CAPTURE", says: /`signal`.*Give the signal to the action/s, points: "place" },
    (vc) => {
      const { signal } = new AbortController();
      return vc
        .range(0, 9)
        .filter(() => signal.aborted)
        .collect();
    },
  );
  refuses(
    "a promise in a broadcast",
    { code: "CLOSURE_CAPTURE", says: /`\.later` of what was given to broadcast is a promise.*Await it first/s },
    (vc) => vc.broadcast({ later: Promise.resolve(1) }),
  );

  refuses("the value of a destroyed broadcast", { code: "BROADCAST_DESTROYED", says: /destroyed/ }, async (vc) => {
    const table = vc.broadcast([1]);
    await table.destroy();
    return table.value;
  });
  refuses(
    "a destroyed broadcast in a function",
    { code: "BROADCAST_DESTROYED", says: /destroyed/, points: "place" },
    async (vc) => {
      const table = vc.broadcast([1]);
      await table.destroy();
      return vc
        .range(0, 9)
        .map((x) => table.value[x] ?? 0)
        .collect();
    },
  );
  refuses(
    "a broadcast destroyed after an RDD with it was made",
    { code: "BROADCAST_DESTROYED", says: /destroyed/, points: "place" },
    async (vc) => {
      const table = vc.broadcast([1]);
      const rdd = vc.range(0, 9).map((x) => table.value[x] ?? 0);
      expect(await rdd.count()).toBe(9);
      await table.destroy();
      return rdd.collect();
    },
  );
  refuses("a broadcast destroyed twice", { code: "BROADCAST_DESTROYED", says: /destroyed/ }, async (vc) => {
    const table = vc.broadcast([1]);
    await table.destroy();
    await table.destroy();
  });
  refuses(
    "a broadcast that no context made",
    { code: "INVALID_ARGUMENT", says: /another context.*broadcast\(\)/s, points: "place" },
    (vc) => {
      const table = new Broadcast(0, () => 1);
      return vc
        .range(0, 9)
        .map(() => table.value)
        .collect();
    },
  );
  refuses(
    "an accumulator that is not registered",
    { code: "ACCUMULATOR_UNREGISTERED", says: /vc\.register/, points: "place" },
    (vc) => {
      const longest = new Longest();
      return vc.range(0, 9).foreach((x) => longest.add(String(x)));
    },
  );
  refuses(
    "a LongAccumulator that is not registered",
    { code: "ACCUMULATOR_UNREGISTERED", says: /vc\.register/, points: "place" },
    (vc) => {
      const sum = new LongAccumulator();
      return vc.range(0, 9).foreach((x) => sum.add(x));
    },
  );
  refuses(
    "an accumulator with a private field of its own and of its parent under one name",
    { code: "INVALID_ARGUMENT", says: /#seen.*use an ordinary field/ },
    (vc) => vc.register(new HiddenTwice()),
  );
  refuses("an accumulator registered twice", { code: "INVALID_ARGUMENT", says: /registered already/ }, (vc) =>
    vc.register(vc.register(new Longest())),
  );
  refuses("register of what is no accumulator", { code: "INVALID_ARGUMENT", says: /extends Accumulator/ }, (vc) =>
    vc.register(wrong({ add() {} })),
  );
  refuses(
    "a longAccumulator fed with a fraction on the driver",
    { code: "INVALID_ARGUMENT", says: /whole numbers, not 0.5; use a doubleAccumulator/ },
    (vc) => vc.longAccumulator().add(0.5),
  );
  refuses(
    "a longAccumulator fed with a fraction in a task",
    { code: "INVALID_ARGUMENT", says: /whole numbers, not 0.5; use a doubleAccumulator/, points: "place" },
    (vc) => {
      const sum = vc.longAccumulator();
      return vc.range(0, 9).foreach(() => sum.add(0.5));
    },
  );
});

it("a broadcast of another context is not read as one of this one's", async () => {
  const [one, two] = await Promise.all([
    VolleyContext.create({ master: "local[1]" }),
    VolleyContext.create({ master: "local[1]" }),
  ]);
  try {
    const table = one.broadcast([1]);
    two.broadcast(["other"]);
    const error = await refusalOf(() =>
      two
        .range(0, 2)
        .map(() => table.value[0] ?? 0)
        .collect(),
    );
    checkRefusal(error, { code: "INVALID_ARGUMENT", says: /another context/, points: "place" }, FILE);
    const mixed = await refusalOf(() => two.range(0, 2).union(one.range(0, 2)));
    checkRefusal(mixed, { code: "INVALID_ARGUMENT", says: /different contexts/ }, FILE);
    expect(await two.range(0, 4).count()).toBe(4);
  } finally {
    await Promise.all([one.stop(), two.stop()]);
  }
});
