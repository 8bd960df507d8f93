/** Applies `f` to all items, at most `limit` at a time; results in the order of the items. The first rejection ends it. */
export async function mapBounded<T, R>(items: readonly T[], limit: number, f: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await f(items[index] as T);
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    next = items.length;
    throw error;
  }
  return results;
}
