/**
 * Rows of classes with private members, on the driver, where the classes are the user's own and no code of ours stands inside them. Private
 * fields are read and written by functions made in the frame of one of the class's methods, which ends before it has run. They are
 * *made* by the class's constructor only: it is called where its text shows that this does no more than make values
 * (quiet-construction.ts), else its call ends before its first statement.
 */

import { classOutline } from "@volley/engine/closure/class-text.js";
import { analyzeFunction } from "@volley/engine/closure/facts.js";
import type { QuietConstruction } from "@volley/engine/closure/quiet-construction.js";
import { quietConstruction } from "@volley/engine/closure/quiet-construction.js";
import { ownPrivateMemberOf, unstamped } from "@volley/engine/columnar/row-classes.js";
import type { PrivateFields } from "@volley/engine/columnar/types.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { Inspector, withInspector } from "./closure/inspector.js";

/** A class of the chain that gives its instances private members. */
interface Owner {
  readonly made: Function;
  /** Of its private fields, in the order of its text. */
  readonly names: readonly string[];
  /** Functions in whose frames the private names mean this class's. */
  readonly methods: readonly Function[];
}

interface Access {
  get(instance: object): unknown[];
  set(instance: object, values: readonly unknown[]): void;
}

/** Undefined for a class whose private members its text does not tell: a compiler keeps them elsewhere. */
export function privateFieldsOnDriver(constructor: Function): PrivateFields | undefined {
  const owners: Owner[] = [];
  for (let one: unknown = constructor; typeof one === "function"; one = Object.getPrototypeOf(one)) {
    const member = ownPrivateMemberOf(one);
    if (member === undefined) continue;
    const owner = ownerOf(one);
    if (owner === undefined || !member.startsWith("#")) return undefined;
    owners.unshift(owner);
  }
  return new ClassPrivates(constructor, owners);
}

function ownerOf(constructor: Function): Owner | undefined {
  const text = Function.prototype.toString.call(constructor);
  const analysis = analyzeFunction(text);
  if (analysis.facts.kind !== "class") return undefined;
  const { members, privateFields } = classOutline(analysis, text);
  const texts = new Set(members.map(({ functionText }) => functionText).filter((one) => one !== ""));
  const methods = [constructor.prototype as object, constructor]
    .flatMap((holder) => Object.values(Object.getOwnPropertyDescriptors(holder)))
    .flatMap(({ value, get, set }: PropertyDescriptor): unknown[] => [value, get, set])
    .filter((one): one is Function => typeof one === "function" && texts.has(Function.prototype.toString.call(one)));
  return { made: constructor, names: privateFields, methods };
}

class ClassPrivates implements PrivateFields {
  readonly #class: Function;
  readonly #owners: readonly Owner[];
  #access: readonly (Access | undefined)[] | undefined;
  #recipes: readonly Recipe[] | undefined;

  constructor(constructor: Function, owners: readonly Owner[]) {
    this.#class = constructor;
    this.#owners = owners;
  }

  read(instance: object): unknown[] {
    return this.#accesses().flatMap((access, index) => {
      const { made, names } = this.#owners[index] as Owner;
      try {
        return access === undefined ? readSlowly(instance, names) : access.get(instance);
      } catch (cause) {
        // The language's own refusal: an object with the class's prototype that no constructor has made.
        if (cause instanceof TypeError) throw unstamped(made);
        throw cause;
      }
    });
  }

  make(): object {
    this.#recipes ??= this.#owners.map(({ made }) => recipeOf(made));
    let object: object = {};
    for (const recipe of this.#recipes) object = stamp(object, recipe);
    for (const key of Reflect.ownKeys(object)) Reflect.deleteProperty(object, key);
    return Object.setPrototypeOf(object, this.#class.prototype as object) as object;
  }

  write(instance: object, values: readonly unknown[]): void {
    let at = 0;
    for (const [index, access] of this.#accesses().entries()) {
      const { names } = this.#owners[index] as Owner;
      const own = values.slice(at, at + names.length);
      if (access === undefined) writeSlowly(instance, names, own);
      else access.set(instance, own);
      at += names.length;
    }
  }

  #accesses(): readonly (Access | undefined)[] {
    this.#access ??= this.#owners.map((owner) => withInspector((inspector) => accessTo(owner, inspector)));
    return this.#access;
  }
}

