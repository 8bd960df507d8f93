/**
 * What blocks and tasks may hold of an executor's budget. The process takes memory beside what is counted: where the budget is large, less than what it may
 * exceed it by; where it is small, blocks and tasks leave room for it.
 */

/** Of the budget, what the whole process should stay within. */
const PROCESS_SHARE = 1.3;
/** Node with its code, measured idle with two slots: 85 to 90 MiB. */
const NODE_BYTES = 90 << 20;
/** Measured: a young generation of 16 MiB, up to 32 of known garbage before it is collected, what is read and written, pages that are not full. */
const SLOT_BYTES = 72 << 20;
/** Below it tasks would do little but spill: so for two slots budgets of less than 256 MiB are exceeded by more. */
const COUNTED_SHARE_MIN = 0.35;

export function countedBudget(slots: number, budgetBytes: number): number {
  const left = budgetBytes * PROCESS_SHARE - NODE_BYTES - slots * SLOT_BYTES;
  return Math.floor(Math.min(budgetBytes, Math.max(left, budgetBytes * COUNTED_SHARE_MIN)));
}
