/** A column of numbers cut into an array for each row. */

type Numbers = Float64Array | Int32Array;

/**
 * `data[offsets[i]]` to `data[offsets[i + 1]]` as the i-th array. Numbers are put into one array that is then sliced: it has the kind of elements
 * (small integers or doubles) that its copies get by moving memory, a fifth of what pushing costs.
 */
export function cutNumbers(data: Numbers, offsets: Int32Array, count: number): number[][] {
  const lists = new Array<number[]>(count);
  const scratch: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = offsets[i] as number;
    const length = (offsets[i + 1] as number) - start;
    while (scratch.length < length) scratch.push(data[start + scratch.length] as number);
    for (let j = 0; j < length; j++) scratch[j] = data[start + j] as number;
    lists[i] = scratch.slice(0, length);
  }
  return lists;
}

/** A typed array's numbers as an array. */
export function asArray(values: ArrayLike<unknown>): unknown[] {
  if (Array.isArray(values)) return values;
  const array = new Array<unknown>(values.length);
  if (values instanceof Float64Array) fillDoubles(array as number[], values);
  else for (let i = 0; i < values.length; i++) array[i] = values[i];
  return array;
}

/** Apart, so that this loop knows one kind of array only. */
function fillDoubles(array: number[], values: Float64Array): void {
  for (let i = 0; i < values.length; i++) array[i] = values[i] as number;
}
