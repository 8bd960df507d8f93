/** Classes: which members the source defines, the names of computed ones, statics and private fields. */

import type { ClassMember, ClassOutline } from "@volley/engine/closure/class-text.js";
import { MEMBER } from "@volley/engine/closure/envelope-format.js";

/** A function that the class's source makes: `holder[key]`'s value, getter or setter. */
export interface SourceMember {
  readonly fn: Function;
  readonly key: PropertyKey;
  readonly which: number;
  readonly isStatic: boolean;
  readonly member: ClassMember;
}

/**
 * Finds the class's own functions for its members. A computed name was an expression that has run; the key is that of the function with
 * this member's text.
 */
export function sourceMembers(constructor: Function, outline: ClassOutline): SourceMember[] {
  const found: SourceMember[] = [];
  const taken = new Set<Function>();
  for (const member of outline.members) {
    if (member.isPrivate || member.kind === "constructor" || member.kind === "field" || member.kind === "staticBlock")
      continue;
    const holder = member.isStatic ? constructor : (constructor.prototype as object);
    const keys: readonly PropertyKey[] = member.name === undefined ? Reflect.ownKeys(holder) : [member.name];
    for (const key of keys) {
      const which = member.kind === "method" ? MEMBER.value : member.kind === "get" ? MEMBER.get : MEMBER.set;
      const fn = functionAt(holder, key, which);
      if (fn === undefined || taken.has(fn) || Function.prototype.toString.call(fn) !== member.functionText) continue;
      taken.add(fn);
      found.push({ fn, key, which, isStatic: member.isStatic, member });
      break;
    }
  }
  return found;
}

function functionAt(holder: object, key: PropertyKey, which: number): Function | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  const fn: unknown =
    which === MEMBER.value ? descriptor?.value : which === MEMBER.get ? descriptor?.get : descriptor?.set;
  return typeof fn === "function" ? fn : undefined;
}

/** True when a property stands as the class's evaluation makes it: nothing to restore. */
export function isUnchanged(
  holder: object,
  key: PropertyKey,
  members: readonly SourceMember[],
  isStatic: boolean,
): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  if (descriptor === undefined || descriptor.enumerable === true || descriptor.configurable !== true) return false;
  const own = members.filter((member) => member.key === key && member.isStatic === isStatic).map(({ fn }) => fn);
  const functions = [descriptor.value, descriptor.get, descriptor.set].filter((fn) => fn !== undefined);
  return functions.length > 0 && functions.every((fn) => own.includes(fn as Function));
}

export function parentOf(constructor: Function): object | null {
  const parent = Object.getPrototypeOf(constructor) as object;
  // `extends null` leaves Function.prototype as the parent of the class itself.
  return parent === Function.prototype && Object.getPrototypeOf(constructor.prototype) === null ? null : parent;
}