/** Undefined where the class has no method to look from. */
function accessTo({ names, methods }: Owner, inspector: Inspector): Access | undefined {
  if (names.length === 0) return { get: () => [], set: () => undefined };
  const reads = names.map((name) => `$o.${name}`).join();
  const writes = names.map((name, index) => `$o.${name}=$v[${index}]`).join();
  for (const method of methods) {
    const made = inspector.inFrame(method, `($o)=>[${reads}],($o,$v)=>{${writes}}`);
    if (made !== undefined) return { get: made[0] as Access["get"], set: made[1] as Access["set"] };
  }
  return undefined;
}

function readSlowly(instance: object, names: readonly string[]): unknown[] {
  const fields = withInspector((inspector) => inspector.privateFields(instance));
  return names.map((name) => {
    const found = fields.find((field) => field.name === name);
    if (found === undefined) throw new TypeError(`no ${name}`);
    return found.value;
  });
}

function writeSlowly(instance: object, names: readonly string[], values: readonly unknown[]): void {
  withInspector((inspector) => {
    for (const [index, name] of names.entries())
      if (!inspector.setPrivateField(instance, name, values[index]))
        throw cannotMake(instance.constructor, `this V8 does not let ${name} be written`);
  });
}

/** How a class's constructor is called for the private members alone. */
interface Recipe {
  readonly made: Function;
  readonly hasParent: boolean;
  readonly construction: QuietConstruction;
  /** Its constructor can be called, for all that is known. */
  isQuiet: boolean;
}

function recipeOf(made: Function): Recipe {
  const construction = quietConstruction(Function.prototype.toString.call(made));
  if ("why" in construction) throw cannotMake(made, construction.why);
  const shadowed = construction.globals.find((name) => isShadowed(made, name));
  if (shadowed !== undefined) throw cannotMake(made, `making one runs ${shadowed}`);
  const hasParent = Object.getPrototypeOf(made) !== Function.prototype;
  if (hasParent && !Object.isExtensible(made)) throw cannotMake(made, "the class is frozen");
  const isQuiet = construction.isWholeQuiet && !construction.assigned.some((name) => hasSetter(made, name));
  return { made, hasParent, construction, isQuiet };
}

function cannotMake(made: Function, why: string): Error {
  return new VolleyError(
    "ROW_NOT_TRANSFERABLE",
    `a row holds an instance of the class ${made.name}, which cannot be made again on the driver: only its constructor makes private fields, and ${why}; ` +
      "give such fields their values in the constructor, or map to plain data before the action",
  );
}

function isShadowed(made: Function, name: string): boolean {
  const { scopes } = withInspector((inspector) => inspector.functionImage(made));
  return scopes.some(({ description, object }) => description !== "Global" && Object.hasOwn(object, name));
}

function hasSetter(made: Function, name: string): boolean {
  for (let at = made.prototype as object | null; at !== null; at = Object.getPrototypeOf(at) as object | null)
    if (Object.getOwnPropertyDescriptor(at, name)?.set !== undefined) return true;
  return false;
}

/** The object with the class's private members; the constructor of a class without a parent makes another one. */
function stamp(object: object, recipe: Recipe): object {
  const { made, hasParent } = recipe;
  if (!hasParent) return construct(recipe);
  const parent = Object.getPrototypeOf(made) as object;
  // A constructor's answer takes the place of `this`.
  Object.setPrototypeOf(made, function standIn() {
    return object;
  });
  try {
    construct(recipe);
    return object;
  } finally {
    Object.setPrototypeOf(made, parent);
  }
}

function construct(recipe: Recipe): object {
  const { made, hasParent, construction } = recipe;
  const args = construction.args();
  if (recipe.isQuiet) {
    try {
      return Reflect.construct(made, args) as object;
    } catch {
      // It wants arguments. It has done nothing else, and neither does the call that ends earlier.
      recipe.isQuiet = false;
    }
  }
  const half = inspectorOfBlock().halfMade(made, args, hasParent ? construction.untilOwn : undefined);
  if (half === undefined) throw cannotMake(made, "this V8 does not let its call be ended there");
  return half;
}

let held: Inspector | undefined;

/** One inspector for all rows of a block, which are made at one go: switching the debugger on costs more than a row. */
function inspectorOfBlock(): Inspector {
  if (held === undefined) {
    held = Inspector.open(() => {});
    queueMicrotask(() => {
      held?.close();
      held = undefined;
    });
  }
  return held;
}
