import { openEnvelope } from "@volley/engine/closure/revive.js";
import { valueDifference } from "@volley/engine/columnar/value-difference.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { captureEnvelope } from "./capture.js";
import { captureOptions, reviveHost, travel } from "./testing/round-trip.js";

/** The way of everything that is not provably plain: a weak map beside it keeps islands from being made. */
function travelByNodes<T>(value: T): T {
  const { bytes } = captureEnvelope([value, new WeakMap()], captureOptions());
  return openEnvelope(bytes).revive([0], reviveHost())[0] as T;
}

const sizeOf = (value: unknown) => captureEnvelope([value], captureOptions()).bytes.length;
const sizeByNodes = (value: unknown) => captureEnvelope([value, new WeakMap()], captureOptions()).bytes.length;
const isIsland = (value: unknown) => sizeOf(value) < sizeByNodes(value) * 0.95;

/** Enough data to be an island. */
const filler = () => Array.from({ length: 300 }, (_, id) => ({ id, name: `name ${id}` }));

const data = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: true,
  withUnicodeString: true,
  withObjectString: true,
  maxDepth: 4,
});

/** Keys in their order, holes and prototypes too. */
function sameAsByNodes(value: object): void {
  const expected = travelByNodes(value);
  const revived = travel(value);
  expect(valueDifference(revived, expected)).toBe(undefined);
  expect(valueDifference(revived, value)).toBe(undefined);
}

test("dictionaries with names of all kinds", () => {
  const names = ["", "0", "7", "-1", "1.5", "constructor", "toString", "key\u{1F642}", "\ud800", "x".repeat(5000)];
  const all = Object.fromEntries(
    [...names, ...Array.from({ length: 2000 }, (_, id) => `name ${id}`)].map((name, at) => [
      name,
      at % 7 === 0 ? [at] : at,
    ]),
  );
  sameAsByNodes(all);
  const withPrototypeName = JSON.parse(JSON.stringify(all).replace("{", '{"__proto__":{"a":1},'));
  expect(Object.keys(travel(withPrototypeName))).toContain("__proto__");
  sameAsByNodes(withPrototypeName);
  const inside = { all, list: [1, all] };
  const shared = travel(inside);
  expect(shared.list[1]).toBe(shared.all);
});

describe("an island is what the nodes would be", () => {
  const containers: Record<string, (values: readonly unknown[]) => object> = {
    array: (values) => [...filler(), ...values],
    "nothing but the values": (values) => Array.from({ length: 300 }, (_, index) => values[index % values.length]),
    map: (values) =>
      new Map<unknown, unknown>([
        ...filler().map((row, i) => [i, row] as const),
        ...values.map((v) => [v, v] as const),
      ]),
    set: (values) => new Set([...filler(), ...values]),
    object: (values) => ({ rows: filler(), values, name: "x" }),
    "large dictionary": (values) =>
      Object.fromEntries(
        Array.from({ length: 1100 }, (_, at) => [`key ${at}`, at < 300 ? { at } : values[at % values.length]]),
      ),
    dictionary: (values) => Object.fromEntries([...filler(), ...values].map((value, index) => [`key ${index}`, value])),
  };
  for (const [name, make] of Object.entries(containers)) {
    test(name, () => {
      expect(isIsland(make(filler()))).toBe(true);
      fc.assert(
        fc.property(fc.array(data, { minLength: 1, maxLength: 8 }), (values) => sameAsByNodes(make(values))),
        { seed: 11, numRuns: 60 },
      );
    });
  }
});

