/**
 * What a slot remembers of shuffles that lie on its own executor whole, so that of many reduce tasks only the first asks the main
 * thread. It holds on to the outputs' bytes, so it lets go as soon as any of them moved or went: the executor counts such changes in a
 * shared cell.
 */

import { noteShared } from "../blocks/shared-memory.js";
import { type LocalOutput, MEMORY } from "../task/slot-messages.js";

export class RememberedOutputs {
  readonly #cells: Int32Array;
  readonly #load = Atomics.load;
  readonly #shuffleToOutputs = new Map<number, readonly LocalOutput[]>();
  #generation = -1;

  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  get(shuffleId: number): readonly LocalOutput[] | undefined {
    this.forgetIfChanged();
    return this.#shuffleToOutputs.get(shuffleId);
  }

  /** `generation` is that of the answer: older than the present one if something changed meanwhile. */
  set(shuffleId: number, outputs: readonly LocalOutput[], generation: number): void {
    this.forgetIfChanged();
    if (generation === this.#generation) this.#shuffleToOutputs.set(shuffleId, outputs);
  }

  forgetIfChanged(): void {
    const generation = this.#load(this.#cells, MEMORY.outputsGeneration);
    if (generation === this.#generation) return;
    this.#generation = generation;
    let bytes = 0;
    for (const outputs of this.#shuffleToOutputs.values()) {
      for (const { place } of outputs) if (place.at === "memory") bytes += place.bytes.byteLength;
    }
    this.#shuffleToOutputs.clear();
    noteShared(bytes);
  }
}
