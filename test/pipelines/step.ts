/** A step of a random pipeline: what it does to an RDD, and the same to an array. */

import type { RDD, VolleyContext } from "volley";
import type { Item, Pair, Random } from "./values.ts";

/** What rows are known to be; `any` is whatever may be a key. */
export interface Kinds {
  number: number;
  text: string;
  item: Item;
  any: unknown;
  pair: Pair;
}
export type Kind = keyof Kinds;

/** A point of a pipeline. `ordered`: the rows come in this order; else any. */
export interface Point<K extends Kind = Kind> {
  readonly kind: K;
  readonly rdd: RDD<Kinds[K]>;
  readonly rows: readonly Kinds[K][];
  readonly ordered: boolean;
}

/** What a step may use: earlier points of its pipeline among it. */
export interface World {
  readonly vc: VolleyContext;
  readonly random: Random;
  /** An earlier point of that kind, or rows made for it. */
  other<K extends Kind>(kind: K): Point<K>;
}

export interface Step {
  readonly name: string;
  readonly from: Kind;
  readonly to: Kind;
  /** Its answer depends on the order of rows. */
  readonly needsOrder: boolean;
  readonly take: (point: Point, world: World) => Point;
}

type Order = "keeps" | "loses" | "needs";

interface Sides<F, T> {
  readonly rdd: RDD<T>;
  readonly rows: readonly T[];
  /** False where the other side of the step has none. */
  readonly ordered?: boolean;
  readonly from?: F;
}

/** Defines a step of which both sides come out of one function. */
export function step<F extends Kind, T extends Kind>(
  from: F,
  to: T,
  order: Order,
  name: string,
  take: (point: Point<F>, world: World) => Sides<Kinds[F], Kinds[T]>,
): Step {
  return {
    name,
    from,
    to,
    needsOrder: order === "needs",
    take(point, world) {
      const { rdd, rows, ordered = true } = take(point as unknown as Point<F>, world);
      return { kind: to, rdd, rows, ordered: ordered && point.ordered && order !== "loses" } as unknown as Point;
    },
  };
}

/** A `map` whose function is the same on both sides. */
export function mapStep<F extends Kind, T extends Kind>(from: F, to: T, f: (row: Kinds[F]) => Kinds[T]): Step {
  return step(from, to, "keeps", `map ${f}`, ({ rdd, rows }) => ({ rdd: rdd.map(f), rows: rows.map((row) => f(row)) }));
}

export function filterStep<F extends Kind>(from: F, f: (row: Kinds[F]) => boolean): Step {
  return step(from, from, "keeps", `filter ${f}`, ({ rdd, rows }) => ({
    rdd: rdd.filter(f),
    rows: rows.filter((row) => f(row)),
  }));
}

export function flatMapStep<F extends Kind, T extends Kind>(
  from: F,
  to: T,
  f: (row: Kinds[F]) => readonly Kinds[T][],
): Step {
  return step(from, to, "keeps", `flatMap ${f}`, ({ rdd, rows }) => ({
    rdd: rdd.flatMap(f),
    rows: rows.flatMap((row) => f(row)),
  }));
}
