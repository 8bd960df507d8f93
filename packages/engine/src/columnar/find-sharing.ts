/**
 * Does a row of a batch hold one object in two places? Columns would make two of it, so such a batch is written as kind any, whose encoder
 * keeps identity. Columns of which no two can hold the same object are not looked at: the usual row of numbers, strings and one object
 * costs nothing here.
 */
import type { ColumnPlan } from "./column-plan.js";

/** A column whose values are objects. */
interface Place {
  readonly plan: ColumnPlan;
  readonly inList: boolean;
}

/** `elementsApart`: an object that two elements of a row hold does not count, only what one of them holds twice. */
export function hasSharing(root: ColumnPlan, elementsApart = false): boolean {
  if (root.children.length === 0) return false;
  if (elementsApart) return root.children.some((child) => hasSharing(child));
  const places: Place[] = [];
  for (const child of root.children) collectPlaces(child, root.type.kind === "list", places);
  if (places.length === 0) return false;
  if (places.some(({ plan, inList }) => inList || plan.type.kind === "any")) return anyRowShares(root);
  return pairsShare(places.map(({ plan }) => plan));
}

function holdsObjects(plan: ColumnPlan): boolean {
  switch (plan.type.kind) {
    case "struct":
    case "list":
    case "vector":
    case "bytes":
    case "date":
      return true;
    case "any":
      return plan.hasObjects;
    default:
      return false;
  }
}

function collectPlaces(plan: ColumnPlan, inList: boolean, into: Place[]): void {
  if (!holdsObjects(plan)) return;
  into.push({ plan, inList });
  for (const child of plan.children) collectPlaces(child, inList || plan.type.kind === "list", into);
}

/** Each place holds one object a row: compares those that hold things of one kind. */
function pairsShare(plans: readonly ColumnPlan[]): boolean {
  for (const [index, a] of plans.entries()) {
    for (const b of plans.slice(index + 1)) {
      if (a.type.kind === b.type.kind && columnsMeet(a.values, b.values, a.count)) return true;
    }
  }
  return false;
}

function columnsMeet(a: readonly unknown[], b: readonly unknown[], count: number): boolean {
  for (let i = 0; i < count; i++) {
    if (a[i] === b[i] && typeof a[i] === "object" && a[i] !== null) return true;
  }
  return false;
}

function anyRowShares(root: ColumnPlan): boolean {
  const seen = new Set<object>();
  for (let i = 0; i < root.count; i++) {
    seen.clear();
    // Of pairs that were never made there is no row that could be within itself.
    if (root.values.length > 0 ? visit(root, i, seen) : root.children.some((child) => visit(child, i, seen)))
      return true;
  }
  return false;
}

/** Takes a value and all below it into `seen`; true when something was there already. */
function visit(plan: ColumnPlan, index: number, seen: Set<object>): boolean {
  const value = plan.values[index];
  if (typeof value !== "object" || value === null || !holdsObjects(plan)) return false;
  if (plan.type.kind === "any") return graphMeets(value, seen);
  if (seen.has(value)) return true;
  seen.add(value);
  if (plan.type.kind === "list") {
    const item = plan.children[0] as ColumnPlan;
    if (!holdsObjects(item)) return false;
    const offsets = plan.offsets as Int32Array;
    for (let j = offsets[index] as number; j < (offsets[index + 1] as number); j++) {
      if (visit(item, j, seen)) return true;
    }
    return false;
  }
  for (const child of plan.children) {
    if (visit(child, index, seen)) return true;
  }
  return false;
}

/** Sharing inside the graph is its encoder's matter; what counts is whether it meets anything outside. */
function graphMeets(root: object, seen: Set<object>): boolean {
  const own = new Set<object>([root]);
  for (const one of own) {
    if (seen.has(one)) return true;
    for (const part of partsOf(one)) {
      if (typeof part === "object" && part !== null) own.add(part);
    }
  }
  for (const one of own) seen.add(one);
  return false;
}

function partsOf(value: object): unknown[] {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return [];
  const names = value instanceof Error ? Object.getOwnPropertyNames(value) : Object.keys(value);
  const parts = names.map((name) => (value as Record<string, unknown>)[name]);
  if (value instanceof Map) Map.prototype.forEach.call(value, (item, key) => void parts.push(key, item));
  if (value instanceof Set) Set.prototype.forEach.call(value, (item) => void parts.push(item));
  return parts;
}
