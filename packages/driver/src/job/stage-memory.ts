/**
 * The map stages that were planned for shuffles. A shuffle that was written, or is being written, keeps the stage (with what its functions
 * captured) that writes it: jobs share it, and outputs that are lost, whenever that is, are computed again from the same envelope. One that
 * no job has finished keeps nothing, as executors keep nothing of it: the next job captures anew.
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
  readonly #wasWhole: (shuffleId: number) => boolean;
  readonly #releaseEnvelope: (envelopeId: number) => void;
  readonly #envelopeUsers = new Map<number, number>();

  constructor(wasWhole: (shuffleId: number) => boolean, releaseEnvelope: (envelopeId: number) => void) {
    this.#wasWhole = wasWhole;
    this.#releaseEnvelope = releaseEnvelope;
  }

  /** The stage that writes this shuffle, if its output was there at one time or is on its way. */
  get(exchange: RddNode): PlannedStage | undefined {
    return this.#shuffleIdToStage.get(exchange.id)?.stage;
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
    const used: (readonly [number, Remembered])[] = [];
    for (const stage of stages) {
      if (stage.shuffleId === undefined) continue;
      const remembered = this.#remember(stage.shuffleId, stage);
      remembered.jobs++;
      used.push([stage.shuffleId, remembered]);
    }
    return () => {
      for (const [shuffleId, remembered] of used) {
        remembered.jobs--;
        const isCurrent = this.#shuffleIdToStage.get(shuffleId) === remembered;
        if (isCurrent && remembered.jobs === 0 && !this.#wasWhole(shuffleId)) this.forget(shuffleId);
      }
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
