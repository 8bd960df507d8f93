import { describe, expect, it } from "vitest";
import { analyzeFunction } from "../closure/facts.js";
import type { FunctionNode } from "../closure/syntax.js";
import { LocalContext } from "../testing/local-context.js";
import { isNamed } from "./vector-places.js";
import { VectorReads } from "./vector-reads.js";

type Vector = number[];
const w: Vector = [1, 2, 3];
const k = 1;
const kept: unknown[] = [];
const keep = (value: unknown) => kept.push(value);

/** What must hold for parameter `x` to be read only. */
function needsOf(f: (x: Vector, ...more: never[]) => unknown) {
  const { facts, parsed } = analyzeFunction(Function.prototype.toString.call(f));
  return new VectorReads(parsed?.node as FunctionNode, facts.freeNames).uses(isNamed("x"))?.needs;
}

describe("VectorReads", () => {
  it.each<[string, (x: Vector) => unknown]>([
    [
      "a loop",
      (x) => {
        let sum = 0;
        for (let i = 0; i < x.length; i++) sum += x[i] as number;
        return sum;
      },
    ],
    [
      "for of",
      (x) => {
        let sum = 0;
        for (const v of x) sum += v;
        return sum;
      },
    ],
    [
      "methods",
      (x) =>
        x
          .map((v) => v * 2)
          .filter((v) => v > 0)
          .reduce((a, b) => a + b, 0),
    ],
    [
      "an alias",
      (x) => {
        const y = x;
        return y.map((v, i) => v + (y[i] as number));
      },
    ],
    ["a copy", (x) => [...x, ...x.slice(1)]],
    [
      "its elements",
      (x) => {
        const [a = 0, b = 0] = x;
        return a + b;
      },
    ],
    ["the callback of another vector of its own", (x) => [1, 2].map((v, i) => v + (x[i] as number))],
  ])("knows a read: %s", (_, f) => expect(needsOf(f)).toEqual([]));

  it.each<[string, (x: Vector) => unknown, unknown]>([
    ["a captured vector", (x) => w.map((v, i) => v * (x[i] as number)), [{ kind: "vector", name: "w" }]],
    ["a captured index", (x) => x[k], [{ kind: "number", name: "k" }]],
    [
      "an unknown index",
      (x) => w.reduce((sum, v) => sum + (x[v] as number), 0),
      [{ kind: "vector", name: "w" }, { kind: "plain" }],
    ],
    ["a function", (x) => keep(x), [{ kind: "reader", name: "keep", param: 0 }]],
    [
      "a global",
      (x) => Float64Array.from(x).length + x.map(Math.abs).length,
      [
        { kind: "global", name: "Float64Array" },
        { kind: "global", name: "Math" },
      ],
    ],
  ])("leaves to the task what it cannot know: %s", (_, f, needs) => {
    expect(needsOf(f)).toHaveLength((needs as unknown[]).length);
    expect(needsOf(f)).toEqual(expect.arrayContaining(needs as unknown[]));
  });

  it.each<[string, (x: Vector) => unknown]>([
    ["given back", (x) => ((x[0] as number) > 0 ? x : [])],
    ["in an array", (x) => [x, x[0]]],
    ["in an object", (x) => ({ x, first: x[0] })],
    ["handed to a method", (x) => kept.push(x, x[0])],
    [
      "written",
      (x) => {
        x[0] = 1;
        return x[0];
      },
    ],
    [
      "incremented",
      (x) => {
        (x[0] as number)++;
        return x[1];
      },
    ],
    ["sorted", (x) => x.sort()[0]],
    ["seen by a callback", (x) => x.map((v, _i, all) => all.length + v)],
    ["seen by an unknown callback", (x) => x.map(keep as never)],
    ["captured", (x) => () => x[0]],
    ["captured by a callback's function", (x) => x.map((v) => () => v + (x[0] as number))],
    ["captured by an unknown method's callback", (x) => Promise.resolve(0).then((v) => x[v])],
    ["captured by what starts later", (x) => x.map(async (v) => v + (x[0] as number))],
    ["its memory", (x) => (x as unknown as Float64Array).buffer.byteLength + (x[0] as number)],
    ["a view", (x) => (x as unknown as Float64Array).subarray(1)[0]],
    ["an iterator", (x) => x.entries()],
    ["what it is, by a class", (x) => ((x as object) instanceof Map ? 1 : x[0])],
    ["or else", (x) => (x || w)[0]],
    [
      "a let",
      (x) => {
        let y = x;
        if (k > 1) y = w;
        return y[0];
      },
    ],
    [
      "thrown",
      (x) => {
        if (x[0] === 7) throw x;
        return x[0];
      },
    ],
    ["a parameter's default", (x, y = x) => [y, x[0]]],
  ])("refuses what may keep it: %s", (_, f) => expect(needsOf(f)).toBeUndefined());
});

