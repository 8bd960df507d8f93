/**
 * How the types of rows flow. Methods that only some RDDs have take `this` as a conditional type of the row, and the types of their
 * functions are conditional too: were `K` and `V` inferred from `this: RDD<[K, V]>`, then `(a, b) => [a[0] + b[0], a[1] + b[1]]` would
 * no longer infer a tuple.
 */

import type { RddBase } from "./rdd-base.js";

/**
 * Any row. As the bound of a type parameter it makes TypeScript infer tuples from array literals (`[word, 1]` is `[string, number]`, nested
 * ones too) without making literals stick.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a result is a row of undefined
export type Row = Row[] | [] | {} | null | undefined | void;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** The key of a row `[key, value]`. */
// biome-ignore lint/suspicious/noExplicitAny: rows of type any have keys of type any
export type KeyOf<T> = IsAny<T> extends true ? any : T extends readonly [infer K, unknown] ? K : never;

/** The value of a row `[key, value]`. */
// biome-ignore lint/suspicious/noExplicitAny: rows of type any have values of type any
export type ValueOf<T> = IsAny<T> extends true ? any : T extends readonly [unknown, infer V] ? V : never;

/**
 * What `this` must be where the rows do not fit: no RDD is one, and the name of the missing property is the compiler's message. It is still an
 * RddBase, so that `RDD<[string, number]>` may be handed to what takes an `RDD<unknown>`.
 */
type Mismatch<Message extends string> = RddBase & { readonly [message in Message]: never };

/** `this` of the key-value methods. */
export type PairsOnly<T> = [T] extends [readonly [unknown, unknown]]
  ? RddBase
  : Mismatch<"the rows of this RDD are not [key, value] pairs">;

/** `this` of the numeric methods. */
export type NumbersOnly<T> = [T] extends [number] ? RddBase : Mismatch<"the rows of this RDD are not numbers">;

/**
 * What two such values may become when they are merged: `[x]` was inferred as a tuple of one, but lists are concatenated; `0 | 1` was
 * inferred from literals, but numbers are added.
 */
export type Loose<T> = T extends readonly [infer X]
  ? X[]
  : T extends number
    ? number
    : T extends string
      ? string
      : T extends bigint
        ? bigint
        : T extends boolean
          ? boolean
          : T;

/** What a zero value becomes while values of type V are added to it: of `[]` nothing is known but that it is a list, so it is one of V. */
export type LooseZero<U, V> = IsAny<U> extends true ? U : U extends readonly never[] ? V[] : Loose<U>;

type NotLoose = Mismatch<"the rows of this RDD are what they were inferred as">;

/** `this` of the overloads for rows that are looser than they were inferred; other RDDs take the overload that follows. */
export type LooseRows<T> = [Loose<T>] extends [T] ? NotLoose : RddBase;
export type LooseValues<T> = [T] extends [readonly [unknown, unknown]] ? LooseRows<ValueOf<T>> : NotLoose;
