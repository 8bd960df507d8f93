import { describe, expect, it } from "vitest";
import { LocalContext } from "../testing/local-context.js";
import type { VolleyError } from "../wire/errors.js";
import { inlineFunction } from "./inline-function.js";

interface Order {
  readonly id: number;
  readonly qty: number;
  readonly price: number;
  readonly tags: readonly string[];
}

const ORDERS: readonly Order[] = Array.from({ length: 40 }, (_, id) => ({
  id,
  qty: id % 4,
  price: id / 8,
  tags: Array.from({ length: id % 3 }, (_, at) => `tag${"x".repeat(at + (id % 5))}`),
}));

/** Each may stand in place of its call. */
const MOVABLE: Record<string, (row: Order) => unknown> = {
  "a constant and a return": (row) => {
    const total = row.qty * row.price;
    return total + 1;
  },
  "several exits": ({ price, qty }) => {
    if (qty === 0) return 0;
    let total = 0;
    for (let i = 0; i < qty; i++) {
      if (i === 2) continue;
      total += price;
      if (total > 5) return -total;
    }
    return total;
  },
  "falls off its end": (row) => {
    if (row.qty > 1) return row.id;
  },
  "returns nothing": (row) => {
    if (row.qty > 1) return;
    return row.id;
  },
  "a tuple at every exit": (row) => {
    if (row.qty === 0) return [row.id, "none"];
    const [first = "no tag"] = row.tags;
    return [row.id, first];
  },
  "tuples of two widths": (row) => {
    if (row.qty === 0) return [row.id];
    return [row.id, row.tags];
  },
  "takes its row apart": (row) => {
    const { id, price: cost, tags } = row;
    return { id, cost, count: tags.length };
  },
  "assigns to its parameters": ({ qty, price }) => {
    qty += 1;
    price *= qty;
    return [qty, price];
  },
  "inner arrows": (row) => row.tags.filter((tag) => tag.length > row.qty).map((tag) => [tag, row.id]),
  "a switch": (row) => {
    switch (row.qty) {
      case 0:
        return "none";
      case 1: {
        const one = "one";
        return one;
      }
      default:
    }
    return "many";
  },
  "while, do and for-of": (row) => {
    let [n, steps] = [row.id, 0];
    while (n > 1) {
      n = n % 2 === 0 ? n / 2 : n - 1;
      steps++;
    }
    do steps--;
    while (steps > 4);
    for (const tag of row.tags) steps += tag.length;
    return steps;
  },
  "names of the emitted code": (t) => {
    const p = t.id;
    const b = t.qty;
    return p + b;
  },
  "a hidden parameter": (row) => {
    for (const qty of [1, 2]) {
      const id = qty * 10;
      if (id > 10) return [id, qty, row.id];
    }
    return [row.id, row.qty, row.id];
  },
  "a function expression": (row: Order) => row.id * 2,
  "writes into what it made": (row) => {
    const counts: Record<string, number> = {};
    for (const tag of row.tags) counts[tag] = (counts[tag] ?? 0) + row.qty;
    return counts;
  },
  "throws or gives nothing": (row) => {
    if (row.qty > 7) throw new Error("too many");
  },
  "default values": ({ id, tags: [first = "none", second = first] }) => first + second + id,
};

const sources = new LocalContext(2);

