/**
 * An action from its call to its answer: capture at once, then prepare, plan, run, decode. The way of a job through the driver, in
 * the order of the methods.
 */

import { count } from "@volley/engine/actions/count.js";
import { decodeRows } from "@volley/engine/columnar/block-reader.js";
import { encodeRows } from "@volley/engine/columnar/block-writer.js";
import type { Sink } from "@volley/engine/operators/operator.js";
import type { ParallelizeParams } from "@volley/engine/operators/parallelize.js";
import { isExchange, parentsFirst } from "@volley/engine/plan/lineage.js";
import { planJob } from "@volley/engine/plan/plan-job.js";
import type { PlannedJob } from "@volley/engine/plan/planned-job.js";
import type { PrepareTools } from "@volley/engine/plan/prepare.js";
import type { CallSite } from "@volley/engine/rdd/call-site.js";
import type { RddNode } from "@volley/engine/rdd/node.js";
import type { JobRequest } from "@volley/engine/rdd/rdd-context.js";
import { refusedAt } from "@volley/engine/rdd/refused-at.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { Driver } from "../driver.js";
import { listFiles } from "../io/list-files.js";
import { cancelledError } from "../job-errors.js";
import type { ClassTable } from "./class-table.js";
import type { FactStore } from "./fact-store.js";
import { type CaptureValues, JobCapture } from "./job-capture.js";
import { StageMemory } from "./stage-memory.js";

/** Group, tags and pool of the async context in which an action was called. */
export interface JobLabels {
  readonly pool: string;
  readonly group: string | undefined;
  readonly tags: readonly string[];
}

type OnResult = (partition: number, bytes: Uint8Array) => void;

export interface JobRunnerParts {
  readonly driver: Driver;
  readonly facts: FactStore;
  readonly classes: ClassTable;
  readonly capture: CaptureValues;
  readonly labels: () => JobLabels;
  readonly onAccumulators: (bytes: Uint8Array) => void;
}

export class JobRunner {
  readonly #parts: JobRunnerParts;
  readonly stages: StageMemory;
  readonly #sources = new WeakSet<RddNode>();
  /** Captures of actions that run more than one job. */
  readonly #actions = new WeakMap<object, JobCapture>();
  readonly #endedActions = new FinalizationRegistry<ReadonlySet<number>>((envelopeIds) => this.#letGoOf(envelopeIds));
  /** Labels of actions between their call and the end of their job; a reason once they are to end. */
  readonly #underWay = new Map<JobLabels, string | undefined>();
  #stageIds = 0;
  #stageKeys = 0;
  /** An action, or a question that looks at data, has been asked for. */
  wasAsked = false;

  constructor(parts: JobRunnerParts) {
    this.#parts = parts;
    const { driver } = parts;
    this.stages = new StageMemory(
      (shuffleId) => driver.wasShuffleWhole(shuffleId),
      (envelopeId) => driver.releaseEnvelope(envelopeId),
    );
  }

  /**
   * Runs a job; `onResult` gets the block of each partition as it comes. Captures before it returns its promise, which gives the partitions
   * in the order asked for.
   */
  run(request: JobRequest, onResult: OnResult): Promise<readonly number[]> {
    this.wasAsked = true;
    const labels = this.#parts.labels();
    const { signal } = request.options ?? {};
    if (signal?.aborted) return Promise.reject(cancelled(request.site, signal.reason));
    let capture: JobCapture;
    try {
      capture = this.#captureJob(request);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#underWay.set(labels, undefined);
    return this.#runCaptured(request, capture, labels, onResult)
      .catch((error: unknown) => {
        throw refusedAt(error, request.site);
      })
      .finally(() => {
        this.#underWay.delete(labels);
        this.#letGo(capture, request);
      });
  }

  /** Cancels actions whose job the driver does not know yet: they are still looking at files or sampling keys. */
  cancelUnderWay(matches: (labels: JobLabels) => boolean, reason: string): void {
    for (const labels of this.#underWay.keys()) if (matches(labels)) this.#underWay.set(labels, reason);
  }

  /** Envelopes of an action that may run further jobs go with the action's object. */
  #letGo(capture: JobCapture, request: JobRequest): void {
    if (request.action === undefined) this.#letGoOf(capture.envelopeIds);
  }

  #letGoOf(envelopeIds: ReadonlySet<number>): void {
    for (const id of envelopeIds) this.stages.letGo(id);
  }

  /** The plan of what an action over a node would run. */
  async explain(request: JobRequest): Promise<PlannedJob> {
    this.wasAsked = true;
    const capture = this.#captureJob(request);
    try {
      await this.#prepare(request.node, capture, request, this.#parts.labels());
      return this.#plan(request, capture, this.#partitionsOf(request));
    } finally {
      this.#letGo(capture, request);
    }
  }

  /** Finds out a node's number of partitions. */
  async numPartitions(request: Omit<JobRequest, "sink">): Promise<number> {
    const { facts } = this.#parts;
    if (!facts.isKnown(request.node)) {
      const labels = this.#parts.labels();
      const full = { ...request, sink: count() };
      const capture = this.#captureJob(full);
      await this.#prepare(request.node, capture, full, labels).finally(() => this.#letGo(capture, full));
    }
    return facts.numPartitions(request.node);
  }

