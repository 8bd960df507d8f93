/** What counts as a plain object: made by a literal, by `Object.create(null)`, or by another realm's literal. */
export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

/** A Date of any realm. */
export function isDate(value: object): value is Date {
  if (value instanceof Date) return true;
  return Object.prototype.toString.call(value) === "[object Date]" && typeof (value as Date).getTime === "function";
}
