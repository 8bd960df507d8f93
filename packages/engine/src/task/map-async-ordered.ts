/** Bounded concurrency over rows, results in order: the runtime of mapAsync, flatMapAsync and filterAsync. */

import { RowFailure } from "./row-failure.js";
import type { TaskIo } from "./task-io.js";

interface Pending {
  readonly row: unknown;
  readonly value: Promise<unknown>;
}

export async function* mapAsyncOrdered(
  rows: Iterable<unknown> | AsyncIterable<unknown>,
  f: (row: unknown) => unknown,
  concurrency: number,
  result: (value: unknown, row: unknown) => unknown,
  io: TaskIo,
): AsyncGenerator<unknown> {
  // A ring would save the shifts, but `concurrency` is small and the calls are asynchronous.
  const pending: Pending[] = [];
  const first = async (): Promise<unknown> => {
    const { row, value } = pending.shift() as Pending;
    try {
      return result(await value, row);
    } catch (error) {
      throw new RowFailure(row, error);
    }
  };
  try {
    for await (const row of rows) {
      io.checkCancelled();
      const value = (async () => f(row))();
      // Its rejection is thrown where its turn comes; until then it must not count as unhandled.
      value.catch(() => undefined);
      pending.push({ row, value });
      if (pending.length >= concurrency) yield await first();
    }
    while (pending.length > 0) yield await first();
  } finally {
    // Nothing of a partition runs on after it has failed or was left.
    await Promise.allSettled(pending.map(({ value }) => value));
  }
}
