/** Memory of tables that are looked into before they are written. */

/** Smaller ones come out of the allocator's own pages, which are there. */
const LARGE_PLACES = 1 << 14;

/**
 * Zeros, on pages that are there. A new large array has none: a page that is read first becomes the kernel's page of zeros, and the first write to it
 * then costs a second fault, for which all cores that run this process are interrupted. A table is read at each of its places before it is written there, so two
 * threads that fill tables would stop each other with every page (measured: a third of their time).
 */
export function freshPlaces(length: number): Int32Array<ArrayBuffer> {
  const places = new Int32Array(length);
  return length < LARGE_PLACES ? places : places.fill(0);
}
