/**
 * Code for a table from keys to entries that spills when it grows too large: what combineByKey, groupByKey, distinct and cogroup
 * stand on. Rows are added; then every key is visited once with all that was added for it.
 */

import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { type RowRef, tupleRef, valueRef, wholeText } from "../codegen/row-ref.js";

/** How an entry comes to be; each writes code. `entry` is the place to assign to, `name[slot]`. */
export interface EntryCode {
  /** The entry of a new key: its expression. */
  create(value: RowRef): string;
  /** A further row of a known key: changes the entry, or gives the expression of the one to put in its place. `own`: a place to say whether only this code holds the entry; nothing at first. */
  add(entry: string, value: RowRef, own: string): string | undefined;
  /** Two entries of one key into the first: `entry` and the expression `other`. */
  merge(entry: string, other: RowRef, own: string): string | undefined;
  /** Whether `own` is asked for. */
  readonly asksOwn?: boolean;
  /** Whether entries may be numbers: then they lie in a Float64Array for as long as all are. */
  readonly mayBeNumbers?: boolean;
}

/** Code for what goes on without the table: a row, and all that the table held (names of its KeyIndex and its entries). */
export interface Passing {
  row(key: RowRef, value: RowRef): void;
  table(keys: string, entries: string): void;
}

type Visit = (key: RowRef, entry: RowRef) => void;

/**
 * A table that has outgrown the processor's caches and has merged less than a tenth of its rows costs more than it saves, which is rows to send: it
 * is emptied, and as many rows again pass it by, before it gets another try.
 */
const FUTILE_KEYS = 1 << 18;
const FUTILE_SHARE = 0.9;
const ROWS_PASSED_BY = 4 * FUTILE_KEYS;

export class KeyTable<P> {
  readonly #e: OperatorEmitter<P>;
  readonly #code: EntryCode;
  readonly #keys: string;
  readonly #entries: string;
  /** How many entries there are. */
  readonly #size: string;
  readonly #slot: string;
  readonly #rows: string;
  readonly #watch: string;
  readonly #spilled: string;
  readonly #owns: string | undefined;

  /** Declares the table. */
  constructor(e: OperatorEmitter<P>, code: EntryCode) {
    this.#e = e;
    this.#code = code;
    [this.#keys, this.#entries, this.#slot] = [e.let("keys"), e.let("entries"), e.let("slot")];
    [this.#rows, this.#watch, this.#spilled] = [e.let("rows", "0"), e.let("watch"), e.let("spilled")];
    this.#owns = code.asksOwn === true ? e.let("owns") : undefined;
    this.#size = code.mayBeNumbers === true ? e.let("size") : `${this.#entries}.length`;
    e.w.line(`${this.#fresh()} ${this.#watch} = t.memoryWatch(${e.site()});`);
  }

  /** Adds a row in the code at hand; `record` is shown when that fails, by default the pair. */
  add(key: RowRef, value: RowRef, record?: RowRef): void {
    const e = this.#e;
    const [k, v] = [e.whole(key), e.held(value)];
    e.mark(record ?? tupleRef(k, v));
    e.w.line(`${this.#slot} = ${this.#keys}.slotOf(${wholeText(k)});`);
    this.#addAtSlot(v);
    this.#spillWhenLarge(`++${this.#rows}`);
  }

  /** Adds the rows of batches of pairs: an expression for an iterable of BatchView, never asynchronous. Keys are not decoded here. */
  addPairBatches(batches: string): void {
    const e = this.#e;
    const values = e.fresh("values");
    this.#addBatches(
      batches,
      true,
      (batch) => e.w.line(`const ${values} = t.valuesOf(${batch});`),
      (batch, index) => {
        const value = e.assign(`${values}[${index}]`);
        e.mark(tupleRef(valueRef(`t.keyOf(${batch}, ${index})`), value));
        return value;
      },
    );
  }

  /** The same for batches whose rows are the keys. */
  addKeyBatches(batches: string, value: RowRef): void {
    this.#addBatches(
      batches,
      false,
      () => this.#e.mark(),
      () => value,
    );
  }

