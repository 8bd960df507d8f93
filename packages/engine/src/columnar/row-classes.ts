/** Which instances may be rows, and the refusal of the others. */
import { VolleyError } from "../wire/errors.js";
import type { ClassRegistry, PrivateFields } from "./types.js";

interface ClassLook {
  /** Why its instances can never travel. */
  readonly refused?: { readonly why: string; readonly cure?: string };
  /** The first of its private members. */
  readonly privateMember?: string;
}

/** A class of rows. `privates`: of one whose instances have private members. */
export interface RowClass {
  readonly classId: number;
  readonly privates: PrivateFields | undefined;
}

/** What a class's text says, by constructor. */
const looks = new WeakMap<Function, ClassLook>();

/** `cure`: what to do instead. */
export function notTransferable(what: string, cure = "map it to plain data first"): VolleyError {
  return new VolleyError("ROW_NOT_TRANSFERABLE", `a row holds ${what}, which cannot leave its process; ${cure}`);
}

/** The class that made an object, judged by its prototype; throws ROW_NOT_TRANSFERABLE when there is none. */
export function constructorOf(prototype: object): Function {
  const constructor: unknown = Object.hasOwn(prototype, "constructor") ? prototype.constructor : undefined;
  if (typeof constructor === "function" && constructor.prototype === prototype) return constructor;
  throw notTransferable("an object whose prototype is neither Object.prototype, null nor that of a class");
}

/** The class of instances with this prototype; throws ROW_NOT_TRANSFERABLE, with the class's name, when they cannot travel. */
export function rowClassOf(prototype: object, classes: ClassRegistry): RowClass {
  const constructor = constructorOf(prototype);
  let look = looks.get(constructor);
  if (look === undefined) {
    look = lookAt(constructor);
    looks.set(constructor, look);
  }
  const { refused, privateMember } = look;
  if (refused !== undefined) throw notTransferable(refused.why, refused.cure);
  const privates = privateMember === undefined ? undefined : classes.privateFields?.(constructor);
  if (privateMember !== undefined && privates === undefined) throw hiddenMember(constructor);
  const classId = classes.idOf(constructor);
  if (classId === undefined)
    throw notTransferable(`an instance of the class ${nameOf(constructor)}, which is not known here`);
  return { classId, privates };
}

/** The id of a class whose instances are no more than their properties; undefined for one with private members. Throws as `rowClassOf` does. */
export function openClassIdOf(prototype: object, classes: ClassRegistry): number | undefined {
  const { classId, privates } = rowClassOf(prototype, classes);
  return privates === undefined ? classId : undefined;
}

/** For an instance of a class that extends a built-in one. */
export function subclassIdOf(prototype: object, classes: ClassRegistry): number {
  const classId = openClassIdOf(prototype, classes);
  if (classId !== undefined) return classId;
  throw hiddenMember(constructorOf(prototype));
}

/** The refusal of an instance whose private members cannot be reached. */
export function hiddenMember(constructor: Function): VolleyError {
  return notTransferable(
    `an instance of the class ${nameOf(constructor)} with the private member ${privateMemberOf(constructor)} (it cannot be read from outside)`,
    "use an ordinary field, or map it to plain data first",
  );
}

/** The refusal of an object with a class's prototype that lacks the class's private members. */
export function unstamped(constructor: Function): VolleyError {
  return notTransferable(
    `an object with the prototype of the class ${nameOf(constructor)} but without its private members`,
    "make it with the class's constructor",
  );
}

function nameOf(constructor: Function): string {
  return constructor.name === "" ? "(without a name)" : constructor.name;
}

function lookAt(constructor: Function): ClassLook {
  const source = Function.prototype.toString.call(constructor);
  if (/\{\s*\[native code\]\s*\}$/.test(source)) {
    if (constructor.name === "Promise") return { refused: { why: "a promise", cure: "await it in mapAsync" } };
    return { refused: { why: `an instance of the built-in class ${nameOf(constructor)}` } };
  }
  const privateMember = privateMemberOf(constructor);
  return privateMember === undefined ? {} : { privateMember };
}

/** A private field that a class or one of its parents gives its instances; methods and accessors hold no state. Undefined when there is none. */
export function privateStateOf(constructor: Function): string | undefined {
  return firstOfChain(constructor, true);
}

/** A private member that a class or one of its parents gives its instances; undefined when there is none. */
export function privateMemberOf(constructor: Function): string | undefined {
  return firstOfChain(constructor, false);
}

/** The same of this class alone. What does not begin with # is kept by a compiler's helper. */
export function ownPrivateMemberOf(constructor: Function): string | undefined {
  return privateMember(Function.prototype.toString.call(constructor), false);
}

function firstOfChain(constructor: Function, fieldsOnly: boolean): string | undefined {
  for (
    let one: Function | null = constructor;
    typeof one === "function";
    one = Object.getPrototypeOf(one) as Function | null
  ) {
    const field = privateMember(Function.prototype.toString.call(one), fieldsOnly);
    if (field !== undefined) return field;
  }
  return undefined;
}

/** Helpers of compilers that keep private members in WeakMaps. */
const COMPILED_PRIVATE = /\b_{1,2}(?:classPrivate\w+|private(?:Add|Get|Set|Method))\b/;

/** The first private member that instances have, by the class's source without comments and strings. */
function privateMember(source: string, fieldsOnly: boolean): string | undefined {
  const helper = COMPILED_PRIVATE.exec(source)?.[0];
  if (helper !== undefined) return `that its compiler keeps by ${helper}`;
  if (!source.includes("#") || !source.startsWith("class")) return undefined;
  const bare = source.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
    " ",
  );
  for (const match of bare.matchAll(
    /(\bstatic\s+(?:async\s+)?(?:get\s+|set\s+)?\*?\s*)?(\.|\?\.|\bin\b)?(#[\p{ID_Start}$_][\p{ID_Continue}$]*)(\s+in\b)?/gu,
  )) {
    const [, isStatic, access, name, isCheck] = match;
    if (isStatic !== undefined || access !== undefined || isCheck !== undefined) continue;
    const isMethod = /^\s*\(/.test(bare.slice(match.index + match[0].length));
    if (!isMethod || !fieldsOnly) return name;
  }
  return undefined;
}
