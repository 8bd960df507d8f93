/**
 * Looks at the values of a column and finds the narrowest type that gives all of them back as they were. On the way it already makes what
 * the column will be written from (typed arrays, UTF-8), since that costs little more than looking.
 *
 * When changing this: a value may only enter a typed column if nothing of it is lost. -0 is no int32; an array with properties besides its
 * elements, a Date with properties, a subclass, a symbol property are for kind any, whose encoder keeps or refuses them.
 */
import { isPlainObject } from "../lib/plain-object.js";
import { VolleyError } from "../wire/errors.js";
import { BatchTooLarge } from "./batch-too-large.js";
import { type ColumnPlan, countNulls, isNull, plan, planAny } from "./column-plan.js";
import { type NullKind, type StructField, TYPE_DEPTH_MAX } from "./column-type.js";
import { gatherOptional, MISSING, structGather, tupleGather } from "./gather.js";
import { BYTES, planBytes, planVectors, VECTORS } from "./plan-binary.js";
import {
  planBigints,
  planBooleans,
  planDates,
  planItems,
  planNullableNumbers,
  planNumbers,
  planNumberTuples,
  planStrings,
  planTyped,
} from "./plan-values.js";
import { openClassIdOf } from "./row-classes.js";
import type { ClassRegistry } from "./types.js";

/** Arrays of one length up to this are tuples (a column an element); longer ones are lists. */
const TUPLE_WIDTH_MAX = 8;
/** Objects of more properties are dictionaries to V8 and slow in generated code. */
const STRUCT_FIELDS_MAX = 500;
/** Elements of all lists of a batch; more and the batch is halved. */
const LIST_ITEMS_MAX = 1 << 24;
/** Elements of one single list row beyond which kind any takes over: the flattened copy would not fit in an array of V8. */
const LIST_ROW_MAX = 1 << 26;

const IS_NUMBER = 1;
const IS_STRING = 2;
const IS_BOOLEAN = 4;
const IS_BIGINT = 8;
const IS_OBJECT = 16;
const IS_REFUSED = 32;
const IS_NULL = 64;
const IS_UNDEFINED = 128;
const IS_MISSING = 256;
const ANY_NULL = IS_NULL | IS_UNDEFINED | IS_MISSING;

/** Analyzes the rows of a batch as one column. Throws BatchTooLarge. */
export function analyzeColumn(values: readonly unknown[], count: number, classes: ClassRegistry): ColumnPlan {
  return new Analyzer(classes).column(values, count, 0, false);
}

/** Analyzes rows [key, value] that were never made: the plan's `values` are empty. Throws BatchTooLarge. */
export function analyzePairs(
  keys: readonly unknown[],
  values: readonly unknown[],
  count: number,
  classes: ClassRegistry,
): ColumnPlan {
  return analyzeKeyed(new Analyzer(classes).column(keys, count, 1, false), values, classes);
}

/** The same where the keys have been analyzed. */
export function analyzeKeyed(keys: ColumnPlan, values: ArrayLike<unknown>, classes: ClassRegistry): ColumnPlan {
  const { count } = keys;
  const children = [
    keys,
    planTyped(values) ?? new Analyzer(classes).column(values as readonly unknown[], count, 1, false),
  ];
  const fields = children.map(({ type }, index): StructField => ({ name: String(index), type }));
  return plan({ kind: "struct", form: "tuple", classId: 0, fields, nulls: "none" }, [], count, { children });
}

/** A column whose values are objects or nulls. */
interface Objects {
  readonly values: readonly unknown[];
  /** The values with some object in place of each null. */
  readonly filled: readonly unknown[];
  readonly count: number;
  readonly nulls: NullKind;
  readonly nullCount: number;
  readonly depth: number;
  readonly inList: boolean;
}

class Analyzer {
  readonly #classes: ClassRegistry;

  constructor(classes: ClassRegistry) {
    this.#classes = classes;
  }

