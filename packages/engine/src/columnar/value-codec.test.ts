import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClassRegistry } from "./types.js";
import { decodeValue, encodeValue } from "./value-codec.js";
import { valueDifference } from "./value-difference.js";

class Point {
  x: number;
  y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  get norm(): number {
    return Math.hypot(this.x, this.y);
  }
}
class Registry extends Map<string, number> {
  label = "r";
}
class Refused extends RangeError {
  override name = "Refused";
  detail = { code: 7 };
}
class Stack extends Array<number> {}
class Hidden {
  #secret = 1;
  open(): number {
    return this.#secret;
  }
}

/** As esbuild compiles a private field for an older target. */
const __privateAdd = (_: object, __: object): void => undefined;
class Compiled {
  constructor() {
    __privateAdd(this, this);
  }
}

const known = [Compiled, Point, Registry, Refused, Stack, Hidden, Promise];
const classes: ClassRegistry = {
  idOf: (constructor) => (known.includes(constructor as never) ? known.indexOf(constructor as never) : undefined),
  byId: (id) => known[id] as Function,
};
const roundTrip = (value: unknown): unknown => decodeValue(encodeValue(value, classes), classes);

const samples: readonly unknown[] = [
  0,
  -0,
  1,
  -1,
  2 ** 31,
  -(2 ** 31),
  0.1,
  NaN,
  Infinity,
  Number.MAX_VALUE,
  "",
  "abc",
  "ÿ",
  "Ā",
  "\ud800x",
  "😀",
  "x".repeat(100),
  "é".repeat(100),
  "😀".repeat(50),
  true,
  false,
  null,
  undefined,
  0n,
  -5n,
  2n ** 200n,
  -(2n ** 63n),
  new Date(0),
  new Date(NaN),
  [],
  [1, "a", null],
  [, 1, , ,],
  Object.assign([1, 2], { tag: "t" }),
  "abc".match(/b/),
  {},
  { a: 1, b: { c: [] } },
  { "": 1, é: 2, Ā: 3, 7: 4 },
  Object.assign(Object.create(null), { z: 1 }),
  JSON.parse('{"__proto__": 1, "constructor": 2}'),
  new Map<unknown, unknown>([
    [1, 2],
    [{ k: 1 }, [2]],
    [null, undefined],
  ]),
  new Set([1, "a", [2]]),
  /a\/b/giu,
  Object.assign(/x/y, { lastIndex: 3 }),
  new Uint8Array([1, 2, 3]),
  Buffer.from("hello"),
  new Float64Array([1, NaN, -0]),
  new BigInt64Array([1n, -1n]),
  new Uint8ClampedArray(3),
  new ArrayBuffer(5),
  new DataView(new ArrayBuffer(4)),
  new Float32Array(0),
  Object(1),
  Object("str"),
  Object(false),
  Object(10n),
  new URL("https://example.org/a?b#c"),
  new Point(1, 2),
  [new Point(1, 2), new Point(3, 4)],
  new Registry([["a", 1]]),
  Stack.from([1, 2]),
];

