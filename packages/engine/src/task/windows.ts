/** Arrays of `size` rows that follow each other. Rows of the tail complete the last windows but begin none. */
export function* windows(
  rows: Iterator<unknown>,
  [offset, tail]: readonly [offset: number, tail: readonly unknown[]],
  size: number,
  step: number,
): Generator<unknown[]> {
  let window: unknown[] = [];
  let skip = offset;
  const add = (row: unknown): unknown[] | undefined => {
    if (skip > 0) {
      skip--;
      return undefined;
    }
    window.push(row);
    if (window.length < size) return undefined;
    const full = window;
    window = step < size ? full.slice(step) : [];
    skip = Math.max(0, step - size);
    return full;
  };
  for (let next = rows.next(); next.done !== true; next = rows.next()) {
    const full = add(next.value);
    if (full !== undefined) yield full;
  }
  // The tail has one row less than a window, so a window of it alone is never full.
  for (const row of tail) {
    const full = add(row);
    if (full !== undefined) yield full;
  }
}