async function called(f: (row: Order) => unknown): Promise<boolean> {
  const text = await sources.parallelize(ORDERS, 1).map(f).explain();
  return /\$v\d+ = \$b\d+\(/.test(text);
}

describe("a body in place of its call", () => {
  it.each(Object.keys(MOVABLE))("%s: gives what the call gives, from rows and from columns", async (name) => {
    const f = MOVABLE[name] as (row: Order) => unknown;
    expect(await called(f)).toBe(false);
    const expected = ORDERS.map(f);
    const rows = new LocalContext(2).parallelize(ORDERS, 3);
    expect(await rows.map(f).collect()).toEqual(expected);
    const cached = rows.map((row) => ({ ...row, tags: [...row.tags] })).cache();
    expect(await cached.map(f).collect()).toEqual(expected);
    expect(await cached.filter((row) => f(row) !== undefined).count()).toBe(
      expected.filter((value) => value !== undefined).length,
    );
  });

  it("does not take a name for a parameter's that has become something else", async () => {
    const pairs = (f: (pair: [number, number]) => unknown) =>
      new LocalContext(1)
        .range(0, 5, 1, 1)
        .map((x): [number, number] => [x, x * 10])
        .map(f)
        .collect();
    const functions: ((pair: [number, number]) => unknown)[] = [
      ([k, v]) => {
        k += 1;
        return [k, v];
      },
      ([k, v]) => {
        for (const v of [k, 7]) if (v > 5) return [k, v];
        return [k, v];
      },
      ([k, v]) => {
        [k, v] = [v, k];
        return [k, v];
      },
      ([k, v]) => {
        const add = (k: number) => k + v;
        return [k, add(1)];
      },
    ];
    for (const f of functions) {
      expect(inlineFunction(f)).toBeDefined();
      expect(await pairs(f)).toEqual([0, 1, 2, 3, 4].map((x) => f([x, x * 10])));
    }
  });

  it("leaves functions alone that could tell the difference", async () => {
    let seen = 0;
    const others: ((row: Order) => unknown)[] = [
      (row) => {
        seen += row.id;
        return seen;
      },
      (row) => {
        var total = row.id;
        return total;
      },
      (row) => {
        try {
          return JSON.parse(String(row.id));
        } catch {
          return 0;
        }
      },
      function named(row): unknown {
        return row.id > 1000 ? named(row) : row.id;
      },
      (row) => {
        outer: for (const tag of row.tags) for (const each of tag) if (each === "x") break outer;
        return row.id;
      },
      (row) => {
        function twice(x: number) {
          return 2 * x;
        }
        return twice(row.id);
      },
      (row) => [row].map(async (each) => each).length,
      (row) => () => row.id,
      (row) => {
        if (row.qty > 1) return [row.id, (x: number) => x];
        return [row.id, 1];
      },
    ];
    expect(others.map(inlineFunction)).toEqual(others.map(() => undefined));
    for (const f of others) expect(await called(f)).toBe(true);
  });

  it("reads only the columns that a body with statements reads", async () => {
    const vc = new LocalContext(1);
    const cached = vc
      .parallelize(ORDERS, 1)
      .map((row) => row)
      .cache();
    const text = await cached
      .map((row) => {
        const { qty, ...rest } = { qty: row.qty, id: row.id };
        if (qty === 0) return rest.id;
        return row.tags.length;
      })
      .explain();
    expect(text).toContain('hasFields($batch1, ["tags","id","qty"])');
    const pair = await cached
      .map((row) => [row.id, [row.qty, row.price]] as [number, [number, number]])
      .cache()
      .map(([id, [qty]]) => id + qty)
      .explain();
    expect(pair).toContain("hasElements($batch1, 2)");
  });

  it("gives a function that is called a row of the columns that it reads", async () => {
    const vc = new LocalContext(1);
    const cached = vc
      .parallelize(ORDERS, 1)
      .map((row) => row)
      .cache();
    const careful = (row: Order) => {
      try {
        return row.qty / row.price;
      } catch {
        return 0;
      }
    };
    const named = cached.map(careful);
    expect(await named.explain()).toMatch(/\$b0\(\{ "qty": \$col\d+\[\$i2\], "price": \$col\d+\[\$i2\] \}\)/);
    expect(await named.collect()).toEqual(ORDERS.map(careful));
    const second = ([, qty, ...none]: [number, number]) => qty + none.length;
    const pairs = cached.map((row): [number, number] => [row.id, row.qty]).cache();
    expect(await pairs.map(second).collect()).toEqual(ORDERS.map((row) => row.qty));
    const atLast = (row: [number, number]) => {
      try {
        return row[1];
      } finally {
        void row[1];
      }
    };
    const numbered = pairs.map(atLast);
    expect(await numbered.explain()).toMatch(/\$b0\(\[undefined, \$col\d+\[\$i2\]\]\)/);
    expect(await numbered.collect()).toEqual(ORDERS.map((row) => row.qty));
    const written = (row: Order) => {
      try {
        return JSON.stringify(row);
      } catch {
        return "";
      }
    };
    expect(await cached.map(written).explain()).not.toContain("$col");
    expect(await cached.map(written).collect()).toEqual(ORDERS.map(written));
  });

  it("blames the whole row though the function was given some of it", async () => {
    const vc = new LocalContext(1);
    const cached = vc
      .parallelize(ORDERS, 1)
      .map((row) => row)
      .cache();
    const failed = cached.map((row) => {
      try {
        if (row.qty === 3) throw new RangeError("too many");
      } finally {
        void row.price;
      }
      return row.qty;
    });
    const error = await failed.collect().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "USER_FUNCTION_FAILED",
      details: { record: expect.stringContaining("tags:") },
    });
  });

  it("names the row and the user's line when a body throws", async () => {
    const vc = new LocalContext(1);
    const failed = vc.range(0, 10, 1, 1).map((x) => {
      const half = x / 2;
      if (half === 2) throw new RangeError(`no ${x}`);
      return half;
    });
    const error = await failed.collect().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "USER_FUNCTION_FAILED", details: { record: "4" } });
    expect(((error as VolleyError).cause as Error).stack).toMatch(
      /^RangeError: no 4\n +at .*inline-function\.test\.ts/,
    );
  });

  it("tells what was thrown first where the second call would throw something else", async () => {
    const vc = new LocalContext(1);
    const failed = vc.range(0, 6, 1, 1).aggregate(
      { sum: 0 },
      (total, x) => {
        total.sum += x;
        if (total.sum > 5) throw new Error(`sum is ${total.sum}`);
        return total;
      },
      (a) => a,
    );
    const error = (await failed.catch((reason: unknown) => reason)) as VolleyError;
    expect(error).toMatchObject({ code: "USER_FUNCTION_FAILED", message: expect.stringContaining("sum is 6") });
    expect((error.cause as Error).stack).toMatch(/^Error: sum is 6\n +at .*inline-function\.test\.ts/);
  });
});
