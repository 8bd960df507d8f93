/** The first elements of any iterable, as a destructuring pattern of that many names takes them: it asks for no further one, and lets the iterator go. */
export function patternElements(value: Iterable<unknown>, count: number): readonly unknown[] {
  const found: unknown[] = [];
  // An empty pattern takes nothing, but it too asks for an iterator.
  if (count === 0) {
    value[Symbol.iterator]();
    return found;
  }
  for (const element of value) {
    found.push(element);
    if (found.length === count) break;
  }
  return found;
}
