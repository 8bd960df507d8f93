import { tableFromIPC } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VolleyError } from "../wire/errors.js";
import { countRows, decodeRows, readBatches } from "./block-reader.js";
import { BlockWriter, encodeRows } from "./block-writer.js";
import type { ClassRegistry } from "./types.js";
import { valueDifference } from "./value-difference.js";

class Point {
  x: number;
  y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
}
class Named {
  name: string;
  tags: string[] = [];
  constructor(name: string) {
    this.name = name;
  }
  set label(_: string) {
    throw new Error("should not be reached");
  }
}
const known = [Point, Named];
const classes: ClassRegistry = {
  idOf: (constructor) => (known.includes(constructor as never) ? known.indexOf(constructor as never) : undefined),
  byId: (id) => known[id] as Function,
};

function expectRoundTrip(rows: readonly unknown[], options = {}): Uint8Array {
  const block = encodeRows(rows, classes, options);
  const back = decodeRows(block, classes);
  expect(back.length).toBe(rows.length);
  expect(countRows(block)).toBe(rows.length);
  for (const [index, row] of rows.entries()) expect(valueDifference(back[index], row)).toBe(undefined);
  expect(block.length % 8).toBe(0);
  return block;
}

const shapesOf = (block: Uint8Array): string[] =>
  [...readBatches(block, classes)].map((batch) => JSON.stringify(batch.shape));
/** The Arrow schema as apache-arrow sees it. */
const arrowTypes = (block: Uint8Array): string =>
  tableFromIPC(block)
    .schema.fields.map((field) => `${field.name}: ${field.type}`)
    .join(", ");

const shared = { s: 1 };
const selfish: unknown[] = [1];
selfish.push(selfish);
const many = <T = unknown>(make: (i: number) => T, count = 10): T[] => Array.from({ length: count }, (_, i) => make(i));

