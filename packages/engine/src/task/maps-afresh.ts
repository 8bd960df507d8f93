const mapArray = Array.prototype.map;
const typedArrayPrototype = Object.getPrototypeOf(Float64Array.prototype) as Float64Array;
const mapTypedArray = typedArrayPrototype.map;

/** Whether `map` of a value, or of its parts with these keys, gives a new vector of the same kind, with all its elements: of the language's own arrays without holes, and typed arrays. */
export function mapsAfresh(value: unknown, keys?: readonly (string | number)[]): boolean {
  if (keys !== undefined)
    return (
      typeof value === "object" &&
      value !== null &&
      keys.every((key) => mapsAfresh((value as Record<string, unknown>)[key]))
    );
  if (Array.isArray(value)) {
    if (Object.getPrototypeOf(value) !== Array.prototype || value.map !== mapArray || value.constructor !== Array)
      return false;
    for (let index = 0; index < value.length; index++) if (!(index in value)) return false;
    return true;
  }
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return false;
  const prototype = Object.getPrototypeOf(value) as object;
  // A subclass, Buffer among them, may make anything.
  return Object.getPrototypeOf(prototype) === typedArrayPrototype && (value as Float64Array).map === mapTypedArray;
}
