/** Key-value methods over several RDDs: joins and cogroups. Sides that are placed by the same partitioner already are not shuffled. */

import { cogroup, join, subtractByKey } from "../operators/cogroup.js";
import { refuse, requireSameContext } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { hashLike, type Partitioning, partitionerFor } from "./default-partitioner.js";
import { Partitioner } from "./partitioner.js";
import type { RDD } from "./rdd.js";
import { baseOf, derive, RddBase } from "./rdd-base.js";
import type { KeyOf, PairsOnly, ValueOf } from "./row-types.js";

type Other<T, W> = RDD<readonly [KeyOf<T>, W]>;

/** At most this many other RDDs, as in Spark. */
const COGROUP_OTHERS_MAX = 3;

export abstract class Joining<T> extends RddBase {
  /**
   * `[key, [v, w]]` for every value of this RDD with every value of the other of the same key.
   *
   * @param by number of partitions, or a Partitioner; by default the larger partitioner among both sides if it is large enough, else as many
   *   partitions as the larger side has
   * @example users.join(orders) // RDD<[id, [User, Order]]>
   * @see Spark's PairRDDFunctions.join
   */
  join<W>(this: PairsOnly<T>, other: Other<T, W>, by?: Partitioning): RDD<[KeyOf<T>, [ValueOf<T>, W]]> {
    return joined(this, other, by, "join", { left: false, right: false });
  }

  /**
   * A join that keeps every row of this RDD: `[key, [v, undefined]]` where the other has none of that key.
   *
   * @example users.leftOuterJoin(orders).filter(([, [, order]]) => order === undefined) // users without orders
   * @see Spark's PairRDDFunctions.leftOuterJoin
   */
  leftOuterJoin<W>(
    this: PairsOnly<T>,
    other: Other<T, W>,
    by?: Partitioning,
  ): RDD<[KeyOf<T>, [ValueOf<T>, W | undefined]]> {
    return joined(this, other, by, "leftOuterJoin", { left: true, right: false });
  }

  /**
   * A join that keeps every row of the other RDD: `[key, [undefined, w]]` where this one has none of that key.
   *
   * @example users.rightOuterJoin(orders) // every order, with its user if there is one
   * @see Spark's PairRDDFunctions.rightOuterJoin
   */
  rightOuterJoin<W>(
    this: PairsOnly<T>,
    other: Other<T, W>,
    by?: Partitioning,
  ): RDD<[KeyOf<T>, [ValueOf<T> | undefined, W]]> {
    return joined(this, other, by, "rightOuterJoin", { left: false, right: true });
  }

  /**
   * A join that keeps every row of both; `undefined` stands for the missing side.
   *
   * @example monday.fullOuterJoin(tuesday) // [id, [a, undefined]], [id, [a, b]], [id, [undefined, b]]
   * @see Spark's PairRDDFunctions.fullOuterJoin
   */
  fullOuterJoin<W>(
    this: PairsOnly<T>,
    other: Other<T, W>,
    by?: Partitioning,
  ): RDD<[KeyOf<T>, [ValueOf<T> | undefined, W | undefined]]> {
    return joined(this, other, by, "fullOuterJoin", { left: true, right: true });
  }

  /**
   * `[key, [values of this RDD, values of the other, ...]]` for each key of any of them; up to three others, then optionally the number of partitions
   * or a Partitioner.
   *
   * @example users.cogroup(orders, visits) // RDD<[id, [User[], Order[], Visit[]]]>
   * @see Spark's PairRDDFunctions.cogroup
   */
  cogroup<W>(this: PairsOnly<T>, other: Other<T, W>, by?: Partitioning): RDD<[KeyOf<T>, [ValueOf<T>[], W[]]]>;
  cogroup<W1, W2>(
    this: PairsOnly<T>,
    other1: Other<T, W1>,
    other2: Other<T, W2>,
    by?: Partitioning,
  ): RDD<[KeyOf<T>, [ValueOf<T>[], W1[], W2[]]]>;
  cogroup<W1, W2, W3>(
    this: PairsOnly<T>,
    other1: Other<T, W1>,
    other2: Other<T, W2>,
    other3: Other<T, W3>,
    by?: Partitioning,
  ): RDD<[KeyOf<T>, [ValueOf<T>[], W1[], W2[], W3[]]]>;
  cogroup(this: RddBase, ...others: never[]): RDD<never> {
    return grouped(this, others, "cogroup");
  }

  /**
   * The same as `cogroup`.
   *
   * @example users.groupWith(orders)
   * @see Spark's PairRDDFunctions.groupWith
   */
  groupWith<W>(this: PairsOnly<T>, other: Other<T, W>): RDD<[KeyOf<T>, [ValueOf<T>[], W[]]]>;
  groupWith<W1, W2>(
    this: PairsOnly<T>,
    other1: Other<T, W1>,
    other2: Other<T, W2>,
  ): RDD<[KeyOf<T>, [ValueOf<T>[], W1[], W2[]]]>;
  groupWith<W1, W2, W3>(
    this: PairsOnly<T>,
    other1: Other<T, W1>,
    other2: Other<T, W2>,
    other3: Other<T, W3>,
  ): RDD<[KeyOf<T>, [ValueOf<T>[], W1[], W2[], W3[]]]>;
  groupWith(this: RddBase, ...others: never[]): RDD<never> {
    return grouped(this, others, "groupWith");
  }

  /**
   * The rows of this RDD whose key the other has not; equal rows stay.
   *
   * @param by by default this RDD's own partitioner, or as many partitions as it has
   * @example users.subtractByKey(blocked)
   * @see Spark's PairRDDFunctions.subtractByKey
   */
  subtractByKey<W>(this: PairsOnly<T>, other: Other<T, W>, by?: Partitioning): RDD<T> {
    const rdd = baseOf(this);
    requireSameContext([rdd, other], "subtractByKey");
    const partitioner =
      by === undefined ? (rdd.node.partitioner ?? hashLike([rdd])) : partitionerFor([rdd], by, "subtractByKey");
    return derive(this, new CallSite("subtractByKey"), (make, parent) =>
      subtractByKey(make, parent, other.node, partitioner),
    );
  }
}

function joined<U>(
  self: unknown,
  other: RddBase,
  by: Partitioning | undefined,
  method: string,
  keep: { left: boolean; right: boolean },
): RDD<U> {
  const rdd = baseOf(self);
  requireSameContext([rdd, other], method);
  const partitioner = partitionerFor([rdd, other], by, method);
  return derive(self, new CallSite(method), (make, parent) => join(make, parent, other.node, partitioner, keep));
}

function grouped(self: unknown, args: readonly unknown[], method: string): RDD<never> {
  const rdd = baseOf(self);
  const last = args.at(-1);
  const hasBy = last === undefined || typeof last === "number" || last instanceof Partitioner;
  const others = (hasBy ? args.slice(0, -1) : args) as readonly RddBase[];
  if (others.length < 1 || others.length > COGROUP_OTHERS_MAX)
    refuse(`${method} takes one to ${COGROUP_OTHERS_MAX} other RDDs`);
  requireSameContext([rdd, ...others], method);
  const partitioner = partitionerFor([rdd, ...others], hasBy ? (last as Partitioning | undefined) : undefined, method);
  return derive(self, new CallSite(method), (make, parent) =>
    cogroup(make, [parent, ...others.map((other) => other.node)], partitioner),
  );
}