/** Rows, and what Arrow's own implementation says their columns are. */
const cases: readonly (readonly [name: string, rows: readonly unknown[], types: string])[] = [
  ["integers", [1, -1, 0, 2 ** 31 - 1, -(2 ** 31)], "value: Int32"],
  ["numbers", [1, 2.5, NaN, Infinity], "value: Float64"],
  ["minus zero", [0, -0, 1], "value: Float64"],
  ["large integers", [2 ** 31, 2 ** 53], "value: Float64"],
  ["strings", ["", "a", "héllo", "😀", "日本語", "x".repeat(1000), "é".repeat(100)], "value: Utf8"],
  ["lone surrogates", ["a", "\ud800"], "value: Binary"],
  ["long lone surrogate", ["a", `${"x".repeat(100)}\udc00`], "value: Binary"],
  ["booleans", many((i) => i % 3 === 0), "value: Bool"],
  ["bigints", [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)], "value: Int64"],
  ["large bigints", [0n, 2n ** 63n], "value: Binary"],
  [
    "dates",
    [new Date(0), new Date(-1), new Date(NaN), new Date(8.64e15), new Date(-8.64e15), new Date(1700000000123)],
    "value: Timestamp<MILLISECOND, UTC>",
  ],
  ["nulls", [null, null], "value: Null"],
  ["undefineds", [undefined, undefined], "value: Null"],
  ["nullable integers", [1, null, 3], "value: Int32"],
  ["integers or undefined", [1, undefined, 3], "value: Int32"],
  ["null and undefined", [1, undefined, null], "value: Binary"],
  ["nullable doubles", [0.5, null, -0], "value: Float64"],
  ["nullable strings", [null, "a", "é", null], "value: Utf8"],
  ["nullable booleans", [null, true, false], "value: Bool"],
  ["nullable bigints", [1n, undefined], "value: Int64"],
  ["nullable dates", [new Date(3), null], "value: Timestamp<MILLISECOND, UTC>"],
  ["mixed", [1, "a", null, undefined, true, 5n], "value: Binary"],
  ["pairs", many((i) => [`k${i}`, i]), "0: Utf8, 1: Int32"],
  ["triples", many((i) => [i, i / 2, i % 2 === 0]), "0: Int32, 1: Float64, 2: Bool"],
  ["single element", [[1], [2]], "0: Int32"],
  [
    "pairs with undefined",
    [
      ["a", undefined],
      ["b", 2],
    ],
    "0: Utf8, 1: Int32",
  ],
  [
    "pairs with a hole",
    [
      ["a", ,],
      ["b", 2],
    ].map((row, i) => (i === 0 ? Object.assign(row, { length: 2 }) : row)),
    "value: Binary",
  ],
  ["lists", [[], [1, 2, 3], [4], [1, 2]], "value: List<Int32>"],
  ["lists of strings", [["a"], ["b", "c"], []], "value: List<Utf8>"],
  ["lists with holes", [[1, , 3], [], [2]], "value: List<Int32>"],
  ["lists with undefined", [[1, undefined, 3], [], [2]], "value: List<Int32>"],
  ["lists with both", [[1, undefined, , 3], [null], [2]], "value: List<Binary>"],
  ["lists of nulls", [[null, null], [null, null, null], []], "value: List<Bool>"],
  ["empty lists", [[], []], "value: List<Null>"],
  ["nullable lists", [[1, 2], null, []], "value: List<Int32>"],
  ["long arrays", many((i) => Array.from({ length: 100 }, (_, j) => i + j / 2)), "value: List<Float64>"],
  [
    "lists of pairs",
    [
      [
        ["a", 1],
        ["b", 2],
      ],
      [],
      [["c", 3]],
    ],
    "value: List<Struct<{0:Utf8, 1:Int32}>>",
  ],
  ["lists of lists", [[[1], [2, 3]], [[]], []], "value: List<List<Int32>>"],
  ["objects", many((i) => ({ a: i, b: i / 2, c: `c${i}` })), "a: Int32, b: Float64, c: Utf8"],
  ["empty objects", [{}, {}], ""],
  ["objects that lack a property", [{ a: 1, b: 2 }, { a: 1 }, { b: 3 }, {}], "a: Int32, b: Int32"],
  ["objects with undefined and lacking", [{ a: 1, b: undefined }, { a: 1 }], "a: Int32, b: Binary"],
  [
    "objects in other orders",
    [
      { a: 1, b: 2 },
      { b: 1, a: 2 },
    ],
    "value: Binary",
  ],
  [
    "objects with a strange name",
    [JSON.parse('{"__proto__": 1, "a": 2}'), JSON.parse('{"__proto__": 2, "a": 3}')],
    "__proto__: Int32, a: Int32",
  ],
  [
    "objects lacking a strange name",
    [JSON.parse('{"__proto__": 1, "a": 2}'), { a: 1 }, { toString: 1 }],
    "value: Binary",
  ],
  ["nested objects", many((i) => ({ p: { x: i, q: { y: `${i}` } } })), "p: Struct<{x:Int32, q:Struct<{y:Utf8}>}>"],
  ["nullable objects", [{ a: 1 }, null, { a: 2 }], "value: Struct<{a:Int32}>"],
  [
    "pairs of nullable objects",
    [
      ["k", { t: "long text" }],
      ["l", undefined],
      ["m", { t: "other" }],
    ],
    "0: Utf8, 1: Struct<{t:Utf8}>",
  ],
  [
    "nulls first",
    [
      ["k", undefined],
      ["l", { t: "x" }],
      ["m", undefined],
    ],
    "0: Utf8, 1: Struct<{t:Utf8}>",
  ],
  ["instances", many((i) => new Point(i, i + 0.5)), "value: Struct<{x:Int32, y:Float64}>"],
  [
    "pairs of instances",
    many((i) => [new Point(i, 0), new Point(0, i)]),
    "0: Struct<{x:Int32, y:Int32}>, 1: Struct<{x:Int32, y:Int32}>",
  ],
  [
    "instances with lists and setters",
    many((i) => Object.assign(new Named(`n${i}`), { tags: [`${i}`] })),
    "value: Struct<{name:Utf8, tags:Struct<{0:Utf8}>}>",
  ],
  ["vectors", many((i) => Float64Array.from([i, i / 3, -0, NaN])), "value: FixedSizeList[4]<Float64>"],
  [
    "vectors of several lengths",
    [new Float32Array(2), new Float32Array(0), Float32Array.of(1.5)],
    "value: List<Float32>",
  ],
  ["nullable vectors", [Float64Array.of(1, 2), null, Float64Array.of(3, 4)], "value: FixedSizeList[2]<Float64>"],
  [
    "labelled vectors",
    many((i) => ({ label: i % 2, features: Float64Array.of(i, i) })),
    "label: Int32, features: FixedSizeList[2]<Float64>",
  ],
  [
    "all typed arrays",
    [
      [
        new Int8Array(1),
        new Uint8ClampedArray(2),
        new Int16Array(3),
        new Uint16Array(1),
        new Int32Array(1),
        new Uint32Array(1),
        BigInt64Array.of(-1n),
        BigUint64Array.of(2n ** 64n - 1n),
      ],
    ],
    "0: FixedSizeList[1]<Int8>, 1: FixedSizeList[2]<Uint8>, 2: FixedSizeList[3]<Int16>, 3: FixedSizeList[1]<Uint16>, 4: FixedSizeList[1]<Int32>, 5: FixedSizeList[1]<Uint32>, 6: FixedSizeList[1]<Int64>, 7: FixedSizeList[1]<Uint64>",
  ],
  ["bytes", [Uint8Array.of(1, 2), new Uint8Array(0)], "value: Binary"],
  ["buffers", [Buffer.from("abc"), Buffer.from("")], "value: Binary"],
  ["array buffers", [new ArrayBuffer(3), new ArrayBuffer(0)], "value: Binary"],
  ["maps and sets", [new Map([[1, { a: 1 }]]), new Set([1])], "value: Binary"],
  [
    "pairs with maps",
    [
      ["a", new Map([[1, 2]])],
      ["b", new Map()],
    ],
    "0: Utf8, 1: Binary",
  ],
  ["matches", ["ab".match(/b/), "b".match(/b/)], "value: Binary"],
  [
    "shared in a pair",
    [
      [shared, shared],
      [{ s: 1 }, { s: 2 }],
    ],
    "value: Binary",
  ],
  [
    "shared between rows only",
    [
      [shared, 1],
      [shared, 2],
    ],
    "0: Struct<{s:Int32}>, 1: Int32",
  ],
  [
    "shared in a list",
    [
      [1, [shared, { s: 2 }, shared]],
      [2, []],
    ],
    "value: Binary",
  ],
  ["shared with what is in a map", [[shared, new Map([[1, shared]])]], "value: Binary"],
  ["distinct with what is in a map", [[{ s: 1 }, new Map([[1, shared]])]], "0: Struct<{s:Int32}>, 1: Binary"],
  ["cycles", [selfish, selfish], "value: Binary"],
  ["no prototype", [Object.assign(Object.create(null), { a: 1 }), { a: 1 }], "value: Binary"],
  [
    "getters",
    [
      {
        get a() {
          return 1;
        },
      },
    ].map(({ a }) => ({ a })),
    "a: Int32",
  ],
];