describe("values of all kinds", () => {
  test.each<[string, () => object]>([
    ["-0, NaN, undefined, null", () => filler().map(({ id }) => [-0, NaN, undefined, null, id][id % 5])],
    ["dates, one of them invalid", () => filler().map(({ id }) => ({ at: new Date(id === 7 ? NaN : id) }))],
    ["holes at the top", () => Object.assign([...filler()], { length: 400 })],
    ["vectors", () => filler().map(({ id }) => new Float32Array([id, 0.5]))],
    ["buffers of the pool", () => filler().map(({ id }) => Buffer.from(`text ${id}`))],
    ["null prototypes", () => filler().map((row) => Object.assign(Object.create(null), row))],
    [
      "keys named like what is inherited",
      () => filler().map((row) => JSON.parse(`{"__proto__":${row.id},"toString":1}`)),
    ],
    ["keys in other orders", () => filler().map(({ id, name }) => (id % 2 === 0 ? { id, name } : { name, id }))],
    ["pairs", () => new Map(filler().map(({ id, name }) => [name, id]))],
    ["lone surrogates", () => filler().map(({ id }) => `\ud800${id}`)],
  ])("%s", (_, make) => {
    sameAsByNodes(make());
  });

  test("a dictionary of numbers", () => {
    const dictionary = Object.fromEntries(filler().map(({ id, name }) => [name, id]));
    expect(isIsland(dictionary)).toBe(true);
    sameAsByNodes(dictionary);
  });

  test("what is written is small and fresh", () => {
    const rows = filler();
    expect(isIsland(rows)).toBe(true);
    const envelope = openEnvelope(captureEnvelope([rows], captureOptions()).bytes);
    const [first] = envelope.revive([0], reviveHost()) as [typeof rows];
    (first[0] as { id: number }).id = 99;
    expect((envelope.revive([0], reviveHost()) as [typeof rows])[0][0]?.id).toBe(0);
  });

  test("a chain of 20,000 objects, a cycle, a trie", () => {
    let chain: object = {};
    for (let depth = 0; depth < 20_000; depth++) chain = { depth, chain };
    const wide: { rows: unknown[]; self?: object } = { rows: [chain, ...filler()] };
    wide.rows.push(wide.rows);
    const revived = travel(wide);
    expect(revived.rows.at(-1)).toBe(revived.rows);
    let at = revived.rows[0] as { depth?: number; chain?: object };
    for (let depth = 19_999; depth >= 0; depth--) {
      expect(at.depth).toBe(depth);
      at = at.chain as object;
    }
    const leaf = (): Map<string, unknown> => new Map([["end", true]]);
    const trie = new Map(filler().map(({ name }) => [name, new Map([["x", leaf()]])]));
    expect(valueDifference(travel(trie), trie)).toBe(undefined);
  });
});

