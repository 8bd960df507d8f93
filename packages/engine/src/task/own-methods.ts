/** Methods of arrays and typed arrays as they were before any user's code ran: one that was replaced since may keep what it is called on. */

const PROTOTYPES: readonly object[] = [Array.prototype, Object.getPrototypeOf(Float64Array.prototype) as object];
const NAMES: readonly (string | symbol)[] = [
  ...["map", "filter", "forEach", "some", "every", "find", "findIndex", "findLast", "findLastIndex", "reduce"],
  ...["reduceRight", "slice", "at", "includes", "indexOf", "lastIndexOf", "join", "toSorted", "toReversed", "fill"],
  Symbol.iterator,
];

const asTheyWere = methods();

function methods(): readonly unknown[] {
  return PROTOTYPES.flatMap((prototype) => NAMES.map((name) => (prototype as Record<string | symbol, unknown>)[name]));
}

/** Whether all methods by which functions read vectors are the language's own. */
export function hasOwnMethods(): boolean {
  return methods().every((method, index) => method === asTheyWere[index]);
}