  /** `inList`: lengths of lists' items are not bounded by the batch's rows, so each must take some bytes. */
  column(values: readonly unknown[], count: number, depth: number, inList: boolean): ColumnPlan {
    const first = values[0];
    if (typeof first === "number") {
      const numbers = planNumbers(values, count);
      if (numbers !== undefined) return numbers;
    }
    const kinds = kindsOf(values, count);
    const nulls = nullKindOf(kinds & ANY_NULL);
    const kind = kinds & ~ANY_NULL;
    if (nulls === undefined) return planAny(values, count, (kind & IS_OBJECT) !== 0);
    switch (kind) {
      case 0:
        if (count === 0) return plan({ kind: "null", nulls }, values, 0, {});
        return plan({ kind: inList ? "bool" : "null", nulls }, values, count, {
          nullCount: count,
          data: inList ? new Uint8Array(Math.ceil(count / 8)) : undefined,
        });
      case IS_NUMBER:
        return planNullableNumbers(values, count, nulls);
      case IS_STRING:
        return planStrings(values, count, nulls);
      case IS_BOOLEAN:
        return planBooleans(values, count, nulls);
      case IS_BIGINT:
        return planBigints(values, count, nulls);
      case IS_OBJECT:
        return this.#objects(values, count, nulls, depth, inList) ?? planAny(values, count, true);
      default:
        return planAny(values, count, (kind & IS_OBJECT) !== 0);
    }
  }

  /** Undefined when the objects are not of one kind that has a column type. */
  #objects(
    values: readonly unknown[],
    count: number,
    nulls: NullKind,
    depth: number,
    inList: boolean,
  ): ColumnPlan | undefined {
    if (depth >= TYPE_DEPTH_MAX) return undefined;
    const nullCount = nulls === "none" ? 0 : countNulls(values, count);
    const first = values.find((value) => typeof value === "object" && value !== null) as object;
    const prototype = Object.getPrototypeOf(first) as object | null;
    if (prototype === null) return undefined;
    if (prototype === Date.prototype) return planDates(values, count, nulls, nullCount);
    const vector = VECTORS.get(prototype);
    if (vector !== undefined) return planVectors(values, count, nulls, nullCount, prototype, vector);
    const bytes = BYTES.get(prototype);
    if (bytes !== undefined) return planBytes(values, count, nulls, nullCount, prototype, bytes);
    const filled = nullCount === 0 ? values : fill(values, count, first);
    const objects: Objects = { values, filled, count, nulls, nullCount, depth, inList };
    return Array.isArray(first) ? this.#arrays(objects) : this.#structs(objects, prototype);
  }

  #structs(objects: Objects, prototype: object): ColumnPlan | undefined {
    const { values, filled, count, nulls, nullCount, inList } = objects;
    const first = filled[0] as object;
    const isPlain = prototype === Object.prototype || isPlainObject(first);
    const classId = isPlain ? 0 : this.#classId(first, prototype);
    if (classId === undefined || Object.getOwnPropertySymbols(first).length > 0) return undefined;
    const gathered = gatherStructs(filled, count, prototype);
    if (gathered === undefined || gathered.names.length > STRUCT_FIELDS_MAX) return undefined;
    if (inList && gathered.names.length === 0) return undefined;
    const children = this.#elements(gathered.columns, objects);
    const fields = gathered.names.map(
      (name, index): StructField => ({ name, type: (children[index] as ColumnPlan).type }),
    );
    const form = isPlain ? "object" : "instance";
    return plan({ kind: "struct", form, classId, fields, nulls }, values, count, { nullCount, children });
  }

  #elements(columns: readonly unknown[][], { values, count, nullCount, depth, inList }: Objects): ColumnPlan[] {
    blankTexts(columns, values, nullCount);
    return columns.map((column) => this.column(column, count, depth + 1, inList));
  }

  /** The id of a class whose instances are no more than their properties; undefined leaves the matter to kind any. */
  #classId(first: object, prototype: object): number | undefined {
    if (isBuiltin(first)) return undefined;
    try {
      return openClassIdOf(prototype, this.#classes);
    } catch (error) {
      if (VolleyError.is(error, "ROW_NOT_TRANSFERABLE")) return undefined;
      throw error;
    }
  }

  #arrays(objects: Objects): ColumnPlan | undefined {
    const { filled, count, nullCount } = objects;
    const width = (filled[0] as readonly unknown[]).length;
    if (width === 0 || width > TUPLE_WIDTH_MAX) return this.#lists(objects);
    const numbers = nullCount === 0 ? planNumberTuples(filled, count, width) : undefined;
    if (numbers !== undefined) return this.#tuples(objects, numbers);
    const columns = emptyColumns(width, count);
    if (tupleGather(width)(filled, count, Array.prototype, columns) < count) return this.#lists(objects);
    if (columns.some((column, index) => hasHole(filled, column, count, index))) return undefined;
    return this.#tuples(objects, this.#elements(columns, objects));
  }

  #tuples({ values, count, nulls, nullCount }: Objects, children: readonly ColumnPlan[]): ColumnPlan {
    const fields = children.map((child, index): StructField => ({ name: String(index), type: child.type }));
    return plan({ kind: "struct", form: "tuple", classId: 0, fields, nulls }, values, count, { nullCount, children });
  }

  #lists({ values, count, nulls, nullCount, depth }: Objects): ColumnPlan | undefined {
    const offsets = new Int32Array(count + 1);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const row = values[i];
      if (Array.isArray(row)) {
        if (!isBareArray(row)) return undefined;
        total += row.length;
        if (total > LIST_ITEMS_MAX && count > 1) throw new BatchTooLarge();
        if (total > LIST_ROW_MAX) return undefined;
      } else if (typeof row === "object" && row !== null) {
        return undefined;
      }
      offsets[i + 1] = total;
    }
    const child = planItems(values, count, total) ?? this.column(flatten(values, count, total), total, depth + 1, true);
    return plan({ kind: "list", item: child.type, nulls }, values, count, { nullCount, children: [child], offsets });
  }
}

