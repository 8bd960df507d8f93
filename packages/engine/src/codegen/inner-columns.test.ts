import { describe, expect, it } from "vitest";
import { HashPartitioner } from "../rdd/partitioner.js";
import type { RDD } from "../rdd/rdd.js";
import { LocalContext } from "../testing/local-context.js";
import type { VolleyError } from "../wire/errors.js";

interface Item {
  price: number;
  kind: string;
  at: { x: number; tags: number[] };
  both: [number, string];
}

const item = (id: number): Item => ({
  price: id / 4,
  kind: ["red", "green", ""][id % 3] as string,
  at: { x: id % 5, tags: Array.from({ length: id % 4 }, (_, n) => n * id) },
  both: [id % 7, `b${id % 2}`],
});

const PAIRS = Array.from({ length: 40 }, (_, id): [number, Item] => [id, item(id)]);

/** Values that are something else than the others, now and then or always. */
const VALUES: Record<string, readonly unknown[]> = {
  "objects of one shape": PAIRS.map(([, value]) => value),
  "with a null": PAIRS.map(([id, value]) => (id % 9 === 0 ? null : value)),
  "with undefined": PAIRS.map(([id, value]) => (id % 9 === 0 ? undefined : value)),
  "with an inner null": PAIRS.map(([id, value]) => (id % 9 === 0 ? { ...value, at: null } : value)),
  "with a missing field": PAIRS.map(([id, { price, ...rest }]) => (id % 9 === 0 ? rest : { price, ...rest })),
  "of two shapes": PAIRS.map(([id, value]) => (id % 2 === 0 ? { kind: value.kind } : value)),
  texts: PAIRS.map(([, value]) => value.kind),
  lists: PAIRS.map(([, value]) => value.at.tags),
  tuples: PAIRS.map(([id, value]) => [id, value]),
  "tuples with holes": PAIRS.map(([id, value]) => (id % 2 === 0 ? [id, value] : [, value])),
  "objects with numbered fields": PAIRS.map(([id]) => ({ 0: id, 1: "one", length: 2 })),
};

type Loose = [number, Item & unknown[]];
/** Functions of a pair; what they read may not be there. */
const READS: Record<string, (pair: Loose) => unknown> = {
  "a field": ([, v]) => v.price,
  "two fields": ([k, { price, kind }]) => [kind, price, k],
  "a pattern in a pattern": ([
    ,
    {
      at: { x },
    },
  ]) => x,
  "a chain": ([, v]) => v.at.x,
  "a chain of what may be missing": ([, v]) => v?.at?.x,
  "a condition first": ([, v]) => (typeof v === "object" && v !== null ? v.price : 0),
  "an inner list": ([, v]) => v.at.tags[0],
  "a length": ([, v]) => v.length,
  "a declaration": (pair) => {
    const [
      k,
      {
        kind,
        both: [b],
      },
    ] = pair;
    return `${k} ${kind} ${b}`;
  },
  "a declaration below": ([k, v]) => {
    const {
      at: { x },
    } = v;
    return k + x;
  },
  elements: ([, [a, b]]) => [b, a],
  "an element by its number": ([, v]) => v[1],
  "the row by numbers": (pair) => pair[1].both[1],
  "a method of a field": ([, v]) => v.kind.toUpperCase(),
  "a default": ([, { price = -1 }]) => price,
  "what an object has from its prototype": ([, v]) => v.constructor.name,
  "whether it is a text": ([, v]) => v.kind === "red",
  "whether it is one of texts": ([, { kind }]) => kind === "red" || kind !== "green",
  "whether a text is it": ([, v]) => ["" === v.kind, "b1" !== v?.both[1]],
  "whether all of it is a text": ([, v]) => (v as unknown) === "red",
  "a name that hides another": ([, v]) => [1].map((v) => v + 1)[0] === 2 && v.price,
};

const oracle = (f: () => unknown) => {
  try {
    return { value: f() };
  } catch (error) {
    return { error: (error as Error).message };
  }
};