  #captureJob({ node, sink, site, action }: JobRequest): JobCapture {
    const known = action === undefined ? undefined : this.#actions.get(action);
    if (known !== undefined) return known;
    const made = this.#newCapture(node, sink, site);
    if (action !== undefined) {
      this.#actions.set(action, made);
      this.#endedActions.register(action, made.envelopeIds);
    }
    return made;
  }

  #newCapture(node: RddNode, sink: Sink, site: CallSite): JobCapture {
    const { facts, driver, capture } = this.#parts;
    const goesUp = (at: RddNode): readonly RddNode[] => {
      const stand = facts.checkpoint(at);
      if (stand !== undefined) return [stand];
      return isExchange(at) && driver.isShuffleComplete(at.id) ? [] : at.inputs;
    };
    const held: CaptureValues = (roots, siteOf) => {
      const id = capture(roots, siteOf);
      this.stages.hold(id);
      return id;
    };
    return new JobCapture(node, sink, site, goesUp, held);
  }

  async #runCaptured(
    request: JobRequest,
    capture: JobCapture,
    labels: JobLabels,
    onResult: OnResult,
  ): Promise<readonly number[]> {
    await request.after;
    await this.#prepare(request.node, capture, request, labels);
    const partitions = this.#partitionsOf(request);
    const job = this.#plan(request, capture, partitions);
    const reason = this.#underWay.get(labels);
    if (reason !== undefined) throw cancelledError(job, reason);
    const done = this.stages.use(job.stages);
    try {
      await this.#parts.driver.runJob(job, {
        ...labels,
        signal: request.options?.signal,
        onResult,
        onAccumulators: this.#parts.onAccumulators,
      });
      return partitions;
    } finally {
      done();
    }
  }

  async #prepare(node: RddNode, capture: JobCapture, request: JobRequest, labels: JobLabels): Promise<void> {
    if (this.#parts.facts.isKnown(node)) return;
    await this.#parts.facts.prepareAll(node, this.#prepareTools(capture, request, labels));
  }

  #prepareTools(capture: JobCapture, outer: JobRequest, labels: JobLabels): PrepareTools {
    const { facts } = this.#parts;
    const tools: PrepareTools = {
      facts,
      listFiles: (paths, options) => listFiles(paths, options),
      prepared: async (node) => {
        await facts.prepareAll(node, tools);
        return facts.numPartitions(node);
      },
      run: async (node, sink, partitions) => {
        await facts.prepareAll(node, tools);
        const request: JobRequest = { node, sink, partitions, site: outer.site, options: outer.options };
        const results = new Map<number, readonly unknown[]>();
        const ran = await this.#runCaptured(request, capture, labels, (partition, bytes) => {
          results.set(partition, decodeRows(bytes, this.#parts.classes));
        });
        return ran.map((partition) => results.get(partition) ?? []);
      },
      putSource: (node, slices) => this.#putSource(node, (partition) => slices[partition] ?? [], slices.length),
    };
    return tools;
  }

  #partitionsOf({ node, partitions, site }: JobRequest): readonly number[] {
    const count = this.#parts.facts.numPartitions(node);
    if (partitions === undefined) return Array.from({ length: count }, (_, index) => index);
    const wanted = typeof partitions === "function" ? partitions(count) : partitions;
    for (const partition of wanted) {
      if (!Number.isInteger(partition) || partition < 0 || partition >= count) {
        throw new VolleyError("INVALID_ARGUMENT", `${site}: there is no partition ${partition}; the RDD has ${count}`);
      }
    }
    return wanted;
  }

  #plan(request: JobRequest, capture: JobCapture, partitions: readonly number[]): PlannedJob {
    const { facts } = this.#parts;
    const job = planJob({
      node: request.node,
      sink: request.sink,
      partitions: [...new Set(partitions)],
      site: request.site,
      facts,
      plannedStage: (exchange) => this.stages.get(exchange),
      nextStageId: () => this.#stageIds++,
      nextStageKey: () => this.#stageKeys++,
      captured: (owner, index) => capture.place(owner, index),
      captureLate: (values) => capture.captureLate(values),
    });
    this.#registerSources(request.node);
    return job;
  }

  /** Slices given to parallelize become blocks of the driver, encoded when an executor asks. */
  #registerSources(root: RddNode): void {
    const { driver } = this.#parts;
    const parentsOf = (node: RddNode) => (isExchange(node) && driver.isShuffleComplete(node.id) ? [] : node.inputs);
    for (const node of parentsFirst([root], parentsOf)) {
      if (node.kind !== "parallelize" || this.#sources.has(node)) continue;
      const { slice, numSlices } = node.params as ParallelizeParams;
      this.#putSource(node, slice, numSlices);
    }
  }

  #putSource(node: RddNode, slice: (partition: number) => readonly unknown[], numSlices: number): void {
    const { driver, classes } = this.#parts;
    this.#sources.add(node);
    for (let partition = 0; partition < numSlices; partition++) {
      driver.putBlock({ kind: "source", rddId: node.id, partition }, () => encodeRows(slice(partition), classes));
    }
  }
}

function cancelled(site: CallSite, cause: unknown): VolleyError {
  return new VolleyError("CANCELLED", `${site} was cancelled by its signal before it began`, { cause });
}
