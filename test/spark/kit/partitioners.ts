import { Partitioner } from "volley";

/** A user's partitioner: keys modulo the number of partitions, without an equality of its own. */
export class ByModulo extends Partitioner {
  override getPartition(key: unknown): number {
    return (key as number) % this.numPartitions;
  }
}

/** The same with an equality. */
export class EqualByModulo extends ByModulo {
  override equals(other: unknown): boolean {
    return other instanceof EqualByModulo && other.numPartitions === this.numPartitions;
  }
}

/** Gives keys themselves, whatever they are. */
export class ByItself extends Partitioner {
  override getPartition(key: unknown): number {
    return key as number;
  }
}
