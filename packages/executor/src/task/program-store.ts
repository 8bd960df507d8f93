/** Stages and closure envelopes that the driver has sent and not yet told to forget. */

import { assert } from "@volley/engine/lib/assert.js";
import type { StageSpec } from "@volley/engine/task/task-spec.js";
import { onSharedMemory } from "../blocks/shared-memory.js";

interface Incoming {
  readonly stages: ReadonlyMap<number, StageSpec>;
  readonly envelopes: ReadonlySet<number>;
}

const NOTHING: Incoming = { stages: new Map(), envelopes: new Set() };

/** The envelopes that a stage's bindings lie in: a union of thousands of RDDs has thousands of bindings in one. */
function envelopesOf(stage: StageSpec): ReadonlySet<number> {
  return new Set(stage.bindings.map(([id]) => id));
}

export class ProgramStore {
  readonly #stages = new Map<number, StageSpec>();
  /** Of each stage. */
  readonly #needed = new Map<number, ReadonlySet<number>>();
  readonly #envelopes = new Map<number, Uint8Array>();

  addStage(stage: StageSpec): void {
    this.#stages.set(stage.stageKey, stage);
    this.#needed.set(stage.stageKey, envelopesOf(stage));
  }

  /** Kept on shared memory: every slot reads the same bytes. */
  addEnvelope(envelopeId: number, bytes: Uint8Array): void {
    this.#envelopes.set(envelopeId, onSharedMemory(bytes));
  }

  /** Is all here that tasks of this stage need, counting what comes in a message? Asked for every task. */
  has(stageKey: number, incoming: Incoming = NOTHING): boolean {
    const stage = incoming.stages.get(stageKey);
    const needed = stage === undefined ? this.#needed.get(stageKey) : envelopesOf(stage);
    if (needed === undefined) return false;
    for (const id of needed) if (!incoming.envelopes.has(id) && !this.#envelopes.has(id)) return false;
    return true;
  }

  stage(stageKey: number): StageSpec {
    const stage = this.#stages.get(stageKey);
    assert(stage !== undefined, `stage ${stageKey} is here`);
    return stage;
  }

  envelope(envelopeId: number): Uint8Array {
    const bytes = this.#envelopes.get(envelopeId);
    assert(bytes !== undefined, `envelope ${envelopeId} is here`);
    return bytes;
  }

  forget(stages: readonly number[], envelopes: readonly number[]): void {
    for (const key of stages) {
      this.#stages.delete(key);
      this.#needed.delete(key);
    }
    for (const id of envelopes) this.#envelopes.delete(id);
  }
}
