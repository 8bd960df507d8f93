/** Values of every kind that a row may be, made from a seed, and one text for each value that the engine takes for one key. */

import { Prng } from "@volley/engine/lib/prng.js";

/** Few different ones, so that keys meet. Fields are missing, undefined or null, and one field is not always of one type. */
export interface Item {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly unknown[];
  readonly note?: unknown;
  readonly at?: Date | null | undefined;
  readonly size?: { readonly w: number; readonly h?: number };
}

export type Pair = [unknown, unknown];

const TEXTS = [
  "",
  "a",
  "b",
  "ab",
  "ö",
  "日本",
  "😀",
  "a\u0000b",
  "\ud800",
  "A b c",
  "10",
  "9",
  "__proto__",
  "longer than a few letters",
];
const NUMBERS = [
  0,
  -0,
  1,
  2,
  3,
  -1,
  0.5,
  -2.5,
  NaN,
  Infinity,
  -Infinity,
  2 ** 31,
  2 ** 32 + 1,
  -(2 ** 31) - 1,
  2 ** 53,
  1e-300,
  255,
  256,
];

export class Random {
  readonly #prng: Prng;

  constructor(seed: number) {
    this.#prng = new Prng(seed);
  }

  int(below: number): number {
    return this.#prng.nextInt(below);
  }

  /** True once in `n`. */
  once(n: number): boolean {
    return this.int(n) === 0;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(choices.length)] as T;
  }

  list<T>(length: number, make: () => T): T[] {
    return Array.from({ length }, make);
  }

  number(): number {
    return this.once(3) ? this.pick(NUMBERS) : this.int(20) - 5;
  }

  text(): string {
    return this.once(4) ? `${this.pick(TEXTS)}${this.int(3)}` : this.pick(TEXTS);
  }

  item(): Item {
    const item: Record<string, unknown> = this.once(8)
      ? { name: this.text(), id: this.int(9) }
      : { id: this.int(9), name: this.text() };
    item["tags"] = this.list(this.int(4), () => (this.once(6) ? this.text() : this.number()));
    if (this.once(3)) item["note"] = this.pick([null, undefined, 1, "note", true, ["x", 1], { deep: { er: 1 } }]);
    if (!this.once(3)) item["at"] = this.once(5) ? this.pick([null, undefined]) : new Date(this.int(5) * 1e9);
    if (this.once(3)) item["size"] = this.once(2) ? { w: this.int(3), h: this.number() } : { w: this.int(3) };
    return item as unknown as Item;
  }

  /** What may be a key: nested to `depth`. */
  key(depth = 2): unknown {
    const kind = this.int(depth > 0 ? 14 : 10);
    if (kind < 3) return this.number();
    if (kind < 6) return this.text();
    if (kind === 6) return this.pick([null, undefined]);
    if (kind === 7) return this.once(2);
    if (kind === 8) return new Date(this.pick([0, 1, 1.7e12, -1]));
    if (kind === 9) return this.pick([0n, 1n, -5n, 2n ** 70n]);
    if (kind < 12) return this.list(this.int(4), () => this.key(depth - 1));
    if (kind === 12)
      return Object.fromEntries(this.list(this.int(3), () => [this.pick(["a", "b", "c d", "0"]), this.key(depth - 1)]));
    return this.item();
  }

  /** Keys of one type mostly, as programs have them. */
  keys(length: number): unknown[] {
    const kind = this.int(6);
    return this.list(length, () => {
      if (kind === 0) return this.int(6);
      if (kind === 1) return this.text();
      if (kind === 2) return [this.int(3), this.pick(TEXTS)];
      if (kind === 3) return this.number();
      return this.key();
    });
  }

  value(): unknown {
    const kind = this.int(12);
    if (kind === 0) return new Map(this.list(this.int(3), () => [this.key(0), this.key(1)]));
    if (kind === 1) return new Set(this.list(this.int(3), () => this.key(0)));
    if (kind === 2) return Uint8Array.from(this.list(this.int(5), () => this.int(256)));
    if (kind === 3) return Float64Array.from(this.list(3, () => this.number()));
    if (kind === 4) return this.list(this.int(3), () => this.value());
    return this.key();
  }

  values(length: number): unknown[] {
    const kind = this.int(6);
    return this.list(length, () => {
      if (kind === 0) return this.int(100);
      if (kind === 1) return this.text();
      if (kind === 2) return [this.number(), this.number()];
      if (kind === 3) return this.item();
      if (kind === 4) return Float64Array.from(this.list(3, () => this.int(9) / 2));
      return this.value();
    });
  }
}

/** One text for each value: two keys are one where their texts are. `zeros` tells -0 from 0, which are one key. */
export function textOf(value: unknown, zeros = false): string {
  const inner = (item: unknown) => textOf(item, zeros);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return zeros && Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `[${Array.from(value, inner).join(",")}]`;
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (value instanceof Map) return `Map ${inner([...value])}`;
  if (value instanceof Set) return `Set ${inner([...value])}`;
  if (value instanceof Uint8Array) return `bytes ${value.join(" ")}`;
  if (value instanceof Float64Array) return `doubles ${inner([...value])}`;
  if (value === null || typeof value !== "object") return String(value);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}:${inner(field)}`);
  return `{${fields.sort().join(",")}}`;
}

/** Rows in the order of their texts. */
export function byText<T>(rows: Iterable<T>): T[] {
  const keyed = Array.from(rows, (row): [string, T] => [textOf(row), row]);
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row);
}

/** Sorted, stable; in boxes, since `Array.prototype.sort` asks no comparator about `undefined`. */
export function inOrder<T>(rows: Iterable<T>, compare: (a: T, b: T) => number): T[] {
  const boxes = Array.from(rows, (row) => ({ row }));
  return boxes.sort((a, b) => compare(a.row, b.row)).map(({ row }) => row);
}
