/** How large the heap of a slot may grow: it follows from the executor's budget, of which blocks lie outside of it. */

/**
 * Twice the budget: what rows take is estimated, and user functions need room of their own; within the slot's share of the machine and what is ever
 * useful.
 */
const HEAP_MIB_MIN = 256;
const HEAP_MIB_MAX = 4_096;
const HEAP_PER_BUDGET = 2;
const HEAP_SHARE_OF_MACHINE = 0.6;
/** Rows die young, and V8's own young generation for workers makes many small collections; but all of it is soon in use, full of garbage. */
const YOUNG_MIB_MIN = 16;
const YOUNG_MIB_MAX = 64;
const YOUNG_SHARE_OF_BUDGET = 1 / 16;

/** Beside blocks and heaps: Node itself, compiled code, buffers that are being read, sent and written. */
const BASE_BYTES = 512 << 20;
/** Of the machine's memory; beyond it the kernel ends processes as it likes. */
const MACHINE_SHARE = 0.9;

export interface SlotHeap {
  readonly heapMiB: number;
  /** Of it. */
  readonly youngMiB: number;
}

/** `machineBytes`: what the machine or the container has. `heapMiB`: the limit, when it was set. */
export function slotHeap(slots: number, budgetBytes: number, machineBytes: number, heapMiB?: number): SlotHeap {
  const budgetMiB = budgetBytes / 2 ** 20;
  const share = (machineBytes * HEAP_SHARE_OF_MACHINE) / slots / 2 ** 20;
  const heap = heapMiB ?? Math.max(HEAP_MIB_MIN, Math.min(HEAP_MIB_MAX, share, budgetMiB * HEAP_PER_BUDGET));
  const young = Math.max(YOUNG_MIB_MIN, Math.min(YOUNG_MIB_MAX, (budgetMiB / slots) * YOUNG_SHARE_OF_BUDGET));
  return { heapMiB: Math.round(heap), youngMiB: Math.round(Math.min(young, heap / 2)) };
}

/** More than all heaps at their limits and the whole budget is nothing that Volley holds: a user function hoards buffers, which no limit of V8's counts. */
export function rssLimit(slots: number, budgetBytes: number, heapLimitBytes: number, machineBytes: number): number {
  return Math.min(machineBytes * MACHINE_SHARE, budgetBytes + slots * heapLimitBytes + BASE_BYTES);
}
