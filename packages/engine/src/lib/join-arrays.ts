/** V8 makes a dictionary of an array that is made this long at once: then pushing is better. */
const MADE_AT_ONCE_MAX = 32_000_000;
/** Arguments of one call: well below what a stack has room for. */
const PARTS_MAX = 10_000;

/** The elements of several arrays one after the other. `flat` takes ten times as long, a loop over mixed elements three times. */
export function joinArrays<T>(parts: readonly (readonly T[])[]): T[] {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length <= MADE_AT_ONCE_MAX && parts.length <= PARTS_MAX) return ([] as T[]).concat(...parts);
  const all: T[] = [];
  for (const part of parts) for (let index = 0; index < part.length; index++) all.push(part[index] as T);
  return all;
}