describe("vectors of a cache", () => {
  const rows = Array.from({ length: 700 }, (_, i) => ({ x: [i, i / 3, -i, i % 7, 1, 2, 3, 4, 5], y: i }));
  const KINDS: Record<string, (x: Vector) => Vector> = {
    "plain arrays": (x) => [...x],
    "arrays of small integers": (x) => x.map((v) => Math.trunc(v)),
    "short arrays": (x) => x.slice(0, 3),
    Float64Array: (x) => Float64Array.from(x) as unknown as Vector,
    Float32Array: (x) => Float32Array.from(x) as unknown as Vector,
    Uint8Array: (x) => Uint8Array.from(x) as unknown as Vector,
    "of many lengths": (x) => x.slice(0, (x[0] as number) % 9),
    "typed, of many lengths": (x) => Int16Array.from(x.slice(0, (x[0] as number) % 9)) as unknown as Vector,
    "long typed arrays": (x) =>
      Float64Array.from({ length: 100 + ((x[0] as number) % 3) }, (_, i) => i / 7) as unknown as Vector,
    "with holes": (x) => {
      const holed = [...x];
      if ((x[3] as number) === 3) delete holed[2];
      return holed;
    },
    "missing here and there": (x) => ((x[3] as number) === 5 ? (null as unknown as Vector) : x),
  };
  const CLOSURES: Record<string, (x: Vector) => unknown> = {
    "beyond the end": (x) => {
      let sum = 0;
      for (let i = -1; i < 12; i++) sum += (x ?? [])[i] ?? 100;
      return sum;
    },
    reduce: (x) => (x === null ? 0 : x.reduce((sum, v, i) => sum + v * i, 0)),
    map: (x) => (x === null ? [] : x.map((v) => v * 1.5)),
    "for of": (x) => {
      let text = "";
      if (x !== null) for (const v of x) text += `${v},`;
      return text;
    },
    "given back": (x) => [x, x === null ? 0 : x[0]],
  };

  it.each(Object.keys(KINDS).flatMap((kind) => Object.keys(CLOSURES).map((name) => [kind, name] as const)))(
    "%s, %s: as from arrays",
    async (kind, name) => {
      const f = CLOSURES[name] as (x: Vector) => unknown;
      const points = rows.map(({ x, y }) => ({ x: (KINDS[kind] as (x: Vector) => Vector)(x), y }));
      const cached = new LocalContext(2)
        .parallelize(points, 2)
        .map((p) => p)
        .cache();
      expect(
        await cached
          .map((p) => p.x)
          .map(f)
          .collect(),
      ).toEqual(points.map(({ x }) => f(x)));
      const vectors = cached.map(({ x }) => x).cache();
      expect(await vectors.map(f).collect()).toEqual(points.map(({ x }) => f(x)));
    },
  );

  it("reads them one after the other into one array", async () => {
    const cached = new LocalContext(1)
      .parallelize(rows, 1)
      .map((p) => p)
      .cache();
    const norms = cached.map(({ x, y }) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0)) + y);
    expect(await norms.explain()).toMatch(/\$vec\d+ = t\.vectors\(\$batch\d+, "x", (\$k\d+)\)/);
    expect(await norms.explain()).toContain("t.vectorScratch(true)");
    const texts = [await cached.map(({ x, y }) => [x, x[0], y]).explain()];
    for (const text of texts) expect(text).not.toContain("t.vectorScratch(true)");
  });
});
