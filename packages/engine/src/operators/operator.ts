/**
 * What an operator is: how a node's partitions come from its parents', and what code it emits. One file an operator, each made by
 * `defineOperator`; other packages define theirs in the same way. No `switch (kind)` stands outside an operator's file.
 *
 * The set of shapes is closed:
 * - source: makes rows from a task input
 * - row:    takes one row after the other of the same partition of its parent (map, filter, flatMap)
 * - cut:    takes all rows of its parents' partitions as iterables (mapPartitions, zip, coalesce, cogroup, sort)
 * - alias:  a partition is one partition of one parent, unchanged (union)
 * - exchange: a shuffle: writes in one stage, reads in the next
 */

import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import type { RowRef } from "../codegen/row-ref.js";
import type { Facts } from "../plan/facts.js";
import type { PrepareTools } from "../plan/prepare.js";
import type { RddNode } from "../rdd/node.js";
import type { TaskInput } from "../task/task-spec.js";

interface OperatorBase<P> {
  readonly kind: string;
  /** How toDebugString calls it: Spark's class name where there is one. */
  readonly label: string;
  /** User functions and values that the emitted code binds, in the order of `e.binding(index)`. Captured when the action is called. */
  bindings?(params: P): readonly unknown[];
  /** Values known only after `prepare`, in the order of `e.late(index)`. Plain data. */
  lateBindings?(node: RddNode<P>, facts: Facts): readonly unknown[];
  /** What must be found out before stages can be cut: splits of files, bounds of ranges. Done once a node. */
  prepare?(node: RddNode<P>, tools: PrepareTools): Promise<unknown>;
  /** True when `partitions` needs what `prepare` finds. */
  readonly countsAtRunTime?: boolean;
  /** Number of partitions; facts of its parents are known. Default: that of the first parent. */
  partitions?(node: RddNode<P>, facts: Facts): number;
}

/** Called in the order of the loop's nesting: `next` writes all that follows. */
export type EmitNext = (row: RowRef) => void;

export interface RowFragments {
  /** Writes this operator's part of the loop body. */
  row(row: RowRef, next: EmitNext): void;
  /** Text after the loop, for checks; cannot make rows. */
  end?(): void;
}

export interface SourceOperator<P> extends OperatorBase<P> {
  readonly shape: "source";
  input(node: RddNode<P>, partition: number, facts: Facts): TaskInput;
  /** Hosts where this partition's data lies. */
  hosts?(node: RddNode<P>, partition: number, facts: Facts): readonly string[];
  emit(e: OperatorEmitter<P>, next: EmitNext): void;
  /** Emits nothing but the number of rows, as an expression, where that needs no loop. */
  emitCount?(e: OperatorEmitter<P>): string;
}

export interface RowOperator<P> extends OperatorBase<P> {
  readonly shape: "row";
  /** True when what it makes of a row depends on that row alone, and not on its number or on those before it. */
  readonly eachRow?: boolean;
  emit(e: OperatorEmitter<P>): RowFragments;
}

export interface ParentPartition {
  readonly input: number;
  readonly partition: number;
}

export interface CutOperator<P> extends OperatorBase<P> {
  readonly shape: "cut";
  /** For each port (an iterable that the code reads by `e.port(index)`): the parents' partitions in it, one after the other. Default: one port, the same partition of the first parent. */
  ports?(node: RddNode<P>, partition: number, facts: Facts): readonly (readonly ParentPartition[])[];
  /** True when `emit` writes `await`: the pipeline becomes asynchronous. */
  readonly async?: boolean;
  readonly barrier?: boolean;
  emit(e: OperatorEmitter<P>, next: EmitNext): void;
}

export interface AliasOperator<P> extends OperatorBase<P> {
  readonly shape: "alias";
  partitions(node: RddNode<P>, facts: Facts): number;
  /** Where a partition comes from. Default: its parents' partitions, one parent after the other. */
  parent?(node: RddNode<P>, partition: number, facts: Facts): ParentPartition;
}

export interface ExchangeOperator<P> extends OperatorBase<P> {
  readonly shape: "exchange";
  partitions(node: RddNode<P>, facts: Facts): number;
  /** The end of the map stage: a sink whose result is a MapOutput. */
  emitWrite(e: OperatorEmitter<P>): SinkFragments;
  /** The beginning of the reduce stage. */
  emitRead(e: OperatorEmitter<P>, next: EmitNext): void;
}

/** What an action computes in each partition. */
export interface SinkOperator<P> {
  readonly kind: string;
  readonly shape: "sink";
  /** Where it only estimates: a source may then read parts of a partition, if all between takes each row by itself. `t.readShare` is how much was read. */
  takesParts?(params: P): boolean;
  bindings?(params: P): readonly unknown[];
  emit(e: OperatorEmitter<P>): SinkFragments;
}

export interface SinkFragments {
  row(row: RowRef): void;
  /** Where the number of rows is all that is asked for: gets an expression of it, instead of the loop. */
  rows?(count: string): void;
  /** After the loop; the text of the task's result: a block's bytes, or a MapOutput. */
  end(): string;
}

/**
 * What `defineOperator` takes: `shape` says which members there are beside `kind`, `label` and `emit`. `source` makes rows from a task's input, `row` takes
 * one row after the other, `cut` whole partitions as iterables, `alias` passes a parent's partition on, `exchange` is a shuffle.
 */
export type Operator<P> = SourceOperator<P> | RowOperator<P> | CutOperator<P> | AliasOperator<P> | ExchangeOperator<P>;
export type AnyOperator = Operator<never>;

/** An action's sink with its parameters: frozen data, as a node is. */
export interface Sink<P = unknown> {
  readonly operator: SinkOperator<P>;
  readonly params: P;
}
