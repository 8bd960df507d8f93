/** Which blocks leave memory for a new one: least recently used first, as Spark's MemoryStore chooses. */

export interface EvictionCandidate {
  readonly name: string;
  readonly bytes: number;
  /** Blocks of one RDD share a group: a partition never pushes out another of its own RDD, or a scan would evict all it had cached. */
  readonly group: string | undefined;
  /** Being moved or otherwise in use. */
  readonly busy: boolean;
}

/** Names to evict so that `wanted` bytes come free, or undefined when even all candidates would not do (then none is evicted in vain). */
export function planEviction(
  leastRecentFirst: Iterable<EvictionCandidate>,
  wanted: number,
  group: string | undefined,
): readonly string[] | undefined {
  if (wanted <= 0) return [];
  const names: string[] = [];
  let freed = 0;
  for (const candidate of leastRecentFirst) {
    if (candidate.busy || (group !== undefined && candidate.group === group)) continue;
    names.push(candidate.name);
    freed += candidate.bytes;
    if (freed >= wanted) return names;
  }
  return undefined;
}
