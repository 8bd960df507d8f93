/**
 * A straight run of operators as the source of one function: the first one makes rows, each next one takes them one by one, the end
 * is a sink, a shuffle's writing half, or `yield`.
 */

import { assert } from "../lib/assert.js";
import { operatorOf } from "../operators/define-operator.js";
import type { EmitNext, RowFragments, Sink, SinkFragments } from "../operators/operator.js";
import type { RddNode } from "../rdd/node.js";
import { emitRowWriter } from "./emit-row-writer.js";
import { OperatorEmitter } from "./operator-emitter.js";
import { PipelineDraft } from "./pipeline-draft.js";
import { type RowRef, wholeText } from "./row-ref.js";

export type PipelineHead =
  /** The head's own code. */
  | { readonly kind: "operator"; readonly node: RddNode }
  /** The cached rows of a persisted node; computed by another pipeline (port 0) when they are not there. */
  | { readonly kind: "cached"; readonly node: RddNode }
  /** Rows of a pipeline that was cut because it grew too long. */
  | { readonly kind: "continued"; readonly node: RddNode };

export type PipelineEnd =
  | { readonly kind: "rows" }
  /** One block of all rows, to be kept as the cached partition of `node`. */
  | { readonly kind: "fill"; readonly node: RddNode }
  /** Keys and values of pairs, for `consumer`: it is who asks for pairs. */
  | { readonly kind: "pairs"; readonly consumer: RddNode }
  | { readonly kind: "sink"; readonly sink: Sink }
  | { readonly kind: "write"; readonly node: RddNode };

export interface PipelineText {
  readonly source: string;
  readonly draft: PipelineDraft;
}

/** `chain` are the row operators between head and end, first to last. `isAsync`: something before it is. */
export function emitPipeline(
  head: PipelineHead,
  chain: readonly RddNode[],
  end: PipelineEnd,
  isAsync: boolean,
): PipelineText {
  const draft = new PipelineDraft();
  draft.isAsync = isAsync;
  draft.readsParts = head.kind === "operator" && takesParts(end) && chain.every(takesEachRow);
  const last = endFragments(draft, end);
  const count = last.rows !== undefined && chain.length === 0 ? countOf(draft, head) : undefined;
  const ends: (() => void)[] = [];
  if (count !== undefined && last.rows !== undefined) last.rows(count);
  else {
    let next: EmitNext = last.row;
    for (let index = chain.length - 1; index >= 0; index--) {
      const fragments = rowFragments(draft, chain[index] as RddNode);
      if (fragments.end !== undefined) ends.unshift(fragments.end);
      const following = next;
      next = (row) => fragments.row(row, following);
    }
    emitHead(draft, head, next);
  }
  const source = draft.source(end.kind === "rows" || end.kind === "pairs" ? "rows" : "task", () => {
    for (const write of ends) write();
    return last.end?.();
  });
  return { source, draft };
}

function takesParts(end: PipelineEnd): boolean {
  return end.kind === "sink" && end.sink.operator.takesParts?.(end.sink.params) === true;
}

function takesEachRow(node: RddNode): boolean {
  const operator = operatorOf(node);
  return operator.shape === "row" && operator.eachRow === true;
}

interface EndFragments {
  row(row: RowRef): void;
  rows?: ((count: string) => void) | undefined;
  end?: (() => string | undefined) | undefined;
}

function endFragments(draft: PipelineDraft, end: PipelineEnd): EndFragments {
  switch (end.kind) {
    case "rows":
      return { row: (row) => draft.body.line(`yield ${wholeText(row)};`) };
    case "pairs":
      return pairChunks(draft, end.consumer);
    case "fill":
      return emitRowWriter(new OperatorEmitter(draft, end.node));
    case "sink":
      return end.sink.operator.emit(new OperatorEmitter(draft, end.sink));
    case "write": {
      const operator = operatorOf(end.node);
      assert(operator.shape === "exchange", "only an exchange writes");
      return operator.emitWrite(new OperatorEmitter(draft, end.node)) satisfies SinkFragments;
    }
  }
}

/** Pairs that one chunk hands over: enough that the hand-over costs nothing, few enough that rows of a megabyte fit. */
const CHUNK_PAIRS = 128;

/** Keys and values gathered in two arrays: a pair is built and asked for one by one no more. */
function pairChunks(draft: PipelineDraft, consumer: RddNode): EndFragments {
  const e = new OperatorEmitter(draft, consumer);
  const [keys, values] = [e.let("keys", "[]"), e.let("values", "[]")];
  const hand = `yield { keys: ${keys}, values: ${values} };`;
  return {
    row(row) {
      const [key, value] = e.pair(row);
      e.w.line(`${keys}.push(${wholeText(key)});`);
      e.w.block(`if (${values}.push(${wholeText(value)}) === ${CHUNK_PAIRS})`, () =>
        e.w.line(`${hand} ${keys} = []; ${values} = [];`),
      );
    },
    end() {
      e.w.line(`if (${keys}.length > 0) ${hand}`);
      return undefined;
    },
  };
}

function rowFragments(draft: PipelineDraft, node: RddNode): RowFragments {
  const operator = operatorOf(node);
  assert(operator.shape === "row", `${node.kind} takes rows`);
  return operator.emit(new OperatorEmitter(draft, node));
}

/** The number of the head's rows as an expression, where it is known without a loop. */
function countOf(draft: PipelineDraft, head: PipelineHead): string | undefined {
  const emitter = new OperatorEmitter(draft, head.node);
  if (head.kind === "cached") return draft.isAsync ? undefined : `t.cachedCount(${emitter.cached()})`;
  const operator = operatorOf(head.node);
  if (head.kind !== "operator" || operator.shape !== "source" || operator.emitCount === undefined) return undefined;
  return operator.emitCount(emitter);
}

function emitHead(draft: PipelineDraft, head: PipelineHead, next: EmitNext): void {
  const emitter = new OperatorEmitter(draft, head.node);
  if (head.kind === "cached") {
    return emitter.batches(
      draft.isAsync ? `t.cachedBatchesAsync(${emitter.cached()})` : `t.cachedBatches(${emitter.cached()})`,
      next,
    );
  }
  if (head.kind === "continued") return emitter.iterate(emitter.port(0), next);
  const operator = operatorOf(head.node);
  switch (operator.shape) {
    case "source":
    case "cut":
      return operator.emit(emitter, next);
    case "exchange":
      return operator.emitRead(emitter, next);
    default:
      assert(false, `${head.node.kind} cannot begin a pipeline`);
  }
}
