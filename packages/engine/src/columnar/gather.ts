/**
 * Takes rows apart into columns. For each width of tuples and each list of property names a loop is generated once, in which every access
 * is to a constant place; it stops at the first row of another shape.
 */

/** Stands in gathered columns where an array has a hole or an object lacks a property. */
export const MISSING = Symbol("missing");

/** Gathers from `rows` into `columns` until a row does not fit; returns how many did. */
export type Gather = (rows: readonly unknown[], count: number, prototype: object, columns: unknown[][]) => number;

/** Gatherers kept for reuse; shapes beyond are made again. Objects with generated names would otherwise fill the memory with code. */
const GATHERS_MAX = 500;
const tupleGathers = new Map<number, Gather>();
const structGathers = new Map<string, Gather>();

export function tupleGather(width: number): Gather {
  return remembered(tupleGathers, width, () => generate(tupleCheck(width), indicesBelow(width), []));
}

/** Gathers tuples of numbers into typed columns until a row is none, or one of another width; returns how many fitted. */
export type NumbersGather = (rows: readonly unknown[], count: number, columns: readonly Float64Array[]) => number;

const numbersGathers = new Map<number, NumbersGather>();

/** A number that goes from one array of values to another is put into a box of its own on the way; into a typed column it is copied. */
export function numbersGather(width: number): NumbersGather {
  return remembered(numbersGathers, width, () => {
    const indices = indicesBelow(width);
    const source = `return function gatherNumbers(rows, count, columns) {
      ${indices.map((index) => `const c${index} = columns[${index}];`).join(" ")}
      for (let i = 0; i < count; i++) {
        const row = rows[i];
        ${tupleCheck(width)}
        ${indices.map((index) => `const v${index} = row[${index}]; if (typeof v${index} !== "number") return i; c${index}[i] = v${index};`).join("\n        ")}
      }
      return count;
    }`;
    return (new Function("isArray", source) as (isArray: unknown) => NumbersGather)(Array.isArray);
  });
}

function tupleCheck(width: number): string {
  return `if (!isArray(row) || row.length !== ${width} || row.constructor !== Array || row.index !== undefined || row.raw !== undefined) return i;`;
}

function indicesBelow(width: number): string[] {
  return Array.from({ length: width }, (_, index) => String(index));
}

function remembered<G>(gathers: Map<number, G>, width: number, make: () => G): G {
  let gather = gathers.get(width);
  if (gather === undefined) {
    gather = make();
    gathers.set(width, gather);
  }
  return gather;
}

/** For objects whose own properties are exactly `names`, in that order. */
export function structGather(names: readonly string[]): Gather {
  const key = JSON.stringify(names);
  let gather = structGathers.get(key);
  if (gather === undefined) {
    gather = generate(
      `if (typeof row !== "object" || row === null || getPrototypeOf(row) !== prototype) return i;
      let at = 0;
      for (const name in row) {
        if (name !== names[at]) return i;
        at++;
      }
      if (at !== ${names.length}) return i;`,
      names.map((name) => JSON.stringify(name)),
      names,
    );
    if (structGathers.size >= GATHERS_MAX) structGathers.clear();
    structGathers.set(key, gather);
  }
  return gather;
}

function generate(check: string, keys: readonly string[], names: readonly string[]): Gather {
  const source = `return function gather(rows, count, prototype, columns) {
    ${keys.map((_, index) => `const c${index} = columns[${index}];`).join(" ")}
    for (let i = 0; i < count; i++) {
      const row = rows[i];
      ${check}
      ${keys.map((key, index) => `c${index}[i] = row[${key}];`).join("\n      ")}
    }
    return count;
  }`;
  const make = new Function("names", "isArray", "getPrototypeOf", source) as (
    names: readonly string[],
    isArray: unknown,
    getPrototypeOf: unknown,
  ) => Gather;
  return make(names, Array.isArray, Object.getPrototypeOf);
}

/** Objects that lack properties which others have: more names than this, or more than OPTIONAL_FACTOR times a row's own, are a dictionary. */
const OPTIONAL_NAMES_MAX = 200;
const OPTIONAL_FACTOR = 4;

/**
 * Gathers objects of one prototype whose properties differ, with MISSING where one is lacking. Undefined when there is no order of the
 * names that agrees with every row's, or when the objects look like dictionaries.
 */
export function gatherOptional(
  rows: readonly unknown[],
  count: number,
  prototype: object,
): { names: string[]; columns: unknown[][] } | undefined {
  const names = unionOfNames(rows, count, prototype);
  if (names === undefined) return undefined;
  const columns = names.map((name) => {
    const column = new Array<unknown>(count);
    for (let i = 0; i < count; i++) {
      const row = rows[i] as Record<string, unknown>;
      const value = row[name];
      column[i] = value !== undefined || Object.hasOwn(row, name) ? value : MISSING;
    }
    return column;
  });
  return names.some((name) => name in Object.prototype) ? undefined : { names, columns };
}

function unionOfNames(rows: readonly unknown[], count: number, prototype: object): string[] | undefined {
  let names: string[] = [];
  let positions = new Map<string, number>();
  let ownNames = 0;
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    if (typeof row !== "object" || row === null || Object.getPrototypeOf(row) !== prototype) return undefined;
    const own = Object.keys(row);
    ownNames += own.length;
    const shape = own.join("\0");
    if (seen.has(shape)) continue;
    seen.add(shape);
    const merged = mergeNames(names, positions, own);
    if (merged === undefined || merged.length > OPTIONAL_NAMES_MAX) return undefined;
    if (merged !== names) {
      names = merged;
      positions = new Map(merged.map((name, index) => [name, index]));
    }
  }
  return names.length * count > ownNames * OPTIONAL_FACTOR ? undefined : names;
}

/** `names` with the new ones of `own` put in, or undefined when the orders disagree. */
function mergeNames(
  names: string[],
  positions: ReadonlyMap<string, number>,
  own: readonly string[],
): string[] | undefined {
  let last = -1;
  let isKnown = true;
  for (const name of own) {
    const position = positions.get(name);
    if (position === undefined) isKnown = false;
    else if (position < last) return undefined;
    else last = position;
  }
  if (isKnown) return names;
  const merged = [...names];
  let insertAt = 0;
  for (const name of own) {
    const found = merged.indexOf(name);
    if (found >= 0) insertAt = found + 1;
    else merged.splice(insertAt++, 0, name);
  }
  return merged;
}
