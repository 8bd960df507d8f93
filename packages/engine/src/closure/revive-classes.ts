/** Instances with private fields, and functions that belong to a class. */

import { ownPrivateMemberOf, unstamped } from "../columnar/row-classes.js";
import type { PrivateFields } from "../columnar/types.js";
import { assert } from "../lib/assert.js";
import type { ClassImage } from "./envelope-format.js";
import { MEMBER } from "./envelope-format.js";

/**
 * An object that carries the private fields of these classes (parents first), all still unset. A private field is only ever made by the
 * class's own constructor, so the constructor is run in a mode in which it returns at once: a class without a parent makes the object,
 * one with a parent gets the object from a stand-in for its parent.
 */
export function makeInstance(base: object, owners: readonly ClassImage[]): object {
  let object = base;
  for (const owner of owners) object = stamp(object, owner);
  for (const key of Reflect.ownKeys(object)) {
    if (Object.getOwnPropertyDescriptor(object, key)?.configurable === true) Reflect.deleteProperty(object, key);
  }
  return object;
}

function stamp(object: object, owner: ClassImage): object {
  assert(owner.quiet !== undefined, "a class with private fields can be made quiet");
  const { made, quiet } = owner;
  const parent = Object.getPrototypeOf(made) as object | null;
  const hasParent = parent !== Function.prototype;
  quiet.on = true;
  try {
    if (!hasParent) return Reflect.construct(made, []) as object;
    Object.setPrototypeOf(
      made,
      // A constructor's answer takes the place of `this`.
      function standIn() {
        return object;
      },
    );
    Reflect.construct(made, []);
    return object;
  } finally {
    quiet.on = false;
    if (hasParent) Object.setPrototypeOf(made, parent);
  }
}

/** A method or accessor that a class's source defines. */
export function makeMember(owner: Function, key: PropertyKey, [which, isStatic]: readonly number[]): unknown {
  const holder = isStatic === 1 ? owner : (owner.prototype as object);
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  assert(descriptor !== undefined, `${owner.name} has a member ${String(key)}`);
  return which === MEMBER.value ? descriptor.value : which === MEMBER.get ? descriptor.get : descriptor.set;
}

const images = new WeakMap<Function, ClassImage>();

/** The image of a class, known from now on to who has the class or an instance only. */
export function remembered(image: ClassImage): ClassImage {
  images.set(image.made, image);
  return image;
}

/** The private fields of an instance by name (with the `#`), its parents' too; undefined where its classes are no revived ones that have any. */
export function privateFieldsOf(instance: object): Readonly<Record<string, unknown>> | undefined {
  let found: Record<string, unknown> | undefined;
  for (let at = Object.getPrototypeOf(instance); at !== null; at = Object.getPrototypeOf(at)) {
    const image = Object.hasOwn(at, "constructor") ? images.get(at.constructor) : undefined;
    if (image?.getPrivate === undefined) continue;
    const values = image.getPrivate(instance);
    found = { ...Object.fromEntries(image.privateNames.map((name, index) => [name, values[index]])), ...found };
  }
  return found;
}

/** How instances of a revived class are read and made; undefined where one of its parents was not revived and has private members. */
export function revivedPrivateFields(constructor: Function): PrivateFields | undefined {
  const owners: ClassImage[] = [];
  for (let one: unknown = constructor; typeof one === "function"; one = Object.getPrototypeOf(one)) {
    const image = images.get(one);
    const member = ownPrivateMemberOf(one);
    if (member !== undefined && (image === undefined || !member.startsWith("#"))) return undefined;
    if (image?.stamps === true) owners.unshift(image);
  }
  const prototype = constructor.prototype as object;
  return {
    make: () => Object.setPrototypeOf(makeInstance({}, owners), prototype) as object,
    read: (instance) => owners.flatMap((owner) => valuesOf(owner, instance)),
    write(instance, values) {
      let at = 0;
      for (const { privateNames, setPrivate } of owners) {
        setPrivate?.(instance, at === 0 ? values : values.slice(at));
        at += privateNames.length;
      }
    },
  };
}

function valuesOf({ made, getPrivate }: ClassImage, instance: object): unknown[] {
  try {
    return getPrivate?.(instance) ?? [];
  } catch (cause) {
    // The language's own refusal: an object with the class's prototype that no constructor has made.
    if (cause instanceof TypeError) throw unstamped(made);
    throw cause;
  }
}