describe("blocks", () => {
  for (const [name, rows, types] of cases) {
    it(`hold ${name}`, () => {
      const block = expectRoundTrip(rows);
      expect(arrowTypes(block)).toBe(types);
      expectRoundTrip(rows, { batchRows: 1 });
      expectRoundTrip([...rows, 7, ...rows, "seven"], { batchRows: 2 });
      expectRoundTrip(rows.map((row) => [row, 1]));
      expectRoundTrip(rows.map((row) => [[row], { row }].slice(0, 1)));
      expectRoundTrip([rows]);
    });
  }

  it("keep columns where only a key and its value share an object, and may be two", () => {
    const written = (pairs: readonly (readonly [unknown, unknown])[]): Uint8Array => {
      const writer = new BlockWriter(classes, { keysApart: true });
      for (const [key, value] of pairs) writer.pushPair(key, value);
      const block = writer.finish();
      const back = decodeRows(block, classes) as (readonly [unknown, unknown])[];
      for (const [index, [key, value]] of pairs.entries()) {
        expect(valueDifference(back[index]?.[0], key)).toBe(undefined);
        expect(valueDifference(back[index]?.[1], value)).toBe(undefined);
      }
      return block;
    };
    const rows = many((i) => ({ id: i, at: new Date(i) }));
    expect(arrowTypes(written(rows.map((row) => [row.at, row])))).toBe(
      "0: Timestamp<MILLISECOND, UTC>, 1: Struct<{id:Int32, at:Timestamp<MILLISECOND, UTC>}>",
    );
    const twice = rows.map(({ id, at }) => ({ id, from: at, until: at }));
    expect(arrowTypes(written(twice.map((row) => [row.from, row])))).toBe("value: Binary");
  });

  it("without rows have a schema and no batches", () => {
    const block = expectRoundTrip([]);
    expect([...readBatches(block, classes)]).toEqual([]);
    expect(tableFromIPC(block).numRows).toBe(0);
    expect(block.length).toBeLessThan(200);
  });

  it("are the same to Arrow's own reader", () => {
    const rows = many(
      (i) => ({
        id: i,
        name: `n${i}é`,
        score: i % 3 === 0 ? null : i / 4,
        tags: Array.from({ length: i % 3 }, (_, j) => `t${j}`),
        when: new Date(i * 1e10),
        vec: Float64Array.of(i, -i),
        ok: i % 2 === 0,
        big: BigInt(i) ** 6n,
      }),
      1000,
    );
    const table = tableFromIPC(encodeRows(rows, classes, { batchRows: 300 }));
    expect([table.numRows, table.batches.length]).toEqual([1000, 4]); // 256, 300, 300, 144
    const row = table.get(300)?.toJSON() as Record<string, unknown>;
    const expected = rows[300] as Record<string, unknown>;
    expect({
      ...row,
      tags: [...(row["tags"] as Iterable<unknown>)],
      vec: [...(row["vec"] as Iterable<unknown>)],
      when: Number(row["when"]),
    }).toEqual({ ...expected, vec: [300, -300], when: 300e10 });
  });

  it("hold rows of several types as a dense union", () => {
    const rows = [
      ...many((i) => i, 300),
      ...many((i) => `s${i}`, 300),
      ...many((i) => ({ a: i }), 300),
      ...many((i) => i, 300),
    ];
    const block = expectRoundTrip(rows, { batchRows: 100 });
    expect(arrowTypes(block)).toBe("value: Union<Int32 | Utf8 | Struct<{a:Int32}>>");
    const table = tableFromIPC(block);
    expect(table.numRows).toBe(1200);
    expect([table.get(5)?.["value"], table.get(305)?.["value"], table.get(1105)?.["value"]]).toEqual([5, "s5", 205]);
  });

  it("widen column types instead of making a row type for each batch", () => {
    const rows = many((i) => [i % 256 < 200 ? `k${i}` : null, i < 3000 ? i : i / 2], 6000);
    const block = expectRoundTrip(rows, { batchRows: 256 });
    expect(arrowTypes(block)).toBe("value: Union<Struct<{0:Utf8, 1:Int32}> | Struct<{0:Utf8, 1:Float64}>>");
    expect(new Set(shapesOf(block))).toEqual(new Set(['{"kind":"tuple","width":2}']));
  });

  it("of ever new row types end as kind any", () => {
    const rows = many((i) => ({ [`field${i >> 2}`]: i }), 200);
    const block = expectRoundTrip(rows, { batchRows: 4 });
    expect(tableFromIPC(block).schema.fields[0]?.type.children.length).toBe(9);
  });

  it("decode columns alone", () => {
    const [batch] = readBatches(
      encodeRows(
        many((i) => ({ a: i, b: i / 2, c: `c${i}` })),
        classes,
      ),
      classes,
    );
    expect(batch?.shape).toEqual({ kind: "object", fields: ["a", "b", "c"] });
    expect(batch?.column("a")).toEqual(Int32Array.from({ length: 10 }, (_, i) => i));
    expect(batch?.column("b")).toEqual(Float64Array.from({ length: 10 }, (_, i) => i / 2));
    expect(batch?.column("c")[9]).toBe("c9");
    expect(batch?.column("c")).toBe(batch?.column("c"));
    expect(() => batch?.column("d")).toThrow(/no element d/);
    const [pairs] = readBatches(encodeRows([["a", 1.5]], classes), classes);
    expect([pairs?.shape, pairs?.column(0), pairs?.column(1)]).toEqual([
      { kind: "tuple", width: 2 },
      ["a"],
      Float64Array.of(1.5),
    ]);
    const [values] = readBatches(encodeRows([1, 2], classes), classes);
    expect([values?.shape, values?.column(), values?.rows()]).toEqual([{ kind: "value" }, Int32Array.of(1, 2), [1, 2]]);
  });

  it("may be iterated again, lie anywhere, and in shared memory", () => {
    const block = encodeRows(
      many((i) => [`k${i}`, i / 2]),
      classes,
      { allocate: (length) => new Uint8Array(new SharedArrayBuffer(length)) },
    );
    expect(block.buffer).toBeInstanceOf(SharedArrayBuffer);
    const batches = readBatches(block, classes);
    expect([...batches].length + [...batches].length).toBe(2);
    for (let shift = 0; shift < 9; shift++) {
      const moved = new Uint8Array(block.length + 16);
      moved.set(block, shift);
      expect(decodeRows(moved.subarray(shift, shift + block.length), classes)).toEqual(many((i) => [`k${i}`, i / 2]));
    }
  });

  it("are small and cheap when they hold one number", () => {
    const block = expectRoundTrip([42]);
    expect(block.length).toBeLessThanOrEqual(600);
  });

  it("adapt the rows of a batch to their size", () => {
    const block = expectRoundTrip(
      many(() => "x".repeat(100_000), 600),
      { batchBytes: 1 << 20 },
    );
    const counts = [...readBatches(block, classes)].map((batch) => batch.rowCount);
    expect([counts[0], counts[1]]).toEqual([10, 10]);
  });

  it("count rows while they are written", () => {
    const writer = new BlockWriter(classes, { batchRows: 3 });
    for (let i = 0; i < 10; i++) writer.push(i);
    expect(writer.rowCount).toBe(10);
    writer.finish();
    expect(writer.rowCount).toBe(10);
    expect(() => writer.finish()).toThrow(/once/);
  });

  it("keeps rows and pairs in the order in which they were pushed", () => {
    const writer = new BlockWriter(classes);
    for (let i = 0; i < 700; i++) {
      if (i % 3 === 0) writer.push([`row ${i}`, i]);
      else writer.pushPair(`pair ${i}`, i);
    }
    const rows = decodeRows(writer.finish(), classes);
    expect(rows.map((row) => (row as [string, number])[1])).toEqual(Array.from({ length: 700 }, (_, i) => i));
  });

  it("take pairs that were never made", () => {
    const shared = { s: 1 };
    const pairs: [unknown, unknown][] = [
      ...many((i): [unknown, unknown] => [`k${i}`, i], 600),
      ...many((i): [unknown, unknown] => [i, { n: i }], 30),
      [shared, shared],
      [shared, new Map([[1, shared]])],
      [[1], [shared]],
    ];
    for (const batchRows of [1, 7, 1000]) {
      const writer = new BlockWriter(classes, { batchRows });
      for (const [key, value] of pairs) writer.pushPair(key, value);
      expect(writer.rowCount).toBe(pairs.length);
      expect(valueDifference(decodeRows(writer.finish(), classes).slice(0, 630), pairs.slice(0, 630))).toBe(undefined);
    }
    const writer = new BlockWriter(classes);
    for (const [key, value] of pairs) writer.pushPair(key, value);
    for (const [index, row] of decodeRows(writer.finish(), classes).entries()) {
      expect(valueDifference(row, pairs[index])).toBe(undefined);
    }
  });

  it("are laid down side by side in one buffer", () => {
    const parts = [many((i) => [`k${i}`, i]), many((i) => i / 3, 3), []];
    const writers = parts.map((rows) => {
      const writer = new BlockWriter(classes);
      writer.pushAll(rows);
      return writer;
    });
    const lengths = writers.map((writer) => writer.close());
    const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0)).fill(0xaa);
    let at = 0;
    for (const [index, writer] of writers.entries()) {
      const target = bytes.subarray(at, (at += lengths[index] as number));
      writer.layDown(target);
      expect(target).toEqual(encodeRows(parts[index] as unknown[], classes));
      expect(decodeRows(target, classes)).toEqual(parts[index]);
    }
  });

  it("refuse what cannot travel, whatever the row", () => {
    for (const row of [
      () => 1,
      Symbol("s"),
      [1, () => 1],
      { a: Promise.resolve() },
      [new (class Odd {})()],
      { [Symbol("s")]: 1 },
    ]) {
      expect(() => encodeRows([row, row], classes)).toThrow(expect.objectContaining({ code: "ROW_NOT_TRANSFERABLE" }));
    }
  });

  it("hold deep values", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i++) deep = i % 2 === 0 ? [deep] : { deep };
    expectRoundTrip([deep, [deep]]);
  });
});

