/**
 * The driver's end of one executor incarnation: what it has been sent already, and the lane in which messages go out one after the other. A
 * launch may name a stage that an earlier launch carried, and a kill a task of it, so their order must hold; with one message under way,
 * whatever comes meanwhile is put together into the next.
 */

import type { PlannedStage } from "@volley/engine/plan/planned-job.js";
import type { StageSpec, TaskSpec } from "@volley/engine/task/task-spec.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { LaunchRequest, RemoveRequest } from "@volley/engine/wire/messages.js";
import type { TaskOrder } from "./core/events.js";
import type { ExecutorClient } from "./net/executor-client.js";

/** In one message, so that it stays far below what a server takes: a removal names a block or two. */
const REMOVALS_PER_MESSAGE = 4_000;
/** Reports remembered by number, to know one that was sent twice; an executor has few under way. */
const REPORT_SEQS_KEPT = 256;

export interface LinkHost {
  envelope(envelopeId: number): Uint8Array | undefined;
  taskSpec(order: TaskOrder, stage: PlannedStage): TaskSpec;
  shuffleVersion(shuffleId: number): number;
  /** These tasks did not start. */
  launchFailed(link: ExecutorLink, taskIds: readonly number[], error: VolleyError): void;
  /** A kill or a removal did not arrive. */
  messageFailed(link: ExecutorLink, what: string, error: VolleyError): void;
  /** Something threw that must not. */
  defect(error: unknown): void;
}

export interface LinkIdentity {
  readonly executorId: string;
  readonly incarnation: string;
  readonly epoch: number;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
}

interface Waiting {
  readonly order: TaskOrder;
  readonly stage: PlannedStage;
}

type Removal = Partial<Omit<RemoveRequest, "epoch">>;

export class ExecutorLink {
  readonly identity: LinkIdentity;
  /** Tasks it was given (or is about to be), by id. */
  readonly orders = new Map<number, TaskOrder>();
  readonly client: ExecutorClient;
  readonly #host: LinkHost;
  readonly #sentEnvelopes = new Set<number>();
  readonly #sentStages = new Set<number>();
  readonly #seenSeqs = new Set<number>();
  #waiting: Waiting[] = [];
  #kills: { readonly taskIds: readonly number[]; readonly reason: string }[] = [];
  #removals: { readonly removal: Removal; readonly done: () => void }[] = [];
  #forgetStages: number[] = [];
  #forgetEnvelopes: number[] = [];
  #seq = 0;
  #busy = false;
  #closed = false;

  constructor(identity: LinkIdentity, client: ExecutorClient, host: LinkHost) {
    this.identity = identity;
    this.client = client;
    this.#host = host;
  }

