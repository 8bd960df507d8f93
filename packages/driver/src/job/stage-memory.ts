/**
 * The map stages that were planned for shuffles. A shuffle that is written, or being written, keeps the stage (with what its functions
 * captured) that writes it: jobs share it, and lost outputs are computed again from the same envelope.
 */

import type { PlannedStage } from "@volley/engine/plan/planned-job.js";
import type { RddNode } from "@volley/engine/rdd/node.js";

interface Remembered {
  readonly stage: PlannedStage;
  readonly envelopeIds: readonly number[];
  jobs: number;
}

export class StageMemory {
  readonly #shuffleIdToStage = new Map<number, Remembered>();
  readonly #isComplete: (shuffleId: number) => boolean;
  readonly #releaseEnvelope: (envelopeId: number) => void;
  readonly #envelopeUsers = new Map<number, number>();

  constructor(isComplete: (shuffleId: number) => boolean, releaseEnvelope: (envelopeId: number) => void) {
    this.#isComplete = isComplete;
    this.#releaseEnvelope = releaseEnvelope;
  }

  /** The stage that writes this shuffle, if its output is there or on its way. */
  get(exchange: RddNode): PlannedStage | undefined {
    const remembered = this.#shuffleIdToStage.get(exchange.id);
    if (remembered === undefined) return undefined;
    return remembered.jobs > 0 || this.#isComplete(exchange.id) ? remembered.stage : undefined;
  }

  /** An envelope is kept until as many `letGo` as `hold` have been said of it. */
  hold(envelopeId: number): void {
    this.#addUser(envelopeId);
  }

  letGo(envelopeId: number): void {
    this.#removeUser(envelopeId);
  }

  /** A job begins to use these stages. Returns what ends that. */
  use(stages: readonly PlannedStage[]): () => void {
    const used: Remembered[] = [];
    for (const stage of stages) {
      if (stage.shuffleId === undefined) continue;
      const remembered = this.#remember(stage.shuffleId, stage);
      remembered.jobs++;
      used.push(remembered);
    }
    return () => {
      for (const remembered of used) remembered.jobs--;
    };
  }

  forget(shuffleId: number): void {
    const remembered = this.#shuffleIdToStage.get(shuffleId);
    this.#shuffleIdToStage.delete(shuffleId);
    for (const id of remembered?.envelopeIds ?? []) this.#removeUser(id);
  }

  #remember(shuffleId: number, stage: PlannedStage): Remembered {
    const known = this.#shuffleIdToStage.get(shuffleId);
    if (known?.stage === stage) return known;
    if (known !== undefined) this.forget(shuffleId);
    const envelopeIds = [...new Set(stage.spec.bindings.map(([envelopeId]) => envelopeId))];
    for (const id of envelopeIds) this.#addUser(id);
    const remembered: Remembered = { stage, envelopeIds, jobs: 0 };
    this.#shuffleIdToStage.set(shuffleId, remembered);
    return remembered;
  }

  #addUser(envelopeId: number): void {
    this.#envelopeUsers.set(envelopeId, (this.#envelopeUsers.get(envelopeId) ?? 0) + 1);
  }

  #removeUser(envelopeId: number): void {
    const users = (this.#envelopeUsers.get(envelopeId) ?? 0) - 1;
    if (users > 0) this.#envelopeUsers.set(envelopeId, users);
    else {
      this.#envelopeUsers.delete(envelopeId);
      this.#releaseEnvelope(envelopeId);
    }
  }
}