describe("damaged blocks", () => {
  const rows = many(
    (i) => ({
      i,
      d: i / 2,
      s: `text ${i}`,
      l: [i, i + 1, i + 2].slice(0, i % 4),
      v: Float64Array.of(i),
      o: i % 2 === 0 ? { n: `${i}` } : undefined,
      m: i % 3 === 0 ? new Map([[i, "x"]]) : i,
      t: new Date(i),
      p: [new Point(i, i)],
    }),
    40,
  );
  const blocks = [
    encodeRows(rows, classes),
    encodeRows([...rows, ...many((i) => [`k${i}`, i]), 5, "s", 2n], classes, { batchRows: 10 }),
  ];

  /** Some rows, or BLOCK_CORRUPT; anything else is a defect. */
  let slowestMs = 0;
  const attempt = (block: Uint8Array): void => {
    const started = process.hrtime.bigint();
    for (const use of [() => decodeRows(block, classes), () => countRows(block)]) {
      try {
        use();
      } catch (error) {
        if (!VolleyError.is(error, "BLOCK_CORRUPT")) throw error;
      }
    }
    slowestMs = Math.max(slowestMs, Number(process.hrtime.bigint() - started) / 1e6);
  };

  it("never crash their reader: cut short", () => {
    for (const block of blocks) {
      for (let length = 0; length < block.length; length += length < 1200 ? 1 : 13) attempt(block.slice(0, length));
    }
    expect(() => decodeRows(new Uint8Array(0), classes)).toThrow(expect.objectContaining({ code: "BLOCK_CORRUPT" }));
  });

  it("never crash their reader: bits and words changed", () => {
    for (const block of blocks) {
      for (let at = 0; at < block.length; at += at < 2400 ? 1 : 7) {
        for (const change of [1, 0x80, 0xff]) {
          const damaged = block.slice();
          damaged[at] = (damaged[at] as number) ^ change;
          attempt(damaged);
        }
        if (at % 4 !== 0) continue;
        for (const word of [0, 0x7fffffff, 0xffffffff]) {
          const damaged = block.slice();
          new DataView(damaged.buffer).setUint32(at, word, true);
          attempt(damaged);
        }
      }
    }
    expect(slowestMs).toBeLessThan(3000); // a second by design, more on a busy machine
  });

  it("of random bytes are refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        attempt(bytes);
        attempt(Uint8Array.from([...(blocks[0] as Uint8Array).subarray(0, 900), ...bytes]));
      }),
      { seed: 20260121, numRuns: 300 },
    );
    expect(() => decodeRows(new Uint8Array(64), classes)).toThrow(expect.objectContaining({ code: "BLOCK_CORRUPT" }));
  });
});

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
  maxDepth: 3,
});
const leaf = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.string(),
  fc.constantFrom(null, undefined, true, -0),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.string({ unit: "binary" }),
  fc.float64Array({ maxLength: 3 }),
);
const sameShape = fc.oneof(
  ...[
    fc.tuple(fc.string(), leaf),
    fc.record({ a: fc.integer(), b: fc.option(fc.string(), { nil: undefined }), c: fc.array(leaf) }),
    fc.record({ a: fc.double(), b: fc.array(fc.record({ x: fc.integer() })) }, { requiredKeys: ["a"] }),
    fc.array(fc.integer()),
    fc.option(fc.tuple(fc.integer(), fc.tuple(fc.double(), fc.string({ unit: "grapheme" }))), { nil: null }),
    fc.uint8Array(),
    leaf,
  ].map((row) => fc.array(row as fc.Arbitrary<unknown>, { maxLength: 20 })),
);

