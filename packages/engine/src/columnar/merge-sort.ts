/** Stable merge sort of part of an index array. Runs that are in order already are not merged. */

/** Runs of this length are made by insertion. */
const RUN_LENGTH = 8;

/** Sorts indices[start, end) by `compare`; a result that is no positive number leaves two indices as they are. */
export function mergeSort(
  indices: Uint32Array,
  start: number,
  end: number,
  compare: (a: number, b: number) => number,
): void {
  for (let run = start; run < end; run += RUN_LENGTH)
    insertionSort(indices, run, Math.min(end, run + RUN_LENGTH), compare);
  if (end - start <= RUN_LENGTH) return;
  const spare = new Uint32Array(end - start);
  for (let width = RUN_LENGTH; width < end - start; width *= 2) {
    for (let left = start; left + width < end; left += width * 2) {
      merge(indices, left, left + width, Math.min(end, left + width * 2), spare, compare);
    }
  }
}

function insertionSort(
  indices: Uint32Array,
  start: number,
  end: number,
  compare: (a: number, b: number) => number,
): void {
  for (let i = start + 1; i < end; i++) {
    const index = indices[i] as number;
    let at = i;
    while (at > start && compare(indices[at - 1] as number, index) > 0) {
      indices[at] = indices[at - 1] as number;
      at--;
    }
    indices[at] = index;
  }
}

function merge(
  indices: Uint32Array,
  start: number,
  middle: number,
  end: number,
  spare: Uint32Array,
  compare: (a: number, b: number) => number,
): void {
  if (!(compare(indices[middle - 1] as number, indices[middle] as number) > 0)) return;
  const leftCount = middle - start;
  spare.set(indices.subarray(start, middle));
  let left = 0;
  let right = middle;
  let at = start;
  while (left < leftCount && right < end) {
    const fromRight = compare(spare[left] as number, indices[right] as number) > 0;
    indices[at++] = (fromRight ? indices[right++] : spare[left++]) as number;
  }
  while (left < leftCount) indices[at++] = spare[left++] as number;
}