describe("identity", () => {
  test("of anything below that is reached from elsewhere, in any order", () => {
    const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(data, { minLength: 1, maxLength: 6 }), picks, fc.boolean(), (values, chosen, isBlocked) => {
        const rows: unknown[] = [...filler(), ...values];
        const index = new Map(rows.map((row, at) => [at, row]));
        const other = { more: filler(), rows: rows.slice(100, 200), set: new Set(rows) };
        const pool = [rows, index, other, other.rows, other.more, other.set, ...rows, ...other.more];
        const roots = chosen.map((pick) => pool[pick % pool.length]);
        roots.push(...(isBlocked ? [[rows[3], new Error("not plain")], other, rows] : [{ rows, index }]));
        const all = [...roots.keys()];
        const revived = openEnvelope(captureEnvelope(roots, captureOptions()).bytes).revive(all, reviveHost());
        expect(valueDifference(revived, roots)).toBe(undefined);
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test("rows and an index over them are one island", () => {
    const rows = filler();
    const index = new Map(rows.map((row) => [row.id, row]));
    const make = () => [rows, index, rows[7]] as const;
    expect(sizeOf(make)).toBeLessThan(sizeByNodes(make));
    const [a, b, c] = travel(make)();
    expect([a[7] === c, b.get(7) === c, a.length, b.size]).toEqual([true, true, 300, 300]);
  });

  test("inside an island", () => {
    const shared = { a: 1 };
    const revived = travel({ rows: [...filler(), shared, shared], again: [shared] });
    expect(revived.rows.at(-1)).toBe(revived.rows.at(-2));
    expect(revived.again[0]).toBe(revived.rows.at(-1));
  });

  test("across its border, whoever is met first", () => {
    const rows = filler();
    const row = rows[5] as object;
    for (const make of [() => [() => rows, () => row], () => [() => row, () => rows]]) {
      const [a, b] = travel(make()) as [() => unknown, () => unknown];
      const [all, one] = Array.isArray(a()) ? [a(), b()] : [b(), a()];
      expect((all as object[])[5]).toBe(one);
    }
  });

  test("two islands that share a row, and many that do", () => {
    const common = { x: 1 };
    const islands = Array.from({ length: 40 }, () => [...filler(), common]);
    const holder = { islands, f: () => 1 };
    const revived = travel(holder);
    expect(new Set(revived.islands.map((rows) => rows.at(-1))).size).toBe(1);
  });

  test("two views of one buffer, and a view beside its buffer", () => {
    const buffer = new ArrayBuffer(16);
    const revived = travel({ rows: filler(), a: [new Uint8Array(buffer)], b: [new Float64Array(buffer)], buffer });
    (revived.a[0] as Uint8Array)[7] = 64;
    expect(revived.b[0]?.[0]).toBe(2);
    expect(revived.buffer).toBe(revived.b[0]?.buffer);
  });

  test("keys of a weak map that is captured too", () => {
    const rows = filler();
    const notes = new WeakMap<object, string>([[rows[3] as object, "third"]]);
    const revived = travel(() => ({ rows, note: notes.get(rows[3] as object) }));
    expect(revived().note).toBe("third");
  });
});

describe("what is not provably plain goes node by node", () => {
  class Point {
    x = 1;
    get double() {
      return this.x * 2;
    }
  }
  let reads = 0;
  test.each<[string, () => unknown]>([
    ["a function", () => () => 5],
    ["an instance", () => new Point()],
    ["a symbol", () => Symbol.for("s")],
    ["a symbol's property", () => ({ [Symbol.for("s")]: 1 })],
    ["a frozen object", () => Object.freeze({ a: 1 })],
    ["a sealed array", () => Object.seal([1])],
    ["a property that is not listed", () => Object.defineProperty({}, "hidden", { value: 1 })],
    ["a property that cannot be written", () => Object.defineProperty({}, "fixed", { value: 1, enumerable: true })],
    ["a named property of an array", () => Object.assign([1, 2], { label: "x" })],
    ["a named property of a map", () => Object.assign(new Map(), { label: "x" })],
    ["a regular expression", () => /x/g],
    ["an error", () => new RangeError("r")],
    ["a boxed number", () => Object(1) as object],
    ["a global", () => Math],
    ["a subclass of Map", () => new (class Registry extends Map {})()],
    ["a resizable buffer", () => new ArrayBuffer(8)],
  ])("%s", (_, make) => {
    const inside = make();
    const revived = travel({ rows: [...filler(), inside] }).rows.at(-1);
    const alone = travelByNodes([inside])[0];
    expect(Object.prototype.toString.call(revived)).toBe(Object.prototype.toString.call(alone));
    if (typeof inside === "object" && inside !== null && inside !== Math) {
      const described = (value: unknown) =>
        Object.fromEntries(
          Reflect.ownKeys(value as object)
            .filter((key) => key !== "stack")
            .map((key) => [key, Object.getOwnPropertyDescriptor(value, key)]),
        );
      expect(described(revived)).toEqual(described(inside));
      expect(Object.isFrozen(revived)).toBe(Object.isFrozen(inside));
      expect(Object.isSealed(revived)).toBe(Object.isSealed(inside));
    }
  });

  test("an accessor is not called", () => {
    const inside = {
      get read() {
        reads++;
        return 1;
      },
    };
    const rows = [...filler(), inside];
    captureEnvelope([rows], captureOptions());
    expect(reads).toBe(0);
  });
});

describe("blocks of their own", () => {
  test("bytes that the host keeps apart come back", () => {
    const blocks: Uint8Array[] = [];
    const options = captureOptions({
      keepApart: (bytes) => (bytes.length < 4096 ? undefined : blocks.push(bytes.slice()) - 1),
    });
    const rows = Array.from({ length: 2000 }, (_, id) => ({ id, name: `n${id}` }));
    const floats = new Float64Array(1000).fill(0.5);
    const numbers = Array.from({ length: 2000 }, (_, id) => id / 3);
    const { bytes } = captureEnvelope([() => ({ rows, floats, numbers })], options);
    expect(blocks.length).toBe(3);
    expect(bytes.length).toBeLessThan(2048);
    const host = reviveHost({
      handle: (type, handle) => (type === "block" ? (blocks[(handle as { id: number }).id] as object) : {}),
    });
    const make = openEnvelope(bytes).revive([0], host)[0] as () => object;
    expect(make()).toEqual({ rows, floats, numbers });
  });
});
