/**
 * A pipeline while it is being written: its source text, and in the order of their indices what the text refers to. The text holds no
 * captured value and no partition number, so that pipelines that differ only in those share one compiled function.
 */

import type { Sink } from "../operators/operator.js";
import type { RddNode } from "../rdd/node.js";
import { CodeWriter } from "./code-writer.js";
import type { ScratchUse } from "./fresh-vectors.js";
import { type RowRef, recordText } from "./row-ref.js";
import { isMapName, type Scratch, writeScratch } from "./scratch.js";

/** Whose binding `b[index]` is: a node's or the sink's. */
export interface BindingRef {
  readonly owner: RddNode | Sink;
  readonly index: number;
  /** From `lateBindings` instead of `bindings`. */
  readonly late: boolean;
}

/** What `p.inputs[index]` is: the operator's own input, its node's partition number, or one of its ports. */
export interface InputRef {
  readonly node: RddNode;
  readonly what:
    | { readonly kind: "input" }
    | { readonly kind: "partition" }
    | { readonly kind: "cached" }
    | { readonly kind: "port"; readonly port: number; readonly pairs?: boolean };
}

export interface SiteRef {
  readonly owner: RddNode | Sink;
}

/** Characters of users' functions that one stage function may hold. */
const INLINED_LENGTH_MAX = 16_000;

const UNKNOWN = "undefined";

/** The function, or the body of a loop: its variables, and what its error handler tells of the sites in it. */
class DraftScope {
  readonly variables: string[] = [];
  /** From the first site on; those of loops inside have handlers of their own. */
  readonly records: string[] = [];
  readonly calls: string[] = [];
  readonly #firstSite: number;

  constructor(firstSite: number) {
    this.#firstSite = firstSite;
  }

  mark(site: number, record: string, call: string): void {
    while (this.records.length < site - this.#firstSite) {
      this.records.push(UNKNOWN);
      this.calls.push(UNKNOWN);
    }
    this.records.push(record);
    this.calls.push(call);
  }

  /** Nothing is known here that a handler further out would not tell as well. */
  get isQuiet(): boolean {
    return this.records.every((record) => record === UNKNOWN) && this.calls.every((call) => call === UNKNOWN);
  }

  handler(): string {
    const index = `[$s - ${this.#firstSite + 1}]`;
    const told = [this.records, this.calls]
      .map((list) => (list.every((item) => item === UNKNOWN) ? UNKNOWN : `[${list.join(", ")}]${index}`))
      .join(", ");
    return `} catch (error) { throw t.failed(error, p, $s, ${told.replace(/, undefined$/, "")}); }`;
  }
}

export class PipelineDraft {
  readonly bindings: BindingRef[] = [];
  readonly inputs: InputRef[] = [];
  readonly sites: SiteRef[] = [];
  readonly body = new CodeWriter();
  isAsync = false;
  /** The source may read parts of its partition: what it gives is only for an estimate. */
  readsParts = false;
  readonly #function = new DraftScope(0);
  #scope = this.#function;
  readonly #constants = new Map<string, string>();
  readonly #scratches: Scratch[] = [];
  #names = 0;
  #inlined = 0;
  #stops = false;

  /** A name that no other part of the text uses. */
  fresh(prefix: string): string {
    return `$${prefix}${this.#names++}`;
  }

  /** A variable of the whole function; starts as `init`. */
  let(prefix: string, init?: string): string {
    const name = this.fresh(prefix);
    this.#function.variables.push(init === undefined ? name : `${name} = ${init}`);
    return name;
  }

  /** A variable of one round of the loop that is being written. */
  local(prefix: string): string {
    const name = this.fresh(prefix);
    this.#scope.variables.push(name);
    return name;
  }

