/** Assertions against programmers' mistakes: always on, one fact each. Operating errors are VolleyErrors instead. */
export function assert(fact: unknown, message: string): asserts fact {
  if (!fact) throw new Error(`assertion failed: ${message}`);
}

/** Marks a branch that the types exclude. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