  #addBatches(
    batches: string,
    arePairs: boolean,
    open: (batch: string) => void,
    valueAt: (batch: string, index: string) => RowRef,
  ): void {
    const e = this.#e;
    const [batch, slots, count, index] = [e.fresh("batch"), e.fresh("slots"), e.fresh("n"), e.let("i")];
    e.w.block(`for (const ${batch} of ${batches})`, () => {
      open(batch);
      e.w.line(`const ${slots} = t.slotsOf(${this.#keys}, ${batch}, ${arePairs}), ${count} = ${batch}.rowCount;`);
      e.loop(`for (${index} = 0; ${index} < ${count}; ${index}++)`, () => {
        const value = valueAt(batch, index);
        e.w.line(`${this.#slot} = ${slots}[${index}];`);
        this.#addAtSlot(value);
      });
      this.#spillWhenLarge(`(${this.#rows} += ${count})`);
    });
  }

  /**
   * Adds a row, unless the table does not pay: then `pass` writes the code for what goes on as it is. The rows of
   * one key stay in order.
   */
  addOrPass(key: RowRef, value: RowRef, pass: Passing, record?: RowRef): void {
    const e = this.#e;
    const [k, v, passing] = [e.whole(key), e.held(value), e.let("passing", "0")];
    e.w.branch(
      `${passing} > 0`,
      () => {
        e.w.line(`${passing}--;`);
        e.mark(record ?? tupleRef(k, v));
        pass.row(k, v);
      },
      () => {
        this.add(k, v, record);
        const [rows, keys] = [this.#rows, this.#keys];
        const isFutile = `${rows} >= ${FUTILE_KEYS} && ${keys}.size > ${FUTILE_SHARE} * ${rows} && ${this.#spilled} === undefined`;
        e.w.block(`if (${this.#slot} === ${FUTILE_KEYS} && ${isFutile})`, () => {
          pass.table(this.#keys, this.#entries);
          this.#empty();
          e.w.line(`${passing} = ${ROWS_PASSED_BY};`);
        });
      },
    );
  }

  /** A loop over all keys. */
  each(visit: Visit): void {
    this.#tables(() => this.eachEntry(visit));
  }

  /** Code for all keys, a table at a time: `write` gets the names of a KeyIndex and of the array of entries. */
  eachTable(write: (keys: string, entries: string) => void): void {
    this.#tables(() => write(this.#keys, this.#entries));
  }

  #tables(write: () => void): void {
    const e = this.#e;
    const [keys, entries, watch, spilled] = [this.#keys, this.#entries, this.#watch, this.#spilled];
    const bucket = e.fresh("bucket");
    e.w.line(`if (${spilled} !== undefined) t.spill(${spilled}, ${keys}, ${entries});`);
    e.w.block(
      `for (let ${bucket} = 0; ${bucket} < (${spilled} === undefined ? 1 : ${spilled}.bucketCount); ${bucket}++)`,
      () => {
        e.w.block(`if (${spilled} !== undefined)`, () => {
          e.w.line(`${this.#fresh()} ${watch}.reset();`);
          e.syncPairBatches(`${spilled}.read(${bucket})`, (key, other) => {
            e.w.line(`${this.#slot} = ${keys}.slotOf(${wholeText(key)});`);
            this.#put(wholeText(other), (entry, own) => this.#code.merge(entry, other, own));
          });
        });
        write();
      },
    );
    e.w.line(`${keys} = undefined; ${entries} = undefined; ${watch}.reset();`);
  }

  #addAtSlot(value: RowRef): void {
    this.#put(
      () => this.#code.create(value),
      (entry, own) => this.#code.add(entry, value, own),
    );
  }

  #put(created: string | (() => string), known: (entry: string, own: string) => string | undefined): void {
    const { w } = this.#e;
    w.branch(
      `${this.#slot} === ${this.#size}`,
      () => this.#append(typeof created === "string" ? created : created()),
      () => {
        const changed = known(`${this.#entries}[${this.#slot}]`, `${this.#owns}[${this.#slot}]`);
        if (changed === undefined) return;
        if (this.#code.mayBeNumbers === true)
          w.line(`if (typeof ${changed} !== "number") ${this.#entries} = ${this.#roomFor(changed)};`);
        w.line(`${this.#entries}[${this.#slot}] = ${changed};`);
      },
    );
  }

  #append(created: string): void {
    const e = this.#e;
    const [entries, size] = [this.#entries, this.#size];
    if (this.#code.mayBeNumbers !== true) e.w.line(`${entries}.push(${created});`);
    else {
      const entry = wholeText(e.assign(created));
      e.w.line(
        `if (${size} === ${entries}.length || typeof ${entry} !== "number") ${entries} = ${this.#roomFor(entry)};`,
      );
      e.w.line(`${entries}[${size}++] = ${entry};`);
    }
    if (this.#owns !== undefined) e.w.line(`${this.#owns}.push(false);`);
  }

  #roomFor(entry: string): string {
    return `t.roomFor(${this.#entries}, ${this.#size}, ${entry})`;
  }

  #spillWhenLarge(rows: string): void {
    const { w } = this.#e;
    const table = `${this.#keys}, ${this.#entries}`;
    w.block(`if (${rows} >= ${this.#watch}.next && t.mustSpill(${this.#watch}, ${this.#rows}, ${table}))`, () => {
      w.line(`${this.#spilled} = t.spill(${this.#spilled}, ${table});`);
      this.#empty();
    });
  }

  /** A loop over the keys of the table at hand: for what `eachTable` and `Passing.table` write. */
  eachEntry(visit: Visit): void {
    const e = this.#e;
    const index = e.fresh("i");
    e.loop(`for (let ${index} = 0; ${index} < ${this.#size}; ${index}++)`, () => {
      const key = e.local("v");
      const body = e.w.capture(() => visit(valueRef(key), e.assign(`${this.#entries}[${index}]`)));
      // Keys that nobody looks at are not made: strings lie in the table as bytes.
      if (e.mentions(key, body)) e.w.line(`${key} = ${this.#keys}.keyAt(${index});`);
      e.w.paste(body);
    });
  }

  #empty(): void {
    this.#e.w.line(`${this.#fresh()} ${this.#rows} = 0; ${this.#watch}.reset();`);
  }

  /** Statements for an empty table. */
  #fresh(): string {
    const owns = this.#owns === undefined ? "" : ` ${this.#owns} = [];`;
    const entries =
      this.#code.mayBeNumbers === true
        ? `${this.#entries} = t.entries(); ${this.#size} = 0;`
        : `${this.#entries} = [];`;
    return `${this.#keys} = t.keyIndex(); ${entries}${owns}`;
  }
}
