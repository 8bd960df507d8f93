/** Module objects, in the shapes that loaders and compilers give them, and what of them a function uses. */

import { createRequire, Module } from "node:module";
import { types } from "node:util";
import { functionFacts } from "@volley/engine/closure/facts.js";
import type { NameUse } from "@volley/engine/closure/name-use.js";
import type { Script } from "./scripts.js";

const ownRequire = createRequire(import.meta.url);

/** A variable that holds a module, not data that merely looks like one. `script`: the one at whose top the variable stands. */
export function isModuleValue(name: string, value: object, script: Script | undefined): boolean {
  if (types.isModuleNamespaceObject(value)) return true;
  // The second is vitest's, in files that mock modules.
  if (/^__(vite_ssr_(import_\d+|exports)|vi_import_\d+)__$/.test(name)) return true;
  if (name === "exports" || (name === "module" && value instanceof Module)) return true;
  if (types.isProxy(value)) return false;
  if (script?.imports.names.get(name)?.isModule === true) return true;
  const flag = Object.getOwnPropertyDescriptor(value, "__esModule");
  if (flag?.value === true || isInteropNamespace(value)) return true;
  return Object.values(ownRequire.cache).some((module) => module?.exports === value);
}

/** The object that bundlers put around a module's exports: tagged as a module, or getters that nobody can change and a default. */
function isInteropNamespace(value: object): boolean {
  const tag: unknown = Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value;
  if (tag === "Module") return true;
  // Asked first: other objects may have millions of properties.
  if (Object.getOwnPropertyDescriptor(value, "default")?.configurable !== false) return false;
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(value));
  return (
    descriptors.length > 1 &&
    descriptors.every(
      ([key, { get, set, configurable }]) =>
        configurable === false && (key === "default" || (get !== undefined && set === undefined)),
    )
  );
}

/**
 * The members of a module variable that a function's text touches, or undefined when the module escapes whole or a member needs the
 * module as its `this`.
 */
export function usedMembers(uses: readonly NameUse[], value: object): string[] | undefined {
  const members = new Set<string>();
  for (const use of uses) {
    if (use.member === undefined || use.access !== "read") return undefined;
    members.add(String(use.member));
    if (use.memberCalled !== true) continue;
    const called = membersOfThis(readMember(value, String(use.member)).value, value);
    if (called === undefined) return undefined;
    for (const member of called) members.add(member);
  }
  return [...members];
}

/** What a function that is called on the module touches of it, itself and through what it calls on `this`. */
function membersOfThis(start: unknown, module: object): ReadonlySet<string> | undefined {
  const members = new Set<string>();
  const pending: unknown[] = [start];
  for (let fn = pending.pop(); fn !== undefined; fn = pending.pop()) {
    if (typeof fn !== "function") continue;
    const { kind, usesThis, thisMembers } = functionFacts(Function.prototype.toString.call(fn));
    if (!usesThis || (kind !== "function" && kind !== "method")) continue;
    if (thisMembers === undefined) return undefined;
    for (const member of thisMembers) {
      if (members.has(member)) continue;
      members.add(member);
      pending.push(readMember(module, member).value);
    }
  }
  return members;
}

/** An export, through its getter if it has one; exports that are not ready yet count as undefined. */
export function readMember(value: object, member: string): { readonly value: unknown } {
  try {
    return { value: (value as Record<string, unknown>)[member] };
  } catch (error) {
    if (error instanceof ReferenceError) return { value: undefined };
    throw error;
  }
}

/** All exports of a module object. */
export function memberNames(value: object): string[] {
  return Object.getOwnPropertyNames(value).filter((name) => name !== "__esModule");
}