describe("value codec", () => {
  it("gives back every kind of value", () => {
    for (const value of samples) expect(valueDifference(roundTrip(value), value)).toBe(undefined);
    expect(valueDifference(roundTrip(samples), samples)).toBe(undefined);
    expect(roundTrip(new Point(3, 4))).toHaveProperty("norm", 5);
    expect(roundTrip(-0)).toBe(-0);
    expect(Object.hasOwn(roundTrip([, 1]) as unknown[], 0)).toBe(false);
  });

  it("gives back errors with class, stack, cause and fields", () => {
    const error = new Refused("no", { cause: new TypeError("inner") });
    const back = roundTrip(error) as Refused;
    expect(back).toBeInstanceOf(Refused);
    expect([back.message, back.stack, back.name, back.detail, (back.cause as Error).message]).toEqual([
      "no",
      error.stack,
      "Refused",
      { code: 7 },
      "inner",
    ]);
    expect(Object.keys(back)).toEqual(Object.keys(error));
    const many = roundTrip(new AggregateError([new Error("a")], "m")) as AggregateError;
    expect(many).toBeInstanceOf(AggregateError);
    expect((many.errors[0] as Error).message).toBe("a");
    expect((roundTrip(new Error("plain")) as Error).cause).toBe(undefined);
  });

  it("keeps what is shared and cyclic", () => {
    const shared = { n: 1 };
    const cycle: Record<string, unknown> = {
      shared,
      again: [shared],
      map: new Map<unknown, unknown>([[shared, shared]]),
    };
    cycle["self"] = cycle;
    const list = Object.assign([1], { owner: cycle });
    cycle["list"] = list;
    const back = roundTrip(cycle) as typeof cycle;
    expect(back["self"]).toBe(back);
    expect((back["again"] as unknown[])[0]).toBe(back["shared"]);
    expect((back["map"] as Map<unknown, unknown>).get(back["shared"])).toBe(back["shared"]);
    expect((back["list"] as typeof list).owner).toBe(back);
    const own = new Registry();
    (own as unknown as Map<string, unknown>).set("me", own);
    const registry = roundTrip(own) as Map<string, unknown>;
    expect(registry.get("me")).toBe(registry);
    expect(registry).toBeInstanceOf(Registry);
  });

  it("goes 100,000 levels deep", () => {
    let deep: unknown = null;
    for (let i = 0; i < 100_000; i++) deep = i % 2 === 0 ? [deep] : { deep };
    let back = roundTrip(deep) as never;
    let depth = 0;
    while (back !== null) {
      back = Array.isArray(back) ? back[0] : (back as { deep: never }).deep;
      depth++;
    }
    expect(depth).toBe(100_000);
  });

  it("keeps sparse arrays sparse", () => {
    const sparse: number[] = [];
    sparse[4_000_000_000] = 1;
    const back = roundTrip({ sparse }) as { sparse: number[] };
    expect([back.sparse.length, back.sparse[4_000_000_000], Object.keys(back.sparse)]).toEqual([
      4_000_000_001,
      1,
      ["4000000000"],
    ]);
  });

  it("refuses what cannot travel, and says what and where", () => {
    const refuse = (value: unknown, text: RegExp): void => {
      expect(() => encodeValue(value, classes)).toThrow(
        expect.objectContaining({ code: "ROW_NOT_TRANSFERABLE", message: expect.stringMatching(text) }),
      );
    };
    refuse({ a: [1, { callback: function go() {} }] }, /function go.*row\.a\[1\]\.callback/);
    refuse(Symbol("s"), /symbol/);
    refuse({ [Symbol("s")]: 1 }, /symbol/);
    refuse(Promise.resolve(), /a promise, .*mapAsync/);
    refuse([new WeakMap()], /WeakMap.*row\[0\]/);
    refuse(new (class Unknown {})(), /Unknown/);
    refuse(new Hidden(), /Hidden.*#secret/);
    refuse(new Compiled(), /Compiled.*__privateAdd/);
    refuse(Object.create(new Point(1, 2)), /prototype/);
    refuse(new SharedArrayBuffer(1), /SharedArrayBuffer/);
    refuse((function* () {})(), /prototype|built-in/);
    expect(roundTrip(1)).toBe(1);
  });

  it("gives back any value (property)", () => {
    const anything = fc.anything({
      withDate: true,
      withBigInt: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      withNullPrototype: true,
      withBoxedValues: true,
      withObjectString: true,
      maxDepth: 4,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(valueDifference(roundTrip(value), value)).toBe(undefined);
      }),
      { seed: 20260118, numRuns: 2000 },
    );
  });

  it("survives damage: some value or BLOCK_CORRUPT, never anything else", () => {
    const bytes = encodeValue(samples, classes);
    const attempt = (damaged: Uint8Array): void => {
      try {
        decodeValue(damaged, classes);
      } catch (error) {
        expect(error).toMatchObject({ code: "BLOCK_CORRUPT" });
      }
    };
    for (let cut = 0; cut < bytes.length; cut += 3) attempt(bytes.subarray(0, cut));
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 128, 255]) {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] as number) ^ flip;
        attempt(damaged);
      }
    }
  });
});
