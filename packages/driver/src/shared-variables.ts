/** Broadcasts and accumulators of a context: what makes, captures and merges them. */

import { decodeRows } from "@volley/engine/columnar/block-reader.js";
import { privateMemberOf } from "@volley/engine/columnar/row-classes.js";
import type { ClassRegistry } from "@volley/engine/columnar/types.js";
import { Accumulator } from "@volley/engine/rdd/accumulator.js";
import { Broadcast } from "@volley/engine/rdd/broadcast.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { Driver } from "./driver.js";
import { setPrivateState, whyPrivateStateStays } from "./private-state.js";

type AnyAccumulator = Accumulator<never, unknown>;

export class SharedVariables {
  readonly #driver: Driver;
  readonly #encode: (value: unknown) => Uint8Array;
  readonly #classes: ClassRegistry;
  readonly #broadcasts = new WeakSet<object>();
  readonly #accumulators = new Map<number, AnyAccumulator>();
  readonly #accumulatorIds = new WeakMap<object, number>();
  #ids = 0;

  /** `encode` captures a value with all it refers to. */
  constructor(driver: Driver, classes: ClassRegistry, encode: (value: unknown) => Uint8Array) {
    this.#driver = driver;
    this.#classes = classes;
    this.#encode = encode;
  }

  /** A number for a broadcast: all block names of a context's broadcasts differ. */
  nextId(): number {
    return this.#ids++;
  }

  /** Captures the value at once: what it is now is what executors see. */
  broadcast<T>(value: T): Broadcast<T> {
    const id = this.nextId();
    const bytes = this.#encode(value);
    let destroyed = false;
    const alive = (): T => {
      if (destroyed)
        throw new VolleyError(
          "BROADCAST_DESTROYED",
          `broadcast ${id} was destroyed and cannot be used any more; make a new one with broadcast()`,
        );
      return value;
    };
    this.#driver.putBlock({ kind: "broadcast", broadcastId: id }, bytes);
    const broadcast = new Broadcast(id, alive, {
      unpersist: async () => {
        alive();
        await this.#driver.removeBroadcast(id, false);
      },
      destroy: async () => {
        alive();
        destroyed = true;
        await this.#driver.removeBroadcast(id, true);
      },
    });
    this.#broadcasts.add(broadcast);
    return broadcast;
  }

  register<A extends AnyAccumulator>(accumulator: A, name?: string): A {
    if (!(accumulator instanceof Accumulator)) {
      throw new VolleyError("INVALID_ARGUMENT", "register takes an instance of a class that extends Accumulator");
    }
    if (this.#accumulatorIds.has(accumulator)) {
      throw new VolleyError("INVALID_ARGUMENT", "this accumulator is registered already");
    }
    const field = whyPrivateStateStays(accumulator);
    if (field !== undefined) {
      throw new VolleyError(
        "INVALID_ARGUMENT",
        `the class ${accumulator.constructor.name} keeps state in ${field}, which executors cannot send back; use an ordinary field`,
      );
    }
    const id = this.nextId();
    this.#accumulators.set(id, accumulator);
    this.#accumulatorIds.set(accumulator, id);
    accumulator.name = name;
    return accumulator;
  }

  /** What a captured broadcast or accumulator travels as; undefined for anything else. */
  handle(value: object): { readonly type: string; readonly data: unknown } | undefined {
    // A prototype is an instance of its parent class, and travels with its class.
    if (Object.hasOwn(value, "constructor")) return undefined;
    if (value instanceof Broadcast) {
      // Ids count from 0 in every context: another context's broadcast would be read as one of this one's.
      if (!this.#broadcasts.has(value)) {
        throw new VolleyError(
          "INVALID_ARGUMENT",
          "a function uses a broadcast that another context made; make one by this context's broadcast()",
        );
      }
      void value.value;
      return { type: "broadcast", data: { id: value.id } };
    }
    if (!(value instanceof Accumulator)) return undefined;
    const id = this.#accumulatorIds.get(value);
    // The zero that a task starts from is an accumulator too, captured by value.
    if (id === undefined) return this.#zeros.has(value) ? undefined : refuseUnregistered();
    const zero = value.copy() as AnyAccumulator;
    zero.reset();
    this.#zeros.add(zero);
    return { type: "accumulator", data: { id, zero } };
  }

  readonly #zeros = new WeakSet<object>();

  /** Adds what an accepted task counted. */
  merge(bytes: Uint8Array): void {
    type Update = [id: number, fields: object, privates: Record<string, unknown> | undefined];
    for (const [id, fields, privates] of decodeRows(bytes, this.#classes) as Update[]) {
      const accumulator = this.#accumulators.get(id);
      if (accumulator === undefined) continue;
      const update = Object.assign(zeroLike(accumulator), fields);
      if (privates !== undefined) setPrivateState(update, privates);
      mergeInto(accumulator, update);
    }
  }
}

/** A user's `merge`, which is called here whatever the action was: what it throws is the user's, not a defect. */
function mergeInto(accumulator: AnyAccumulator, update: object): void {
  try {
    accumulator.merge(update as never);
  } catch (cause) {
    if (VolleyError.is(cause)) throw cause;
    const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const named = `${accumulator.constructor.name}${accumulator.name === undefined ? "" : ` ${JSON.stringify(accumulator.name)}`}`;
    throw new VolleyError("USER_FUNCTION_FAILED", `merge of the accumulator ${named} threw ${thrown}`, { cause });
  }
}

/** An instance of an accumulator's class to be filled. Only its constructor gives an instance its private members. */
function zeroLike(accumulator: AnyAccumulator): object {
  if (privateMemberOf(accumulator.constructor) === undefined)
    return Object.create(Object.getPrototypeOf(accumulator) as object) as object;
  const zero = accumulator.copy();
  zero.reset();
  return zero;
}

function refuseUnregistered(): never {
  throw new VolleyError(
    "ACCUMULATOR_UNREGISTERED",
    "an accumulator must be registered (vc.register) before a function uses it",
  );
}
