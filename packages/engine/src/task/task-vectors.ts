/** The part of the task runtime that reads vectors and finds places for new ones. */

import { type VectorReader, vectorReader } from "../columnar/flat-vectors.js";
import type { BatchView, Element } from "../columnar/types.js";
import { type NeedText, needsMet } from "./needs-met.js";
import { hasOwnMethods } from "./own-methods.js";
import { RowChecks } from "./row-checks.js";
import { VectorScratch } from "./vector-scratch.js";

export class TaskVectors extends RowChecks {
  /** Whether every row of a batch is a vector of numbers that is not made yet. */
  hasVectors(batch: BatchView): boolean {
    return batch.vectors() !== undefined;
  }

  /** Gives the rows' vectors by index (`key`: of an element of the rows), put into what `scratch` has for them. */
  vectors(batch: BatchView, key: Element | undefined, scratch: VectorScratch): VectorReader {
    const flat = batch.vectors(key);
    if (flat !== undefined) return vectorReader(flat, scratch);
    const values = batch.column(key);
    return (index) => values[index];
  }

  /** `needs`: what must be so of user functions' captured values for an array to be used again. */
  vectorScratch(reuses: boolean, needs: readonly (readonly [Function, readonly NeedText[]])[] = []): VectorScratch {
    const isMet = reuses && hasOwnMethods() && needs.every(([f, list]) => needsMet(f, list));
    return new VectorScratch(isMet, isMet && !needs.some(([, list]) => list.some(([kind]) => kind === "plain")));
  }
}
