/**
 * What an operator writes its code with. In the emitted text `t` is the task's runtime (`task/task-runtime.ts`), `p` the running
 * pipeline. User functions are called directly, one call site each, in a function made for this stage alone.
 */

import { assert } from "../lib/assert.js";
import { operatorOf } from "../operators/define-operator.js";
import type { EmitNext, Sink } from "../operators/operator.js";
import type { RddNode } from "../rdd/node.js";
import type { CodeWriter } from "./code-writer.js";
import { elementwiseFold } from "./elementwise-fold.js";
import { emitBatches, emitPairBatches, emitPairValues } from "./emit-batches.js";
import { emitElementwise } from "./emit-elementwise.js";
import { emitInline } from "./emit-inline.js";
import { emitPartsFold } from "./emit-parts-fold.js";
import { inlineFunction } from "./inline-function.js";
import { narrowRow } from "./narrow-row.js";
import { partsFold } from "./parts-fold.js";
import type { PipelineDraft } from "./pipeline-draft.js";
import { keptText, lentText, partOf, type RowRef, tupleRef, valueRef, wholeText } from "./row-ref.js";
import type { ValueType } from "./value-type.js";

/** What an operator's `emit` gets: it gives names and expressions as text and writes lines and loops. */
export class OperatorEmitter<P> {
  /** Writes lines and blocks of text. */
  readonly w: CodeWriter;
  /** The node's parameters. What decides about the text may be read here; values belong into bindings, so that another value is the same program. */
  readonly params: P;
  readonly #draft: PipelineDraft;
  readonly #owner: RddNode<P> | Sink<P>;

  /** @internal */
  constructor(draft: PipelineDraft, owner: RddNode<P> | Sink<P>) {
    this.#draft = draft;
    this.#owner = owner;
    this.params = owner.params;
    this.w = draft.body;
  }

  /** The node whose code this is; not to be called by sinks. */
  get node(): RddNode<P> {
    assert("inputs" in this.#owner, "a sink has no node");
    return this.#owner;
  }

  /** The name of the operator's `bindings[index]`. */
  binding(index: number): string {
    return this.#draft.binding(this.#owner, index, false);
  }

  /** The name of the operator's `lateBindings[index]`. */
  late(index: number): string {
    return this.#draft.binding(this.#owner, index, true);
  }

  /** A variable of the whole function. */
  let(prefix: string, init?: string): string {
    return this.#draft.let(prefix, init);
  }

  /** A variable of one round of the loop over rows that is being written. */
  local(prefix: string): string {
    return this.#draft.local(prefix);
  }

  /** A loop over rows, whose body `body` writes; `tail` ends it instead of `}`. */
  loop(head: string, body: () => void, tail?: string): void {
    this.#draft.loop(head, body, tail);
  }

  /** A name for a variable inside the loop. */
  fresh(prefix: string): string {
    return this.#draft.fresh(prefix);
  }

  /** Expression: the number of this node's partition. */
  partition(): string {
    return `${this.#draft.input({ node: this.node, what: { kind: "partition" } })}.partition`;
  }

  /** Expression: the task input of this source. */
  input(): string {
    return this.#draft.input({ node: this.node, what: { kind: "input" } });
  }

  /** Expression: the task input of this persisted node. */
  cached(): string {
    return this.#draft.input({ node: this.node, what: { kind: "cached" } });
  }

  /** Expression: an iterable over the rows of a port (async where the pipeline is). */
  port(port: number): string {
    return `t.open(${this.#draft.input({ node: this.node, what: { kind: "port", port } })})`;
  }

  /** Expression: an iterable over chunks of a port's pairs. */
  #pairPort(port: number): string {
    return `t.open(${this.#draft.input({ node: this.node, what: { kind: "port", port, pairs: true } })})`;
  }