  /** False for a report that came before. */
  firstSight(seq: number): boolean {
    if (this.#seenSeqs.has(seq)) return false;
    this.#seenSeqs.add(seq);
    if (this.#seenSeqs.size > REPORT_SEQS_KEPT) {
      for (const oldest of this.#seenSeqs) {
        this.#seenSeqs.delete(oldest);
        break;
      }
    }
    return true;
  }

  launch(order: TaskOrder, stage: PlannedStage): void {
    this.orders.set(order.taskId, order);
    this.#waiting.push({ order, stage });
  }

  /** Returns the tasks that had not been sent yet: they will not be. */
  kill(taskIds: readonly number[], reason: string): readonly number[] {
    const wanted = new Set(taskIds);
    const unsent: number[] = [];
    this.#waiting = this.#waiting.filter(({ order }) => {
      if (!wanted.has(order.taskId)) return true;
      unsent.push(order.taskId);
      this.orders.delete(order.taskId);
      wanted.delete(order.taskId);
      return false;
    });
    if (wanted.size > 0) this.#kills.push({ taskIds: [...wanted], reason });
    return unsent;
  }

  /** Resolves when the executor has forgotten these, or is gone. */
  remove(removal: Removal): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((done) => {
      this.#removals.push({ removal, done });
    });
  }

  forgetStage(stageKey: number): void {
    if (this.#sentStages.delete(stageKey)) this.#forgetStages.push(stageKey);
  }

  forgetEnvelope(envelopeId: number): void {
    if (this.#sentEnvelopes.delete(envelopeId)) this.#forgetEnvelopes.push(envelopeId);
  }

  /** Sends what waits. The first message leaves within this call. */
  pump(): void {
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    this.#run()
      .catch((error: unknown) => this.#host.defect(error))
      .finally(() => {
        this.#busy = false;
      });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = [];
    this.#kills = [];
    for (const { done } of this.#removals.splice(0)) done();
    void this.client.close();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      if (this.#waiting.length > 0) await this.#sendLaunch(this.#waiting.splice(0));
      else if (this.#kills.length > 0) await this.#sendKills(this.#kills.splice(0));
      else if (this.#removals.length > 0) await this.#sendRemovals(this.#removals.splice(0, REMOVALS_PER_MESSAGE));
      else return;
    }
  }

  async #sendLaunch(waiting: readonly Waiting[]): Promise<void> {
    const { request, frames, missing } = this.#compose(waiting);
    if (missing.length > 0)
      this.#host.launchFailed(this, missing, new VolleyError("CANCELLED", "the job ended before its task was sent"));
    if (request.tasks.length === 0) return;
    try {
      const reply = await this.client.launch(request, frames);
      if (!reply.accepted)
        throw new VolleyError("EXECUTOR_LOST", `executor ${this.identity.executorId} takes no more tasks`);
    } catch (error) {
      if (!VolleyError.is(error)) throw error;
      for (const { stageKey } of request.stages) this.#sentStages.delete(stageKey);
      for (const { envelopeId } of request.envelopes) this.#sentEnvelopes.delete(envelopeId);
      if (!this.#closed) {
        const ids = request.tasks.map((task) => task.taskId);
        this.#host.launchFailed(this, ids, error);
      }
    }
  }

  #compose(waiting: readonly Waiting[]): { request: LaunchRequest; frames: Uint8Array[]; missing: number[] } {
    const frames: Uint8Array[] = [];
    const envelopes: { envelopeId: number; frame: number }[] = [];
    const stages: StageSpec[] = [];
    const tasks: TaskSpec[] = [];
    const missing: number[] = [];
    for (const { order, stage } of waiting) {
      const { spec } = stage;
      const needed = this.#unsentEnvelopes(spec);
      if (needed === undefined) {
        missing.push(order.taskId);
        continue;
      }
      for (const [envelopeId, bytes] of needed) {
        envelopes.push({ envelopeId, frame: frames.push(bytes) - 1 });
        this.#sentEnvelopes.add(envelopeId);
      }
      if (!this.#sentStages.has(spec.stageKey)) {
        this.#sentStages.add(spec.stageKey);
        stages.push(spec);
      }
      tasks.push(this.#host.taskSpec(order, stage));
    }
    const shuffleIds = new Set(waiting.flatMap(({ stage }) => stage.parentShuffleIds));
    const shuffles = Array.from(shuffleIds, (shuffleId) => ({
      shuffleId,
      version: this.#host.shuffleVersion(shuffleId),
    }));
    // What is sent again in this very message is not forgotten.
    const forgetStages = this.#forgetStages.splice(0).filter((key) => !this.#sentStages.has(key));
    const forgetEnvelopes = this.#forgetEnvelopes.splice(0).filter((id) => !this.#sentEnvelopes.has(id));
    const request = {
      epoch: this.identity.epoch,
      seq: this.#seq++,
      envelopes,
      stages,
      tasks,
      shuffles,
      forgetStages,
      forgetEnvelopes,
    } as LaunchRequest;
    return { request, frames, missing };
  }

  /** Undefined when an envelope is gone: the job ended meanwhile. */
  #unsentEnvelopes(spec: StageSpec): Map<number, Uint8Array> | undefined {
    const needed = new Map<number, Uint8Array>();
    if (this.#sentStages.has(spec.stageKey)) return needed;
    for (const [envelopeId] of spec.bindings) {
      if (this.#sentEnvelopes.has(envelopeId) || needed.has(envelopeId)) continue;
      const bytes = this.#host.envelope(envelopeId);
      if (bytes === undefined) return undefined;
      needed.set(envelopeId, bytes);
    }
    return needed;
  }

  async #sendKills(kills: readonly { readonly taskIds: readonly number[]; readonly reason: string }[]): Promise<void> {
    for (const { taskIds, reason } of kills) {
      await this.#tell("kill", () => this.client.kill({ epoch: this.identity.epoch, taskIds: [...taskIds], reason }));
    }
  }

  async #sendRemovals(removals: readonly { readonly removal: Removal; readonly done: () => void }[]): Promise<void> {
    const all = <K extends keyof Removal>(key: K) =>
      removals.flatMap(({ removal }) => (removal[key] ?? []) as number[]);
    const request: RemoveRequest = {
      epoch: this.identity.epoch,
      rddIds: all("rddIds"),
      shuffleIds: all("shuffleIds"),
      broadcastIds: all("broadcastIds"),
      sourceRddIds: all("sourceRddIds"),
      blocks: removals.flatMap(({ removal }) => removal.blocks ?? []),
    };
    await this.#tell("remove", () => this.client.remove(request));
    for (const { done } of removals) done();
  }

  async #tell(what: string, send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      if (!VolleyError.is(error)) throw error;
      if (!this.#closed) this.#host.messageFailed(this, what, error);
    }
  }
}