describe("what lies inside of elements", () => {
  for (const [of, values] of Object.entries(VALUES)) {
    it(`is read as arrays give it: ${of}`, async () => {
      const vc = new LocalContext(1);
      const rows = values.map((value, id): [number, unknown] => [id, value]);
      const cached = vc
        .parallelize(rows, 2)
        .map((row) => row)
        .cache();
      const shuffled = cached.partitionBy(new HashPartitioner(2));
      const inOrder = await shuffled.collect();
      for (const [name, f] of Object.entries(READS)) {
        for (const [rdd, given] of [
          [cached, rows],
          [shuffled, inOrder],
        ] as const) {
          const wanted = oracle(() => (given as readonly Loose[]).map(f));
          const got = await (rdd as RDD<Loose>)
            .map(f)
            .collect()
            .then(
              (value) => ({ value }),
              (error: VolleyError) => ({ error }),
            );
          if ("value" in got) expect(got, `${name}, ${of}`).toEqual(wanted);
          else expect(got.error.message, `${name}, ${of}`).toContain((wanted as { error: string }).error);
        }
      }
    });
  }

  it("lies in columns of its own", async () => {
    const vc = new LocalContext(1);
    const cached = vc
      .parallelize(PAIRS, 2)
      .map((row) => row)
      .cache();
    const text = await cached
      .filter(([, v]) => v.kind === "red")
      .mapValues(({ at: { x } }) => x)
      .values()
      .explain();
    expect(text).toContain('t.hasPairs($batch1) && t.hasColumns($batch1, [[1,"at","x"],[1,"kind"]])');
    expect(text).toContain('$batch1.column([1,"at","x"])');
    const keys = await cached.partitionBy(new HashPartitioner(2)).keys().explain();
    expect(keys).toContain("$batch1.column(0)");
    expect(keys.slice(keys.indexOf("t.segments"))).not.toContain("$batch1.column(1)");
    const counted = await cached.map(() => 1).explain();
    expect(counted.split("pipeline 1")[0]).not.toContain("$batch1.column(");
    expect(await cached.map(() => 1).sum()).toBe(PAIRS.length);
  });

  it("is compared with texts as it lies there", async () => {
    const texts = ["", "CH", "ch", "CHE", "Zürich", "\u{1f600}", "\ufffd", "a longer text than most"];
    const rows = texts.map((text, id) => ({ text, inner: { text }, mixed: id % 2 === 0 ? text : id, id }));
    const tests: readonly ((row: (typeof rows)[number]) => unknown)[] = [
      (row) => row.text === "CH",
      ({ text }) => text === "Zürich" || "\u{1f600}" === text,
      (row) => row.text !== "",
      (row) => row.inner.text === "a longer text than most",
      ({ mixed }) => mixed === "",
      (row) => row.text === "\ud800" || row.text === "\ufffd",
      (row) => (row.text === "CH" ? row.text : row.id),
      ({ text }) => [text === "CHE", text === "CHE", text !== "CH"],
      (row) => {
        if (row.text === "CH") return row.id;
        return row.inner.text === row.text;
      },
    ];
    for (const given of [rows, [...rows, { ...rows[0], text: null }] as unknown as typeof rows]) {
      const cached = new LocalContext(1)
        .parallelize(given, 2)
        .map((row) => row)
        .cache();
      for (const f of tests) {
        expect(await cached.map(f).collect()).toEqual(given.map(f));
        expect(await cached.filter(f).collect()).toEqual(given.filter(f));
      }
    }
    const cached = new LocalContext(1)
      .parallelize(rows, 1)
      .map((row) => row)
      .cache();
    const text = await cached
      .filter(({ text }) => text !== "CH")
      .map((row) => row.id)
      .explain();
    expect(text).toMatch(/const \$is\d+ = t\.matches\(\$batch1, "text", "CH"\);/);
    expect(text).toMatch(/\$v\d+ = \(!\$f0\);/);
  });

  it("is what a function before has made of it", async () => {
    const vc = new LocalContext(1);
    const cached = vc
      .parallelize(PAIRS, 2)
      .map((row) => row)
      .cache();
    const changed = cached
      .map(([k, v]): [number, Item] => {
        v.at.x = -k;
        return [k, v];
      })
      .mapValues((v) => v.at.x + v.price);
    expect(await changed.collect()).toEqual(PAIRS.map(([k, v]) => [k, -k + v.price]));
    const emptied = cached.filter(([, v]) => {
      v.at.tags.length = 0;
      return v.at.tags.length === 0;
    });
    expect(
      await emptied
        .map(
          ([
            ,
            {
              at: {
                tags: [first],
              },
            },
          ]) => first,
        )
        .collect(),
    ).toEqual(PAIRS.map(() => undefined));
    expect(await cached.collect()).toEqual(PAIRS);
  });

  it("is told of by the row when something is thrown", async () => {
    const vc = new LocalContext(1);
    const cached = vc
      .parallelize(PAIRS, 1)
      .map((row) => row)
      .cache();
    const failing = cached.mapValues(({ at: { x }, kind }) => {
      if (x === 3) throw new RangeError(`no ${kind}`);
      return x;
    });
    const error = (await failing.collect().catch((reason: unknown) => reason)) as VolleyError;
    expect(error.code).toBe("USER_FUNCTION_FAILED");
    expect(error.message).toContain("no red");
    expect(error.details["record"]).toContain("price: 0.75");
  });

  it("must be a pair where pairs are asked for", async () => {
    const vc = new LocalContext(1);
    const make = (width: number) =>
      vc
        .parallelize(PAIRS, 1)
        .map(([k, v]) => [k, Array.from({ length: width }, (_, n) => (n === 1 ? v : n))] as [number, [number, Item]])
        .cache();
    const prices = (rdd: RDD<[number, [number, Item]]>) =>
      rdd
        .values()
        .mapValues((v) => v.price)
        .values();
    expect(await prices(make(2)).collect()).toEqual(PAIRS.map(([, v]) => v.price));
    await expect(prices(make(3)).collect()).rejects.toThrow("needs rows [key, value]");
    const wide = vc
      .parallelize(PAIRS, 1)
      .map(([k, v]) => [k, v, k] as unknown as [number, Item])
      .cache();
    const asPairs = wide.filter((row) => row[2 as 1] !== undefined).mapValues((v) => v.price);
    await expect(asPairs.collect()).rejects.toThrow("needs rows [key, value]");
    const narrow = vc
      .parallelize(PAIRS, 1)
      .map((row) => row)
      .cache();
    expect(
      await narrow
        .filter((row) => row[2 as 1] === undefined)
        .mapValues((v) => v.price)
        .values()
        .collect(),
    ).toEqual(PAIRS.map(([, v]) => v.price));
  });
});