  /** Statement that says whose code runs next; `record` is shown when it throws. */
  mark(record?: RowRef): void {
    this.w.line(this.#draft.site(this.#owner, record));
  }

  /** Expression: the number of a site of this operator's own, where no user function runs. */
  site(): string {
    this.#draft.site(this.#owner, undefined);
    return `p.firstSite + ${this.#draft.sites.length - 1}`;
  }

  /** Text of a call of a user function, after a statement that marks it. */
  call(name: string, args: readonly RowRef[], record: RowRef | undefined = args[0]): string {
    this.mark(record);
    return `${name}(${args.map(wholeText).join(", ")})`;
  }

  /**
   * The result of the user function `bindings[index]` for some arguments: its body in place of the call where that means the same,
   * otherwise a call. An array literal that it gives stays in variables.
   */
  apply(index: number, args: readonly RowRef[], record: RowRef | undefined = args[0]): RowRef {
    const name = this.binding(index);
    const f = this.#bindings()[index];
    const inline = inlineFunction(f);
    if (inline === undefined || inline.params.length > args.length || !this.#draft.takesInline(inline.length)) {
      const [first, ...others] = args;
      return this.assign(this.call(name, first === undefined ? args : [narrowRow(f, first), ...others], record));
    }
    this.w.line(this.#draft.site(this.#owner, record, { name, args }));
    return emitInline(this.#draft, this.w, name, inline, args);
  }

  /**
   * `total` becomes what the user function `bindings[index]` makes of it and a value; `to` is a second place for it. `own` is an expression to assign
   * to: whether `total` is something that only this code holds. Where the function makes a new vector of such a one, element by element, or new
   * parts, it is changed instead.
   */
  fold(index: number, total: string, value: RowRef, own: string, to?: string): void {
    const f = this.#bindings()[index];
    const [merge, parts] = [elementwiseFold(f), partsFold(f)];
    const args = [valueRef(total), value];
    const assign = (text: string) => (to === undefined ? `${total} = ${text};` : `${to} = ${text};`);
    if (merge === undefined && parts === undefined)
      return this.w.line(assign(wholeText(this.apply(index, args, value))));
    const name = this.binding(index);
    this.w.branch(
      own,
      () => {
        this.w.line(this.#draft.site(this.#owner, value, { name, args }));
        if (parts !== undefined) return emitPartsFold(this.#draft, this.w, parts, name, total, value);
        if (merge !== undefined) emitElementwise(this.#draft, this.w, merge, total, lentText(value, name, merge.needs));
      },
      () => {
        this.mark(value);
        const keys = parts === undefined ? "" : `, ${JSON.stringify(parts.vectors.map(({ key }) => key))}`;
        this.w.line(`${own} = t.mapsAfresh(${total}${keys}); ${assign(`${name}(${total}, ${keptText(value)})`)}`);
      },
    );
  }

  /** Whether `fold` may change what only this code holds. */
  foldsInPlace(index: number): boolean {
    const f = this.#bindings()[index];
    return elementwiseFold(f) !== undefined || partsFold(f) !== undefined;
  }

  #bindings(): readonly unknown[] {
    const owner = this.#owner;
    this.#values ??=
      "inputs" in owner
        ? (operatorOf(owner as RddNode).bindings?.(owner.params) ?? [])
        : (owner.operator.bindings?.(owner.params) ?? []);
    return this.#values;
  }

  #values: readonly unknown[] | undefined;

  /** Puts an expression into a variable; `type` is what is known of its value. */
  assign(expression: string, type?: ValueType): RowRef {
    const name = this.#draft.local("v");
    this.w.line(`${name} = ${expression};`);
    return valueRef(name, type);
  }

  /** The row as one value, built once. */
  whole(row: RowRef): RowRef {
    return row.kind === "value" || row.kind === "vector" ? row : this.assign(wholeText(row));
  }

  /** The row in variables: one for a value, one for each element of an array that was never built. */
  held(row: RowRef): RowRef {
    return row.kind === "tuple" ? tupleRef(...row.items.map((item) => this.held(item))) : this.whole(row);
  }

  /** Key and value of a row of a key-value RDD; writes the check that it is a pair. */
  pair(row: RowRef): readonly [RowRef, RowRef] {
    if (row.kind === "tuple" && row.items.length === 2) return row.items as unknown as readonly [RowRef, RowRef];
    const [key, value] = row.kind === "columns" ? [partOf(row, 0), partOf(row, 1)] : [];
    if (row.kind === "columns" && key !== undefined && value !== undefined) {
      row.reads.bePair(row.path);
      return [key, value];
    }
    const whole = this.whole(row);
    const text = wholeText(whole);
    this.mark(whole);
    this.w.line(`if (!Array.isArray(${text}) || ${text}.length !== 2) t.notAPair(${text});`);
    return [this.assign(`${text}[0]`), this.assign(`${text}[1]`)];
  }

  /** Expression: the rows of a port for a user function that takes an iterator; gathered first where they come asynchronously. */
  syncPort(port: number): string {
    return this.#draft.isAsync
      ? `(await t.gather(${this.port(port)}))[Symbol.iterator]()`
      : `${this.port(port)}[Symbol.iterator]()`;
  }

  /** Watches what a user function gives, so that after the loop a promise among it is refused: one check a partition, none a row. */
  lastValue(): { set(row: RowRef): RowRef; refusePromise(): void } {
    let last: string | undefined;
    // A variable of an attempt that did not pay is gone.
    const isThere = () => last !== undefined && this.#draft.declares(last);
    return {
      set: (row) => {
        // A tuple was built from a literal: no promise stands for the row itself.
        if (row.kind !== "value" && row.kind !== "vector") return row;
        if ((row.kind === "value" && row.type !== undefined) || !row.text.startsWith("$")) return row;
        if (!isThere()) last = this.#draft.let("last");
        this.w.line(`${last} = ${row.text};`);
        return row;
      },
      refusePromise: () => {
        if (!isThere()) return;
        this.mark();
        this.w.line(`t.noPromise(${last});`);
      },
    };
  }

  /** A loop over the rows of batches, in order; `batches` is an expression for an iterable of BatchView. */
  batches(batches: string, next: EmitNext): void {
    emitBatches(this.#draft, batches, next);
  }

  /** A loop over batches whose rows are pairs (what a keyed exchange wrote): keys and values are read from their columns. */
  pairBatches(batches: string, next: EmitNext): void {
    emitPairBatches(this.#draft, batches, next);
  }

  /** The same over batches that never come asynchronously. */
  syncPairBatches(batches: string, next: (key: RowRef, value: RowRef) => void): void {
    emitPairValues(this.#draft, batches, next);
  }

  /** A loop over an iterable of rows; marks this operator as the one to blame whenever the iterable runs. */
  iterate(iterable: string, next: EmitNext): void {
    this.#iterate(iterable, next, this.#draft.isAsync);
  }

  /** A loop over the rows of a port, which must be pairs. `table`: a JoinTable that they stream past. */
  iteratePairs(port: number, next: (key: RowRef, value: RowRef) => void, table?: string): void {
    const [chunk, index, keys, values] = [this.fresh("chunk"), this.let("i"), this.fresh("keys"), this.fresh("values")];
    this.mark();
    const again = `$s = ${this.#draft.sites.length};`;
    const probe = this.#draft.isAsync ? "probeAsync" : "probe";
    const chunks = table === undefined ? this.#pairPort(port) : `${table}.${probe}(${this.#pairPort(port)})`;
    this.w.block(`for ${this.#draft.isAsync ? "await " : ""}(const ${chunk} of ${chunks})`, () => {
      this.w.line(`const { keys: ${keys}, values: ${values} } = ${chunk};`);
      this.loop(`for (${index} = 0; ${index} < ${keys}.length; ${index}++)`, () =>
        next(this.assign(`${keys}[${index}]`), this.assign(`${values}[${index}]`)),
      );
      this.w.line(again);
    });
  }

  /** The same over an iterable that is never asynchronous. */
  iterateSync(iterable: string, next: EmitNext): void {
    this.#iterate(iterable, next, false);
  }

  #iterate(iterable: string, next: EmitNext, isAsync: boolean): void {
    const row = this.fresh("row");
    this.mark();
    const again = `$s = ${this.#draft.sites.length};`;
    this.loop(`for ${isAsync ? "await " : ""}(const ${row} of ${iterable})`, () => {
      next(valueRef(row));
      this.w.line(again);
    });
  }

  /** Whether lines, or what is shown when something fails, have a name in them. */
  mentions(name: string, lines: readonly string[]): boolean {
    return this.#draft.mentions(name, lines);
  }

  /** Whether a source may read parts of its partition only. */
  get readsParts(): boolean {
    return this.#draft.readsParts;
  }

  /** Statement that ends the loop over rows. */
  stop(): string {
    return this.#draft.stop();
  }
}
