import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rememberCaptured, rememberStrict } from "../closure/captured-values.js";
import { LocalContext } from "../testing/local-context.js";

type Vector = number[];
type Sum = [Vector, number];

/** As capture would hand it over: strict, its captured values known. */
function captured<F extends Function>(f: F, values: Record<string, unknown> = {}): F {
  rememberCaptured(f, Object.keys(values), Object.values(values));
  rememberStrict(f);
  return f;
}

/** A function of this text. */
function made(text: string, values: Record<string, unknown> = {}): (...args: unknown[]) => unknown {
  const f = new Function(...Object.keys(values), `"use strict"; return ${text};`)(...Object.values(values)) as Function;
  return captured(f, values) as (...args: unknown[]) => unknown;
}

/** How often the pipeline that the text of a job shows puts all rows' vectors into one array, and how often it does not. */
async function reuse(job: { explain(): Promise<string> }): Promise<{ one: number; own: number }> {
  const [main = ""] = (await job.explain()).split("pipeline 1:");
  return {
    one: main.match(/t\.vectorScratch\(true/g)?.length ?? 0,
    own: main.match(/t\.vectorScratch\(false/g)?.length ?? 0,
  };
}

const rows = Array.from({ length: 300 }, (_, i) => ({ x: [i, i / 4, -i, 1, 2, 3, 4, 5, i % 5], y: i % 3 }));
const w = [1, 0.5, 2, 3, 1, 1, 1, 1, 1];
const gradient = captured(
  ({ x, y }: { x: Vector; y: number }) => {
    let dot = 0;
    for (let d = 0; d < x.length; d++) dot += (x[d] as number) * (w[d] as number);
    const scale = y - dot;
    return x.map((v) => v * scale);
  },
  { w },
);

describe("vectors that a function makes", () => {
  const cached = (kind: (x: Vector) => unknown = (x) => x) =>
    new LocalContext(1)
      .parallelize(
        rows.map(({ x, y }) => ({ x: kind(x) as Vector, y })),
        1,
      )
      .map((p) => p)
      .cache();

  it("die in the next function: one array for all rows", async () => {
    const next = captured((g: Vector) => g.reduce((sum, v) => sum + v, 0));
    const sums = cached().map(gradient).map(next);
    // The row's own vector, and the one that is made; in the loop over rows the latter only.
    expect(await reuse(sums)).toEqual({ one: 3, own: 0 });
    expect(await sums.collect()).toEqual(rows.map((p) => next(gradient(p))));
  });

  it.each<[string, (g: Vector) => unknown]>([
    ["it is given back", (g) => g],
    ["it is put into an array", (g) => [g, g]],
    ["it is captured", (g) => ({ g })],
    ["it is handed to an unknown function", (g) => Object.entries(g)],
  ])("each row has its own where the next function may keep it: %s", async (_, keep) => {
    const job = cached().map(gradient).map(captured(keep));
    const text = await job.explain();
    expect(text).toMatch(/const \$map\d+ = \(source, f\) => source\.map\(f\);/);
    expect(await job.collect()).toEqual(rows.map((p) => keep(gradient(p))));
  });

  it("may be a typed array that a loop fills", async () => {
    const half = captured(({ x }: { x: Vector }) => {
      const g = new Float32Array(x.length);
      for (let i = 0; i < x.length; i += 2) g[i] = (x[i] as number) / 3;
      g[1] = 1;
      return g;
    });
    const first = captured((g: Float32Array) => (g[0] as number) + (g[1] as number) + (g[3] as number));
    const job = cached((x) => Float32Array.from(x))
      .map(half)
      .map(first);
    expect(await job.explain()).toMatch(/const \$scratch0 = \$k\d+;[\s\S]*\$scratch0\.make\(Float32Array, x\.length\)/);
    expect((await reuse(job)).own).toBe(0);
    const typed = rows.map(({ x }) => ({ x: Float32Array.from(x) as unknown as Vector }));
    expect(await job.collect()).toEqual(typed.map((p) => first(half(p))));
  });

  it("keeps the first row's vector: a copy", async () => {
    const add = captured((a: Vector, b: Vector) => {
      for (let i = 0; i < a.length; i++) a[i] = (a[i] as number) + (b[i] as number);
      return a;
    });
    const expected = rows.map((p) => gradient(p)).reduce(add);
    expect(await cached().map(gradient).reduce(add)).toEqual(expected);
    expect(
      await cached((x) => Float64Array.from(x))
        .map(gradient)
        .reduce(add),
    ).toEqual(Float64Array.from(expected));
    const larger = captured((a: Vector, b: Vector) => ((a[0] as number) >= (b[0] as number) ? a : b));
    expect(await cached().map(gradient).reduce(larger)).toEqual(rows.map((p) => gradient(p)).reduce(larger));
  });

  it("keeps a key's first vector, and merges sums and counts in place", async () => {
    const keyed = captured(({ x, y }: { x: Vector; y: number }): [number, Sum] => [y, [x.map((v) => v + 1), 1]]);
    const add = ([a, m]: Sum, [b, n]: Sum): Sum => [a.map((v, i) => v + (b[i] as number)), m + n];
    const expected = [0, 1, 2].map((key) => [
      key,
      rows
        .filter(({ y }) => y === key)
        .map((p) => keyed(p)[1])
        .reduce(add),
    ]);
    const sums = cached().map(keyed).reduceByKey(add);
    expect((await sums.collect()).sort((a, b) => a[0] - b[0])).toEqual(expected);
    const text = await sums.explain();
    expect(text).toMatch(/if \(\$owns\d+\[\$slot\d+\]\)/);
    expect(text).toContain("t.vectorScratch(true)");
    expect(text).not.toContain("t.vectorScratch(false)");
  });

  it("reads the columns of a row that is folded, its tuple's elements without the tuple", async () => {
    const zero = new Array<number>(9).fill(0);
    const add = captured((sum: Vector, p: { x: Vector; y: number }) => {
      for (let d = 0; d < p.x.length; d++) sum[d] = (sum[d] as number) + (p.x[d] as number) * p.y;
      return sum;
    });
    const sums = cached().aggregate(zero, add, (a, b) => a.map((v, i) => v + (b[i] as number)));
    expect(await sums).toEqual(rows.reduce(add, [...zero]));
    const merge = (a: Sum, b: Sum): Sum => [a[0].map((v, i) => v + (b[0][i] as number)), a[1] + b[1]];
    const pair = captured(({ x, y }: { x: Vector; y: number }): [number, Sum] => [y, [x.map((v) => -v), 1]]);
    const keyed = cached().map(pair).reduceByKey(merge);
    expect(await keyed.explain()).not.toContain("t.vectorScratch(false)");
    const expected = [0, 1, 2].map((key) => [
      key,
      rows
        .map(pair)
        .flatMap(([k, v]) => (k === key ? [v] : []))
        .reduce(merge),
    ]);
    expect((await keyed.collect()).sort((a, b) => a[0] - b[0])).toEqual(expected);
  });

  it("trusts no method that was replaced", async () => {
    const seen: Vector[] = [];
    const { reduce } = Array.prototype;
    const sum = captured(({ x }: { x: Vector }) => x.reduce((total, v) => total + v, 0));
    const sums = cached().map(sum);
    await sums.count();
    try {
      Object.defineProperty(Array.prototype, "reduce", {
        configurable: true,
        writable: true,
        value(this: Vector, ...args: [never, never]) {
          seen.push(this);
          return reduce.apply(this, args);
        },
      });
      await sums.collect();
    } finally {
      Object.defineProperty(Array.prototype, "reduce", { value: reduce, configurable: true, writable: true });
    }
    expect(seen.filter(({ length }) => length === 9)).toEqual(rows.map(({ x }) => x));
  });

  it("names the row and the user's line when making one throws", async () => {
    const thrown = captured(({ x, y }: { x: Vector; y: number }) =>
      x.map((v) => {
        if (v === 40) throw new RangeError(`no ${v + y}`);
        return v;
      }),
    );
    const error = await cached()
      .map(thrown)
      .reduce((a, b) => a.map((v, i) => v + (b[i] as number)))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "USER_FUNCTION_FAILED", details: { record: expect.stringContaining("40") } });
    expect(((error as Error).cause as Error).stack).toMatch(/^RangeError: no 41\n +at .*fresh-vectors\.test\.ts/);
  });
});