describe("blocks of any rows (property)", () => {
  const check = (rows: readonly unknown[], batchRows: number): void => {
    const block = encodeRows(rows, classes, { batchRows });
    expect(tableFromIPC(block).numRows).toBe(rows.length);
    const back = decodeRows(block, classes);
    expect(back.length).toBe(rows.length);
    for (const [index, row] of rows.entries()) expect(valueDifference(back[index], row)).toBe(undefined);
  };
  it("of all kinds", () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (rows, batchRows) => {
        check(rows, batchRows);
      }),
      { seed: 20260119, numRuns: 1500 },
    );
  });
  it("of one shape", () => {
    fc.assert(
      fc.property(sameShape, fc.integer({ min: 1, max: 25 }), (rows, batchRows) => {
        check(rows, batchRows);
      }),
      { seed: 20260120, numRuns: 1500 },
    );
  });
});

describe("tuples of numbers", () => {
  const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double(), fc.constantFrom(-0, 2 ** 31, Number.NaN));
  const stranger = fc.constantFrom<unknown>([1, , 3], [1, 2], [1, "2", 3], [1, undefined, 3], null, "row", [1, [2], 3]);

  it("come back as they were, also beside rows that are none", () => {
    const rows = fc.tuple(fc.array(fc.tuple(number, number, number), { maxLength: 20 }), fc.array(stranger));
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 25 }), ([tuples, strangers], batchRows) => {
        const all = [...tuples, ...strangers.slice(0, 2), ...tuples];
        const back = decodeRows(encodeRows(all, classes, { batchRows }), classes);
        expect(back).toHaveLength(all.length);
        for (const [index, row] of all.entries()) expect(valueDifference(back[index], row)).toBe(undefined);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
