/** Which rows of each key of a partition are drawn, when their numbers are given. */

import { KeyMap } from "../lib/key-map.js";
import { mixSeed, Prng } from "../lib/prng.js";
import { VolleyError } from "../wire/errors.js";

interface Left {
  rows: number;
  drawn: number;
  readonly random: Prng;
  /** With replacement: how often the rows that are still to come are drawn, by their number. */
  readonly times: ReadonlyMap<number, number> | undefined;
}

export class ExactDraws {
  readonly #left = new KeyMap<unknown, Left>();

  constructor(
    quotas: readonly (readonly [key: unknown, rows: number, drawn: number])[],
    seed: number,
    partition: number,
    withReplacement: boolean,
  ) {
    for (const [index, [key, rows, drawn]] of quotas.entries()) {
      const random = new Prng(mixSeed(seed, partition, index));
      this.#left.set(key, { rows, drawn, random, times: withReplacement ? drawRows(rows, drawn, random) : undefined });
    }
  }

  /** How often the next row of a key is drawn. */
  next(key: unknown): number {
    const left = this.#left.get(key);
    if (left === undefined || left.rows === 0) {
      throw new VolleyError(
        "NONDETERMINISTIC_OUTPUT",
        "the rows of sampleByKeyExact differ from those that it counted",
      );
    }
    left.rows--;
    if (left.times !== undefined) return left.times.get(left.rows) ?? 0;
    // Knuth's algorithm S: of the rows left, those still wanted are equally likely to be any.
    if (left.random.nextDouble() * (left.rows + 1) >= left.drawn) return 0;
    left.drawn--;
    return 1;
  }
}

function drawRows(rows: number, drawn: number, random: Prng): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (let draw = 0; draw < drawn; draw++) {
    const row = random.nextInt(rows);
    times.set(row, (times.get(row) ?? 0) + 1);
  }
  return times;
}
