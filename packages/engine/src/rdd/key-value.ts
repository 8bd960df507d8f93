/** Key-value methods that look at pairs one by one, or bring them to the driver. */

import { collectPairs } from "../actions/collect-pairs.js";
import { countByKey } from "../actions/count-by-key.js";
import { lookup } from "../actions/lookup.js";
import { reduceByKeyLocally } from "../actions/reduce-by-key-locally.js";
import { KeyMap } from "../lib/key-map.js";
import { keys, values } from "../operators/keys-values.js";
import { flatMapValues, mapValues } from "../operators/map-values.js";
import { partitionBy } from "../operators/partition-by.js";
import { refuse, requireActionOptions, requireFunction, requirePartitioner } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { onDriver } from "./on-driver.js";
import { type Partitioner, RangePartitioner } from "./partitioner.js";
import type { RDD } from "./rdd.js";
import { baseOf, derive, RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";
import { concat } from "./reading.js";
import type { KeyOf, Loose, LooseValues, PairsOnly, Row, ValueOf } from "./row-types.js";

export abstract class KeyValue<T> extends RddBase {
  /**
   * The keys of the pairs, equal ones too.
   *
   * @example vc.parallelize([["a", 1], ["b", 2]]).keys() // "a", "b"
   * @throws NOT_A_PAIR (from the task)
   * @see Spark's PairRDDFunctions.keys
   */
  keys(this: PairsOnly<T>): RDD<KeyOf<T>> {
    return derive(this, new CallSite("keys"), keys);
  }

  /**
   * The values of the pairs.
   *
   * @example vc.parallelize([["a", 1], ["b", 2]]).values() // 1, 2
   * @see Spark's PairRDDFunctions.values
   */
  values(this: PairsOnly<T>): RDD<ValueOf<T>> {
    return derive(this, new CallSite("values"), values);
  }

  /**
   * `[key, f(value)]` for each pair. Keeps the partitioner, which `map` cannot.
   *
   * @example pairs.mapValues((n) => n * 2)
   * @see Spark's PairRDDFunctions.mapValues
   */
  mapValues<U extends Row>(this: PairsOnly<T>, f: (value: ValueOf<T>) => U): RDD<[KeyOf<T>, U]> {
    requireFunction(f, "mapValues");
    return derive(this, new CallSite("mapValues"), (make, parent) => mapValues(make, parent, f));
  }

  /**
   * Each key with every element of what `f` gives for its value: any iterable. Keeps the partitioner.
   *
   * @example vc.parallelize([["a", "x y"]]).flatMapValues((text) => text.split(" ")) // ["a", "x"], ["a", "y"]
   * @see Spark's PairRDDFunctions.flatMapValues
   */
  flatMapValues<U extends Row>(this: PairsOnly<T>, f: (value: ValueOf<T>) => Iterable<U>): RDD<[KeyOf<T>, U]> {
    requireFunction(f, "flatMapValues");
    return derive(this, new CallSite("flatMapValues"), (make, parent) => flatMapValues(make, parent, f));
  }

  /**
   * The pairs, each in the partition of its key. Nothing is done where they are placed so already.
   *
   * @example const links = pairs.partitionBy(new HashPartitioner(8)).cache() // joins with it shuffle only the other side
   * @throws INVALID_PARTITIONER (from the task) when the partitioner gives no partition of its own
   * @see Spark's PairRDDFunctions.partitionBy
   */
  partitionBy(this: PairsOnly<T>, partitioner: Partitioner): RDD<T> {
    const rdd = baseOf(this);
    requirePartitioner(partitioner, "partitionBy", [rdd]);
    const { partitioner: own } = rdd.node;
    if (own?.equals(partitioner) === true) return this as unknown as RDD<T>;
    return derive(this, new CallSite("partitionBy"), (make, parent) => partitionBy(make, parent, partitioner));
  }

  /**
   * All pairs as a Map that finds keys by value; of equal keys the last one stays.
   *
   * @example (await pairs.collectAsMap()).get("a")
   * @see Spark's PairRDDFunctions.collectAsMap
   */
  async collectAsMap(this: PairsOnly<T>, options?: ActionOptions): Promise<Map<KeyOf<T>, ValueOf<T>>> {
    requireActionOptions(options, "collectAsMap");
    const { context, node } = baseOf(this);
    const parts = await context.runJob({ node, sink: collectPairs(), site: new CallSite("collectAsMap"), options });
    const map = new KeyMap<KeyOf<T>, ValueOf<T>>();
    for (const part of parts) for (const row of part) map.set(...(row as readonly [KeyOf<T>, ValueOf<T>]));
    return map.simplest();
  }

  /**
   * The number of pairs of each key, as a Map that finds keys by value.
   *
   * @example await vc.parallelize([["a", 1], ["a", 2]]).countByKey() // Map { "a" => 2 }
   * @see Spark's PairRDDFunctions.countByKey
   */
  async countByKey(this: PairsOnly<T>, options?: ActionOptions): Promise<Map<KeyOf<T>, number>> {
    requireActionOptions(options, "countByKey");
    const { context, node } = baseOf(this);
    return addCounts(await context.runJob({ node, sink: countByKey(), site: new CallSite("countByKey"), options }));
  }

  /**
   * The values of one key, in their order. Where the partitioner is known, only that key's partition is computed.
   *
   * @example await pairs.lookup("a")
   * @see Spark's PairRDDFunctions.lookup
   */
  async lookup(this: PairsOnly<T>, key: KeyOf<T>, options?: ActionOptions): Promise<ValueOf<T>[]> {
    requireActionOptions(options, "lookup");
    const { context, node } = baseOf(this);
    const { partitioner } = node;
    const site = new CallSite("lookup");
    const partitions = (numPartitions: number) => {
      const known =
        numPartitions > 0 &&
        partitioner !== undefined &&
        (!(partitioner instanceof RangePartitioner) || partitioner.bounds !== undefined);
      return known ? [placeOf(key, partitioner, site)] : Array.from({ length: numPartitions }, (_, index) => index);
    };
    return concat(await context.runJob({ node, sink: lookup(key), partitions, site, options }));
  }

  /**
   * The values of each key merged by `f`, as a Map on the driver that finds keys by value. Each partition is merged on its executor.
   *
   * @example await counts.reduceByKeyLocally((a, b) => a + b)
   * @see Spark's PairRDDFunctions.reduceByKeyLocally
   */
  reduceByKeyLocally(
    this: LooseValues<T>,
    f: (a: Loose<ValueOf<T>>, b: Loose<ValueOf<T>>) => Loose<ValueOf<T>>,
    options?: ActionOptions,
  ): Promise<Map<KeyOf<T>, Loose<ValueOf<T>>>>;
  reduceByKeyLocally(
    this: PairsOnly<T>,
    f: (a: ValueOf<T>, b: ValueOf<T>) => ValueOf<T>,
    options?: ActionOptions,
  ): Promise<Map<KeyOf<T>, ValueOf<T>>>;
  async reduceByKeyLocally(
    this: RddBase,
    f: (a: never, b: never) => unknown,
    options?: ActionOptions,
  ): Promise<Map<never, never>> {
    requireFunction(f, "reduceByKeyLocally");
    requireActionOptions(options, "reduceByKeyLocally");
    const { context, node } = baseOf(this);
    const site = new CallSite("reduceByKeyLocally");
    const parts = await context.runJob({ node, sink: reduceByKeyLocally(f), site, options });
    const merge = onDriver(f, site);
    const map = new KeyMap<unknown, unknown>();
    for (const part of parts) {
      for (const [key, value] of part as readonly (readonly [unknown, unknown])[])
        map.set(key, map.has(key) ? merge(map.get(key), value) : value);
    }
    return map.simplest() as Map<never, never>;
  }
}

/** The partition of a key, asked of a partitioner on the driver. */
function placeOf(key: unknown, partitioner: Partitioner, site: CallSite): number {
  const { numPartitions } = partitioner;
  const place = onDriver((of: Partitioner, what: unknown) => of.getPartition(what), site)(partitioner, key);
  if (Number.isInteger(place) && (place as number) >= 0 && (place as number) < numPartitions) return place as number;
  return refuse(
    `getPartition gave ${String(place)}; it must give an integer from 0 to ${numPartitions - 1}`,
    "INVALID_PARTITIONER",
  );
}

/** Counts of several partitions, rows `[key, count]`, in one Map. */
export function addCounts<K>(parts: readonly (readonly unknown[])[]): Map<K, number> {
  const counts = new KeyMap<K, number>();
  for (const part of parts)
    for (const [key, count] of part as readonly (readonly [K, number])[])
      counts.set(key, (counts.get(key) ?? 0) + count);
  return counts.simplest();
}