/** Without a class or properties of its own. (Results of `match` have `index`, template strings `raw`; others are not looked for.) */
function isBareArray(row: unknown[]): boolean {
  return (
    row.constructor === Array &&
    (row as { index?: unknown }).index === undefined &&
    (row as { raw?: unknown }).raw === undefined
  );
}

function flatten(values: readonly unknown[], count: number, total: number): unknown[] {
  const items = new Array<unknown>(total);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const row = values[i];
    if (!Array.isArray(row)) continue;
    const length = row.length;
    for (let j = 0; j < length; j++) {
      const item: unknown = row[j];
      items[at++] = item === undefined && !(j in row) ? MISSING : item;
    }
  }
  return items;
}

function emptyColumns(width: number, count: number): unknown[][] {
  return Array.from({ length: width }, () => new Array<unknown>(count));
}

function hasHole(rows: readonly unknown[], column: readonly unknown[], count: number, index: number): boolean {
  for (let i = 0; i < count; i++) {
    if (column[i] === undefined && !(index in (rows[i] as unknown[]))) return true;
  }
  return false;
}

function gatherStructs(
  rows: readonly unknown[],
  count: number,
  prototype: object,
): { names: string[]; columns: unknown[][] } | undefined {
  const names = Object.keys(rows[0] as object);
  if (names.length > STRUCT_FIELDS_MAX) return undefined;
  const columns = emptyColumns(names.length, count);
  if (structGather(names)(rows, count, prototype, columns) === count) return { names, columns };
  return gatherOptional(rows, count, prototype);
}

/** Children of a null row repeat those of the first row; its texts need not be repeated. */
function blankTexts(columns: readonly unknown[][], values: readonly unknown[], nullCount: number): void {
  if (nullCount === 0) return;
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      if (typeof column[i] === "string" && isNull(values[i])) column[i] = "";
    }
  }
}

function fill(values: readonly unknown[], count: number, filler: object): unknown[] {
  const filled = new Array<unknown>(count);
  for (let i = 0; i < count; i++) filled[i] = isNull(values[i]) ? filler : values[i];
  return filled;
}

function kindsOf(values: readonly unknown[], count: number): number {
  let kinds = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    switch (typeof value) {
      case "string":
        kinds |= IS_STRING;
        break;
      case "number":
        kinds |= IS_NUMBER;
        break;
      case "object":
        kinds |= value === null ? IS_NULL : IS_OBJECT;
        break;
      case "undefined":
        kinds |= IS_UNDEFINED;
        break;
      case "boolean":
        kinds |= IS_BOOLEAN;
        break;
      case "bigint":
        kinds |= IS_BIGINT;
        break;
      default:
        kinds |= value === MISSING ? IS_MISSING : IS_REFUSED;
    }
  }
  return kinds;
}

/** Undefined: nulls of several kinds. */
function nullKindOf(kinds: number): NullKind | undefined {
  switch (kinds) {
    case 0:
      return "none";
    case IS_NULL:
      return "null";
    case IS_UNDEFINED:
      return "undefined";
    case IS_MISSING:
      return "missing";
    default:
      return undefined;
  }
}

/** Objects with state besides their properties: kind any has encodings for some, and refuses the others. */
function isBuiltin(value: object): boolean {
  return (
    value instanceof Map ||
    value instanceof Set ||
    value instanceof Error ||
    value instanceof Date ||
    value instanceof RegExp ||
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof Number ||
    value instanceof String ||
    value instanceof Boolean ||
    value instanceof BigInt ||
    value instanceof URL
  );
}