/** Functions by their text: what they do with a vector x. */
const element = fc.constantFrom(
  "v * 2",
  "v + i",
  "-v",
  "v + x[i]",
  "(x[i + 1] ?? 7) - v",
  "v > 1 ? v : -0",
  "v / x.length",
  "x.length",
  "k * v",
);
const vector = fc.oneof(
  element.map((e) => `x.map((v, i) => ${e})`),
  element.map(
    (e) =>
      `x.map((v, i) => ${e}).map((v, i) => ${e.replaceAll("x", "z").replaceAll("z[", "x[").replaceAll("z.", "x.")})`,
  ),
  fc.constantFrom(
    "x",
    "x.slice(1)",
    "[...x, 1]",
    "x.filter((v) => v > 0)",
    "Float64Array.from(x)",
    "new Float64Array(x)",
    "new Int8Array(3)",
  ),
);
const body = fc.oneof(
  vector.map((v) => `{ return ${v}; }`),
  fc.tuple(vector, vector).map(([a, b]) => `{ if (x.length > 2) return ${a}; return ${b}; }`),
  fc
    .tuple(vector, element)
    .map(
      ([a, e]) =>
        `{ const g = ${a}; for (let i = 0; i < g.length; i++) { const v = g[i]; if (i === 1) g[i] = ${e}; } return g; }`,
    ),
  element.map(
    (e) =>
      `{ const g = new Float64Array(x.length); for (let i = 0; i < x.length; i++) { const v = x[i]; g[i] = ${e}; } return g; }`,
  ),
  element.map((e) => `{ let s = 0; for (const v of x) { const i = 0; s += ${e}; } return [s, x.length]; }`),
  fc
    .tuple(vector, vector)
    .map(([a, b]) => `{ const g = ${a}; const h = ${b}; return g.map((v, i) => v + (h[i] ?? 0)); }`),
);
const merge = fc.constantFrom(
  "(a, b) => a.map((v, i) => v + b[i])",
  "(a, b) => a.map((v, i) => v + (b[i] ?? i))",
  "(a, b) => { for (let i = 0; i < a.length; i++) a[i] += b[i]; return a; }",
  "(a, b) => (a.length >= b.length ? a : b)",
  "(a, b) => b",
  "(a, b) => [...a, ...b].slice(-4)",
  "(a, b) => { const c = b.map((v) => v + 1); return c.length > 1 ? c : a; }",
);
const number = fc.oneof(fc.integer({ min: -300, max: 300 }), fc.double(), fc.constantFrom(Number.NaN, -0, Infinity));
const KINDS = [
  (x: Vector) => [...x],
  (x: Vector) => Float64Array.from(x),
  (x: Vector) => Float32Array.from(x),
  (x: Vector) => Uint8Array.from(x),
  (x: Vector) => Int16Array.from(x),
  (x: Vector) => x.map((v) => v | 0),
  (x: Vector) => {
    const holed = [...x];
    if (x.length % 4 === 3) delete holed[1];
    return holed;
  },
];

