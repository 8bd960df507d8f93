/** What an RDD says about itself. What needs no look at files or rows is a getter or a plain method; the rest are promises. */

import { INSPECT } from "../lib/inspect-symbol.js";
import { operatorOf } from "../operators/define-operator.js";
import { refuse, requireInteger } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { type Dependency, dependenciesOf } from "./dependency.js";
import type { Partitioner } from "./partitioner.js";
import type { RDD } from "./rdd.js";
import { RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";
import { checkedAt } from "./refused-at.js";

/** A part of an RDD. */
export interface Partition {
  /** From 0. */
  readonly index: number;
}

export abstract class Questions<T> extends RddBase {
  /**
   * The RDD's number, unique in its context.
   *
   * @see Spark's RDD.id
   */
  get id(): number {
    return this.node.id;
  }

  /**
   * The name given by `setName`; undefined when there is none.
   *
   * @see Spark's RDD.name
   */
  get name(): string | undefined {
    return this.context.settingsOf(this.node).name;
  }

  /**
   * Gives this RDD a name for `toDebugString` and the user interface. Returns this RDD.
   *
   * @example const links = lines.map(parse).setName("links")
   * @see Spark's RDD.setName
   */
  setName(name: string): RDD<T> {
    if (typeof name !== "string") refuse("setName takes a string");
    this.context.settingsOf(this.node).name = name;
    return this as unknown as RDD<T>;
  }

  /**
   * How keys are placed, when that is known.
   *
   * @see Spark's RDD.partitioner
   */
  get partitioner(): Partitioner | undefined {
    return this.node.partitioner;
  }

  /**
   * The RDDs that this one is made of, and whether it needs a shuffle of them.
   *
   * @see Spark's RDD.dependencies
   */
  get dependencies(): readonly Dependency[] {
    return dependenciesOf(this);
  }

  /**
   * The number of partitions. May list files or sample keys.
   *
   * @example await vc.range(0, 10, 1, 4).getNumPartitions() // 4
   * @see Spark's RDD.getNumPartitions
   */
  getNumPartitions(options?: ActionOptions): Promise<number> {
    return this.context.numPartitions(this.node, options);
  }

  /**
   * The partitions: objects with their `index`.
   *
   * @example for (const { index } of await rdd.partitions()) console.log(index)
   * @see Spark's RDD.partitions
   */
  async partitions(options?: ActionOptions): Promise<Partition[]> {
    const count = await this.context.numPartitions(this.node, options);
    return Array.from({ length: count }, (_, index) => Object.freeze({ index }));
  }

  /**
   * Hosts or executors where a partition (its index, or an object with it) would best be computed; none when it does not matter.
   *
   * @example await cached.preferredLocations(0)
   * @see Spark's RDD.preferredLocations
   */
  async preferredLocations(partition: number | Partition): Promise<readonly string[]> {
    const index: unknown = typeof partition === "object" && partition !== null ? partition.index : partition;
    const site = new CallSite("preferredLocations");
    const count = await this.context.numPartitions(this.node);
    checkedAt(site, () => requireInteger(index, "preferredLocations", "the partition", 0, count - 1));
    return this.context.preferredLocations(this.node, index as number);
  }

  /**
   * The lineage as text, Spark's form: `(n)` with the number of partitions, names, what is cached.
   *
   * @example console.log(await counts.toDebugString())
   * @see Spark's RDD.toDebugString
   */
  toDebugString(): Promise<string> {
    return this.context.toDebugString(this.node);
  }

  /**
   * The stages that `collect` would run, and the source text of their fused functions. Not in Spark.
   *
   * @example console.log(await counts.explain())
   */
  explain(): Promise<string> {
    return this.context.explain(this.node);
  }

  /**
   * `mine MapPartitionsRDD[3] at map at words.ts:12`: Spark's form.
   *
   * @example String(lines.setName("lines")) // lines MapPartitionsRDD[1] at textFile at words.ts:3
   * @see Spark's RDD.toString
   */
  override toString(): string {
    const { name } = this;
    return `${name === undefined ? "" : `${name} `}${operatorOf(this.node).label}[${this.node.id}] at ${this.node.site}`;
  }

  /** What `console.log` shows: the line, not the context and the lineage behind the handle. */
  [INSPECT](): string {
    return this.toString();
  }

  /**
   * The same line: what a forgotten `collect()` writes into JSON. Not in Spark.
   *
   * @example JSON.stringify(lines) // the line, in quotes
   */
  toJSON(): string {
    return this.toString();
  }
}