  /** Whether lines, or the error handler that is being written, have a name in them. */
  mentions(name: string, lines: readonly string[]): boolean {
    const whole = new RegExp(`\\${name}(?![\\w$])`);
    return [lines, this.#scope.records, this.#scope.calls].some((texts) => texts.some((text) => whole.test(text)));
  }

  /** Whether a variable of the whole function is still there: those of an attempt that did not pay are gone. */
  declares(name: string): boolean {
    return this.#function.variables.includes(name);
  }

  /** A loop over rows. What its body needs for an error's sake is handled within it, so that no variable outlives its round. */
  loop(head: string, body: () => void, tail?: string): void {
    const outer = this.#scope;
    const scope = new DraftScope(this.sites.length);
    this.#scope = scope;
    let lines: readonly string[];
    try {
      lines = this.body.capture(body);
    } finally {
      this.#scope = outer;
    }
    this.body.block(
      head,
      () => {
        if (scope.variables.length > 0) this.body.line(`let ${scope.variables.join(", ")};`);
        if (scope.isQuiet) this.body.paste(lines);
        else this.body.block("try", () => this.body.paste(lines), scope.handler());
      },
      tail,
    );
  }

  binding(owner: RddNode | Sink, index: number, late: boolean): string {
    const known = this.bindings.findIndex((ref) => ref.owner === owner && ref.index === index && ref.late === late);
    return `$b${known >= 0 ? known : this.bindings.push({ owner, index, late }) - 1}`;
  }

  /** Writes something that may turn out not to pay: gives its lines, or undefined with all traces of it gone. */
  attempt(write: () => boolean): readonly string[] | undefined {
    const lists: unknown[][] = [this.bindings, this.inputs, this.sites, this.#scratches];
    for (const scope of new Set([this.#function, this.#scope])) lists.push(scope.variables, scope.records, scope.calls);
    const known = this.#scratches.map(({ escapes, needs }) => ({ escapes, needs: needs.length }));
    const lengths = lists.map((list) => list.length);
    const captured = [...this.#constants];
    const [stops, inlined] = [this.#stops, this.#inlined];
    let pays = false;
    const lines = this.body.capture(() => {
      pays = write();
    });
    if (pays) return lines;
    lists.forEach((list, index) => {
      list.length = lengths[index] as number;
    });
    for (const [index, scratch] of this.#scratches.entries()) {
      scratch.escapes = known[index]?.escapes === true;
      scratch.needs.length = known[index]?.needs ?? 0;
    }
    this.#constants.clear();
    for (const [text, name] of captured) this.#constants.set(text, name);
    this.#stops = stops;
    this.#inlined = inlined;
    return undefined;
  }

  /**
   * Constants of the function for what the user function `name` has captured, or the globals, under these names: an array, or undefined
   * when one of them may change, or when the function is not the strict code that it must be.
   */
  constants(name: string, names: readonly string[], mustBeStrict: boolean): string {
    return this.constant(`t.constants(${name}, ${JSON.stringify(names)}${mustBeStrict ? ", true" : ""})`);
  }

  /** Whether so many more characters of users' functions may be copied into this one: beyond that it would not be optimized. */
  takesInline(length: number): boolean {
    if (this.#inlined + length > INLINED_LENGTH_MAX) return false;
    this.#inlined += length;
    return true;
  }

  /** A constant of the function for an expression that is the same during a task. */
  constant(expression: string): string {
    let constant = this.#constants.get(expression);
    if (constant === undefined) {
      constant = this.fresh("c");
      this.#constants.set(expression, constant);
    }
    return constant;
  }

  /** A place where vectors come to be, the user function `fn`'s if it has some `use` for it; what becomes of them is written down while the text is made. */
  scratch(fn = "", use?: ScratchUse): Scratch {
    const needs = use === undefined || use.needs.length === 0 ? [] : [{ fn, needs: use.needs }];
    const map = use?.names.some(isMapName) === true ? this.fresh("map") : undefined;
    const scratch: Scratch = { name: this.fresh("k"), map, escapes: false, needs };
    this.#scratches.push(scratch);
    return scratch;
  }

  input(ref: InputRef): string {
    return `p.inputs[${this.inputs.push(ref) - 1}]`;
  }

  /**
   * Marks where a user function of `owner` is called: statement to write before the call. `record` is what to show when it throws. A body
   * in place of its call has no frame of its own: `again` says what to call to see the user's own stack.
   */
  site(
    owner: RddNode | Sink,
    record: RowRef | undefined,
    again?: { readonly name: string; readonly args: readonly RowRef[] },
  ): string {
    const call = again === undefined ? UNKNOWN : `[${[again.name, ...again.args.map(recordText)].join(", ")}]`;
    this.#scope.mark(this.sites.length, record === undefined ? UNKNOWN : recordText(record), call);
    return `$s = ${this.sites.push({ owner })};`;
  }

  /** A statement that ends the loop over rows. */
  stop(): string {
    this.#stops = true;
    return "break done;";
  }

  /** The whole source: an expression that gives `function (t, b, p)`. */
  source(kind: "rows" | "task", end: () => string | undefined): string {
    const out = new CodeWriter();
    const star = kind === "rows" ? "*" : "";
    out.block(
      `(${this.isAsync ? "async " : ""}function${star} (t, b, p)`,
      () => {
        out.line('"use strict";');
        const result = end();
        if (this.bindings.length > 0) {
          out.line(`const ${this.bindings.map((_, index) => `$b${index} = b[${index}]`).join(", ")};`);
        }
        for (const [text, name] of this.#constants) out.line(`const ${name} = ${text};`);
        for (const scratch of this.#scratches) writeScratch(out, scratch);
        out.line(`let ${["$s = 0", ...this.#function.variables].join(", ")};`);
        out.block(
          "try",
          () => {
            const text = this.body.toString();
            if (this.#stops) out.block("done:", () => this.#lines(out, text));
            else this.#lines(out, text);
            if (result !== undefined) out.line(`return ${result};`);
          },
          this.#function.handler(),
        );
      },
      "})",
    );
    return out.toString();
  }

  #lines(out: CodeWriter, text: string): void {
    if (text !== "") for (const line of text.split("\n")) out.line(line);
  }
}
