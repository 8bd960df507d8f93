/** Map and Set that find keys by value. They iterate the keys as they were first given, in that order. */
import { VolleyError } from "../wire/errors.js";
import { type CanonicalKey, canonicalKey } from "./canonical-key.js";

/** V8's own limit on the entries of a Map or Set. */
export const MAP_ENTRIES_MAX = 2 ** 24;

function refuseMore(what: string): never {
  throw new VolleyError("RECORD_TOO_LARGE", `a ${what} cannot hold more than ${MAP_ENTRIES_MAX} keys in JavaScript`);
}

/** Primitives equal by value are the same key to a Map already; only composites need their canonical form. */
function isComposite(key: unknown): boolean {
  return (typeof key === "object" && key !== null) || typeof key === "function" || typeof key === "symbol";
}

/**
 * Canonical forms of composite keys to the keys that stand in the map. An ordinary property, so that a captured map travels with it; hidden, so
 * that a map shows nothing but its entries.
 */
function hideCanonical(owner: object): void {
  Object.defineProperty(owner, "canonicalToKey", { value: new Map(), writable: true, configurable: true });
}

/** A Map whose `get`, `has`, `set` and `delete` find keys by value. Throws UNSUPPORTED_KEY for keys that have no value of their own. */
export class KeyMap<K, V> extends Map<K, V> {
  declare private readonly canonicalToKey: Map<CanonicalKey, K>;

  constructor(entries?: Iterable<readonly [K, V]> | null) {
    super();
    hideCanonical(this);
    if (entries === undefined || entries === null) return;
    for (const [key, value] of entries) this.set(key, value);
  }

  override get(key: K): V | undefined {
    if (!isComposite(key)) return super.get(key);
    const canonical = canonicalKey(key);
    const own = this.canonicalToKey.get(canonical);
    return own === undefined ? undefined : super.get(own);
  }

  override has(key: K): boolean {
    return isComposite(key) ? this.canonicalToKey.has(canonicalKey(key)) : super.has(key);
  }

  override set(key: K, value: V): this {
    if (!isComposite(key)) {
      if (this.size >= MAP_ENTRIES_MAX && !super.has(key)) refuseMore("map");
      return super.set(key, value);
    }
    const canonical = canonicalKey(key);
    const own = this.canonicalToKey.get(canonical);
    if (own !== undefined) return super.set(own, value);
    if (this.size >= MAP_ENTRIES_MAX) refuseMore("map");
    this.canonicalToKey.set(canonical, key);
    return super.set(key, value);
  }

  override delete(key: K): boolean {
    if (!isComposite(key)) return super.delete(key);
    const canonical = canonicalKey(key);
    const own = this.canonicalToKey.get(canonical);
    if (own === undefined) return false;
    this.canonicalToKey.delete(canonical);
    return super.delete(own);
  }

  override clear(): void {
    this.canonicalToKey.clear();
    super.clear();
  }

  /** This map, or, when all keys are primitives, an ordinary Map of the same entries: then nothing tells the two apart but their class. */
  simplest(): Map<K, V> {
    return this.canonicalToKey.size === 0 ? new Map(this) : this;
  }
}

/** A Set whose `has`, `add` and `delete` find values by value. */
export class KeySet<K> extends Set<K> {
  declare private readonly canonicalToKey: Map<CanonicalKey, K>;

  constructor(keys?: Iterable<K> | null) {
    super();
    hideCanonical(this);
    if (keys === undefined || keys === null) return;
    for (const key of keys) this.add(key);
  }

  override has(key: K): boolean {
    return isComposite(key) ? this.canonicalToKey.has(canonicalKey(key)) : super.has(key);
  }

  override add(key: K): this {
    if (this.has(key)) return this;
    if (this.size >= MAP_ENTRIES_MAX) refuseMore("set");
    if (isComposite(key)) this.canonicalToKey.set(canonicalKey(key), key);
    return super.add(key);
  }

  override delete(key: K): boolean {
    if (!isComposite(key)) return super.delete(key);
    const canonical = canonicalKey(key);
    const own = this.canonicalToKey.get(canonical);
    if (own === undefined) return false;
    this.canonicalToKey.delete(canonical);
    return super.delete(own);
  }

  override clear(): void {
    this.canonicalToKey.clear();
    super.clear();
  }
}
