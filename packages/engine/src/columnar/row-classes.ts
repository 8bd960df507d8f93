/** Which instances may be rows, and the refusal of the others. */
import { VolleyError } from "../wire/errors.js";
import type { ClassRegistry } from "./types.js";

interface Refusal {
  readonly why: string | undefined;
  readonly cure?: string;
}

/** Why instances of a class can never travel, by constructor; undefined: they can. */
const refusals = new WeakMap<Function, Refusal>();

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

/** The id of the class of instances with this prototype; throws ROW_NOT_TRANSFERABLE, with the class's name, when they cannot travel. */
export function classIdOf(prototype: object, classes: ClassRegistry): number {
  const constructor = constructorOf(prototype);
  let refusal = refusals.get(constructor);
  if (refusal === undefined) {
    refusal = whyRefused(constructor);
    refusals.set(constructor, refusal);
  }
  if (refusal.why !== undefined) throw notTransferable(refusal.why, refusal.cure);
  const classId = classes.idOf(constructor);
  if (classId === undefined)
    throw notTransferable(`an instance of the class ${nameOf(constructor)}, which is not known here`);
  return classId;
}

function nameOf(constructor: Function): string {
  return constructor.name === "" ? "(without a name)" : constructor.name;
}

function whyRefused(constructor: Function): Refusal {
  const source = Function.prototype.toString.call(constructor);
  if (/\{\s*\[native code\]\s*\}$/.test(source)) {
    if (constructor.name === "Promise") return { why: "a promise", cure: "await it in mapAsync" };
    return { why: `an instance of the built-in class ${nameOf(constructor)}` };
  }
  const field = privateMemberOf(constructor);
  if (field === undefined) return { why: undefined };
  return {
    why: `an instance of the class ${nameOf(constructor)} with the private member ${field} (it cannot be read from outside)`,
    cure: "use an ordinary field, or map it to plain data first",
  };
}

/** A private field that a class or one of its parents gives its instances; methods and accessors hold no state. Undefined when there is none. */
export function privateStateOf(constructor: Function): string | undefined {
  return firstOfChain(constructor, true);
}

/** A private member that a class or one of its parents gives its instances; undefined when there is none. */
export function privateMemberOf(constructor: Function): string | undefined {
  return firstOfChain(constructor, false);
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