describe("any functions over any vectors", () => {
  const data = fc.tuple(
    fc.array(fc.array(number, { maxLength: 12 }), { minLength: 1, maxLength: 20 }),
    fc.constantFrom(...KINDS),
  );

  /** What a pipeline gives, or how it fails. */
  async function outcome(run: () => unknown): Promise<unknown> {
    try {
      return await run();
    } catch (error) {
      return String(((error as Error).cause as Error | undefined)?.message ?? (error as Error).message);
    }
  }

  it("give what they give over arrays: map, then reduce, or map again", async () => {
    await fc.assert(
      fc.asyncProperty(data, body, merge, fc.boolean(), async ([vectors, kind], text, mergeText, isField) => {
        const [f, add] = [made(`(x) => ${text}`, { k: 3 }), made(mergeText)];
        const sum = made("(y) => { let s = 0; for (let i = 0; i < y.length; i++) s += y[i] * (i + 1); return s; }");
        const copies = () => vectors.map((x) => kind(x));
        const vc = new LocalContext(1);
        const cached = isField
          ? vc
              .parallelize(
                copies().map((x) => ({ x })),
                1,
              )
              .map((p) => p)
              .cache()
              .map(({ x }) => x)
          : vc
              .parallelize(copies(), 1)
              .map((x) => x)
              .cache();
        const g = isField
          ? vc
              .parallelize(
                copies().map((x) => ({ x })),
                1,
              )
              .map((p) => p)
              .cache()
              .map(made(`({ x }) => ${text}`, { k: 3 }) as never)
          : cached.map(f as never);
        const inArrays = () => copies().map((x) => f(x));
        expect(await outcome(() => g.collect())).toEqual(await outcome(inArrays));
        expect(await outcome(() => g.map(sum as never).collect())).toEqual(
          await outcome(() => inArrays().map((y) => sum(y))),
        );
        expect(await outcome(() => g.reduce(add as never))).toEqual(
          await outcome(() => inArrays().reduce((a, b) => add(a, b))),
        );
        expect(await outcome(() => cached.reduce(add as never))).toEqual(
          await outcome(() => copies().reduce((a, b) => add(a, b) as never)),
        );
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it("give what they give over arrays: sums and counts by key", async () => {
    const parts = fc.constantFrom(
      "([a, m], [b, n]) => [a.map((v, i) => v + b[i]), m + n]",
      "([a, m], [b, n]) => [a.map((v, i) => v * m + (b[i] ?? n)), m + a.length]",
      "([a, m], [b, n]) => [a.map((v) => v + b.length), n]",
      "([a, m], [b, n]) => [b, m + n]",
      "([a, m], [b, n]) => { for (let i = 0; i < a.length; i++) a[i] += b[i]; return [a, m + n]; }",
      "(a, b) => [a[0].map((v, i) => v + b[0][i]), a[1] + b[1]]",
      "(a, b) => [a[0].map((v, i) => v + b[0][i]), a]",
    );
    await fc.assert(
      fc.asyncProperty(data, body, parts, async ([vectors, kind], text, mergeText) => {
        const add = made(mergeText) as (a: unknown, b: unknown) => unknown;
        const pair = made(`(x) => [x.length % 3, [((x) => ${text})(x), 1]]`, { k: 3 });
        const direct = made("(x) => [x.length % 3, [x, 1]]");
        for (const f of [pair, direct] as ((x: unknown) => [number, unknown])[]) {
          const vc = new LocalContext(1);
          const cached = vc
            .parallelize(
              vectors.map((x) => kind(x)),
              1,
            )
            .map((x) => x)
            .cache();
          const byKey = () => {
            const sums = new Map<number, unknown>();
            for (const x of vectors) {
              const [key, value] = f(kind(x));
              sums.set(key, sums.has(key) ? add(sums.get(key), value) : value);
            }
            return [...sums].sort((a, b) => a[0] - b[0]);
          };
          const found = await outcome(async () => {
            const pairs = cached.map(f as (x: unknown) => [number, number]);
            const sums = await pairs.reduceByKey(add as (a: number, b: number) => number).collect();
            return (sums as unknown as [number, unknown][]).sort((a, b) => a[0] - b[0]);
          });
          expect(found).toEqual(await outcome(byKey));
        }
      }),
      { numRuns: 60, seed: 11 },
    );
  });
});
