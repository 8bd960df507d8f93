/** Slots in the order of their partitions, and where each partition ends among them. */
export function byPartition(partitions: Uint32Array, numPartitions: number): { slots: Uint32Array; ends: Uint32Array } {
  const ends = new Uint32Array(numPartitions);
  for (const partition of partitions) ends[partition] = (ends[partition] as number) + 1;
  let start = 0;
  for (let partition = 0; partition < numPartitions; partition++) {
    const size = ends[partition] as number;
    ends[partition] = start;
    start += size;
  }
  const slots = new Uint32Array(partitions.length);
  for (let slot = 0; slot < slots.length; slot++) {
    const partition = partitions[slot] as number;
    const at = ends[partition] as number;
    slots[at] = slot;
    ends[partition] = at + 1;
  }
  return { slots, ends };
}
