/**
 * The fluent handle on a lineage node. A transformation makes a new node and returns a new handle; nothing runs before an action does.
 *
 * The methods stand in files of their own, by concept: this class is their sum. At run time every method is there on every RDD; at compile
 * time key-value methods are callable on RDDs of pairs only and numeric ones on RDDs of numbers. To add a method, put it in the group it belongs
 * to; a public method takes one `CallSite`, which all the nodes that it makes carry.
 */

import { Aggregating } from "./aggregating.js";
import { Approximate } from "./approximate.js";
import { Async } from "./async.js";
import { Combining } from "./combining.js";
import { Joining } from "./joining.js";
import { KeySampling } from "./key-sampling.js";
import { KeyValue } from "./key-value.js";
import { Numeric } from "./numeric.js";
import { Ordered } from "./ordered.js";
import { Ordering } from "./ordering.js";
import { Persistence } from "./persistence.js";
import { Questions } from "./questions.js";
import { mixIn, RddBase } from "./rdd-base.js";
import { Reading } from "./reading.js";
import { Sampling } from "./sampling.js";
import { Saving } from "./saving.js";
import { SetOperations } from "./set-operations.js";
import { Transformations } from "./transformations.js";
import { Tree } from "./tree.js";
import { Zipping } from "./zipping.js";

/**
 * An immutable, lazy, partitioned dataset of rows of type T.
 *
 * An RDD of a subtype may stand where one of a supertype is wanted. The compiler takes that from `out`; its own check of the word gives up on the
 * conditional types of methods that only some RDDs have.
 *
 * @see Spark's RDD
 * @ts-expect-error the conditional types */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface lists the groups whose methods are mixed in below
export class RDD<out T> extends RddBase {
  /** The rows' type; there is no such field. */
  declare protected readonly rowType: T;
}

/** @ts-expect-error as above */
export interface RDD<out T>
  extends Transformations<T>,
    SetOperations<T>,
    KeyValue<T>,
    Combining<T>,
    Joining<T>,
    Ordering<T>,
    Aggregating<T>,
    KeySampling<T>,
    Tree<T>,
    Zipping<T>,
    Sampling<T>,
    Ordered<T>,
    Numeric<T>,
    Async<T>,
    Approximate<T>,
    Reading<T>,
    Saving,
    Persistence<T>,
    Questions<T> {}

mixIn(RDD, [
  Transformations,
  SetOperations,
  KeyValue,
  Combining,
  Joining,
  Ordering,
  Aggregating,
  KeySampling,
  Tree,
  Zipping,
  Sampling,
  Ordered,
  Numeric,
  Async,
  Approximate,
  Reading,
  Saving,
  Persistence,
  Questions,
]);
