/**
 * An engine in one process for tests: plans jobs as the driver does and runs their tasks one after the other over arrays, without processes,
 * sockets or files. Functions are handed over as they are instead of being captured, so a task can see the test's variables: what capture does is tested
 * where capture is.
 */

import { decodeRows } from "../columnar/block-reader.js";
import { encodeRows } from "../columnar/block-writer.js";
import type { ClassRegistry } from "../columnar/types.js";
import { assert } from "../lib/assert.js";
import { operatorOf } from "../operators/define-operator.js";
import { binaryFiles, binaryRecords, objectFile, wholeTextFiles } from "../operators/files.js";
import type { Sink } from "../operators/operator.js";
import { type ParallelizeParams, parallelize } from "../operators/parallelize.js";
import { range } from "../operators/range.js";
import { textFile } from "../operators/text-file.js";
import { debugString } from "../plan/debug-string.js";
import { explainJob } from "../plan/explain.js";
import type { Facts } from "../plan/facts.js";
import { knownPartitions } from "../plan/known-partitions.js";
import { parentsFirst } from "../plan/lineage.js";
import { planJob } from "../plan/plan-job.js";
import type { PlannedJob, PlannedStage } from "../plan/planned-job.js";
import type { PrepareTools } from "../plan/prepare.js";
import { CallSite } from "../rdd/call-site.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { RDD } from "../rdd/rdd.js";
import type { JobRequest, RddContext, RddSettings, SaveRequest } from "../rdd/rdd-context.js";
import type { Row } from "../rdd/row-types.js";
import { unionNode } from "../rdd/set-operations.js";
import { createStageRunner, ProgramCache } from "../task/create-stage-runner.js";
import { StorageLevel } from "../task/storage-level.js";
import type { MapOutput } from "../task/task-io.js";
import { VolleyError } from "../wire/errors.js";
import { directEnvelope } from "./direct-envelope.js";
import { LocalStore, localTaskIo } from "./local-task-io.js";

/** Instances of classes need capture to travel: rows here are plain data. */
const CLASSES: ClassRegistry = {
  idOf: () => undefined,
  byId: (classId) => assert(false, `class ${classId} is known`) as never,
};

interface Known {
  readonly numPartitions: number;
  readonly prepared: unknown;
}

export class LocalContext implements RddContext {
  readonly defaultParallelism: number;
  readonly store = new LocalStore();
  checkpointDir: string | undefined;

  /** Nothing is checkpointed here: files and cached blocks belong to executors. */
  checkpointAsked(): void {}

  /** What every job ran: the partitions of each of its stages. */
  readonly ran: { readonly stage: string; readonly partition: number }[] = [];
  readonly #known = new Map<RddNode, Known>();
  readonly #settings = new Map<RddNode, RddSettings>();
  readonly #programs = new ProgramCache();
  readonly #mapOutputs = new Map<number, MapOutput[]>();
  readonly #facts: Facts;
  #timers: (() => void)[] = [];
  #ids = 0;

  constructor(defaultParallelism = 2) {
    this.defaultParallelism = defaultParallelism;
    const known = (node: RddNode): Known => {
      const found = this.#known.get(node);
      assert(found !== undefined, `RDD ${node.id} (${node.kind}) is prepared`);
      return found;
    };
    this.#facts = {
      numPartitions: (node) => known(node).numPartitions,
      prepared: <T>(node: RddNode) => known(node).prepared as T,
      storageLevel: (node) => this.settingsOf(node).storageLevel,
      checkpoint: (node) => this.settingsOf(node).checkpointed?.node,
    };
  }

  get defaultMinPartitions(): number {
    return Math.min(2, this.defaultParallelism);
  }

  // --- sources --------------------------------------------------------------------------------------------------------------------

  parallelize<T extends Row>(data: readonly T[], numSlices = this.defaultParallelism): RDD<T> {
    return new RDD<T>(this, parallelize(this.makeAt(new CallSite("parallelize")), data, numSlices));
  }

  range(start: number, end: number, step = 1, numSlices = this.defaultParallelism): RDD<number> {
    const count = Math.max(0, Math.ceil((end - start) / step));
    return new RDD<number>(this, range(this.makeAt(new CallSite("range")), { start, step, count, numSlices }));
  }

  /** Files are entries of `store.files`. */
  textFile(path: string, minPartitions = this.defaultMinPartitions): RDD<string> {
    return new RDD<string>(this, textFile(this.makeAt(new CallSite("textFile")), { paths: [path], minPartitions }));
  }

  wholeTextFiles(path: string): RDD<[string, string]> {
    return new RDD(
      this,
      wholeTextFiles(this.makeAt(new CallSite("wholeTextFiles")), { paths: [path], minPartitions: 1 }),
    );
  }

  binaryFiles(path: string): RDD<[string, Uint8Array]> {
    return new RDD(this, binaryFiles(this.makeAt(new CallSite("binaryFiles")), { paths: [path], minPartitions: 1 }));
  }

  binaryRecords(path: string, recordLength: number, minPartitions: number): RDD<Uint8Array> {
    const params = { paths: [path], recordLength, minPartitions };
    return new RDD(this, binaryRecords(this.makeAt(new CallSite("binaryRecords")), params));
  }

  objectFile(path: string): RDD<unknown> {
    return new RDD(this, objectFile(this.makeAt(new CallSite("objectFile")), [path]));
  }

  union<T>(rdds: readonly RDD<T>[]): RDD<T> {
    const nodes = rdds.map((rdd) => rdd.node);
    return new RDD<T>(
      this,
      unionNode(this.makeAt(new CallSite("union")), nodes, (node) => this.knownPartitions(node)),
    );
  }

  // --- what RDD handles ask for ---------------------------------------------------------------------------------------------------

  makeAt(site: CallSite): NodeFactory {
    return (kind, inputs, params, options) =>
      Object.freeze({ id: this.#ids++, kind, inputs, params, site, partitioner: options?.partitioner });
  }

  settingsOf(node: RddNode): RddSettings {
    let settings = this.#settings.get(node);
    if (settings === undefined) {
      settings = { name: undefined, storageLevel: StorageLevel.NONE, checkpointWanted: "no", checkpointed: undefined };
      this.#settings.set(node, settings);
    }
    return settings;
  }

  knownPartitions(node: RddNode): number | undefined {
    return knownPartitions(node, (at) => this.#known.get(at)?.numPartitions);
  }

  cloneValue<T>(value: T): T {
    return decodeRows(encodeRows([value], CLASSES), CLASSES)[0] as T;
  }

  /** Timers run when `fireTimers` is called: time is what a test says it is. */
  after(_milliseconds: number, call: () => void): () => void {
    this.#timers.push(call);
    return () => {
      this.#timers = this.#timers.filter((timer) => timer !== call);
    };
  }

  fireTimers(): void {
    const timers = this.#timers;
    this.#timers = [];
    for (const call of timers) call();
  }

  nextSeed(): number {
    return 42;
  }

  async runJob(request: JobRequest): Promise<readonly (readonly unknown[])[]> {
    return (await this.runJobBlocks(request)).map((block) => decodeRows(block, CLASSES));
  }

  async runJobEach(
    request: JobRequest,
    onResult: (partition: number, rows: readonly unknown[]) => void,
  ): Promise<void> {
    await this.#run(request, (partition, block) => onResult(partition, decodeRows(block, CLASSES)));
  }

  async runJobBlocks(request: JobRequest): Promise<readonly Uint8Array[]> {
    const blocks: Uint8Array[] = [];
    await this.#run(request, (_, block) => void blocks.push(block));
    return blocks;
  }

  async numPartitions(node: RddNode): Promise<number> {
    await this.#prepare(node);
    return this.#facts.numPartitions(node);
  }

  async preferredLocations(): Promise<readonly string[]> {
    return [];
  }

  async unpersist(node: RddNode): Promise<void> {
    this.store.removeRdd(node.id);
  }

  persisted(): void {}

  async toDebugString(node: RddNode): Promise<string> {
    await this.#prepare(node);
    return debugString(node, {
      numPartitions: (at) => this.#facts.numPartitions(at),
      name: (at) => this.settingsOf(at).name,
      persistence: (at) =>
        this.settingsOf(at).storageLevel === StorageLevel.NONE ? "" : this.settingsOf(at).storageLevel.name,
      storage: () => undefined,
      checkpoint: (at) => this.#facts.checkpoint(at),
    });
  }

  async explain(node: RddNode): Promise<string> {
    await this.#prepare(node);
    const site = new CallSite("explain");
    const { collect } = await import("../actions/collect.js");
    return explainJob(this.#plan({ node, sink: collect(), site }, await this.#all(node), new Map()));
  }

  async saveOutput({ node, path, sink, site }: SaveRequest): Promise<void> {
    if ([...this.store.files.keys()].some((file) => file.startsWith(`${path}/`))) {
      throw new VolleyError("OUTPUT_EXISTS", `${path} exists`);
    }
    await this.runJob({ node, sink: sink(path), site });
    this.store.files.set(`${path}/_SUCCESS`, new Uint8Array(0));
  }

  assertRunning(): void {}

  // --- jobs -----------------------------------------------------------------------------------------------------------------------

  async #all(node: RddNode): Promise<readonly number[]> {
    return Array.from({ length: await this.numPartitions(node) }, (_, index) => index);
  }

  async #prepare(root: RddNode): Promise<void> {
    const tools: PrepareTools = {
      facts: this.#facts,
      prepared: (node) => this.numPartitions(node),
      listFiles: async (paths, options) => this.store.list(paths, options),
      run: (node, sink, partitions) => this.runJob({ node, sink, partitions, site: new CallSite("prepare") }),
      putSource: (node, slices) =>
        slices.forEach((rows, partition) => void this.store.putSource(node.id, partition, encodeRows(rows, CLASSES))),
    };
    for (const node of parentsFirst([root], (at) => (this.#known.has(at) ? [] : at.inputs))) {
      if (this.#known.has(node)) continue;
      const operator = operatorOf(node);
      const prepared = await operator.prepare?.(node, tools);
      // What was prepared is asked for by `partitions`.
      this.#known.set(node, { numPartitions: Number.NaN, prepared });
      const numPartitions =
        operator.partitions?.(node, this.#facts) ?? this.#facts.numPartitions(node.inputs[0] as RddNode);
      this.#known.set(node, { numPartitions, prepared });
    }
  }

  async #run(request: JobRequest, onResult: (partition: number, block: Uint8Array) => void): Promise<void> {
    if (request.options?.signal?.aborted === true) throw new VolleyError("CANCELLED", "cancelled by its signal");
    await this.#prepare(request.node);
    const all = await this.#all(request.node);
    const partitions =
      typeof request.partitions === "function" ? request.partitions(all.length) : (request.partitions ?? all);
    this.#putSources(request.node);
    const envelopes = new Map<number, Uint8Array>();
    const job = this.#plan(request, partitions, envelopes);
    for (const stage of job.stages) {
      if (stage.shuffleId !== undefined && this.#mapOutputs.has(stage.shuffleId)) continue;
      await this.#runStage(stage, stage.shuffleId === undefined ? partitions : stage.partitions, envelopes, onResult);
    }
  }

  #plan(request: JobRequest, partitions: readonly number[], envelopes: Map<number, Uint8Array>): PlannedJob {
    const places = new Map<RddNode | Sink, number>();
    const envelope = (values: readonly unknown[]): number => {
      const id = this.#ids++;
      envelopes.set(id, directEnvelope(values));
      return id;
    };
    const bindingsOf = (owner: RddNode | Sink): readonly unknown[] =>
      ("inputs" in owner ? operatorOf(owner).bindings?.(owner.params) : owner.operator.bindings?.(owner.params)) ?? [];
    return planJob({
      node: request.node,
      sink: request.sink,
      partitions: [...new Set(partitions)],
      site: request.site,
      facts: this.#facts,
      plannedStage: () => undefined,
      nextStageId: () => this.#ids++,
      nextStageKey: () => this.#ids++,
      captured: (owner, index) => {
        let place = places.get(owner);
        if (place === undefined) {
          place = envelope(bindingsOf(owner));
          places.set(owner, place);
        }
        return [place, index];
      },
      captureLate: (values) => {
        const id = envelope(values);
        return values.map((_, index) => [id, index] as const);
      },
    });
  }

  async #runStage(
    stage: PlannedStage,
    partitions: readonly number[],
    envelopes: ReadonlyMap<number, Uint8Array>,
    onResult: (partition: number, block: Uint8Array) => void,
  ): Promise<void> {
    const host = {
      requireFrom: () => () => assert(false, "a test's functions require nothing"),
      importFrom: () => () => assert(false, "a test's functions import nothing") as never,
      resolveFrom: () => () => assert(false, "a test's functions resolve nothing") as never,
      compile: (text: string) => new Function(`return ${text};`)() as unknown,
    };
    const runner = createStageRunner(stage.spec, (id) => envelopes.get(id) as Uint8Array, host, this.#programs);
    const outputs: MapOutput[] = [];
    for (const partition of partitions) {
      this.ran.push({ stage: stage.name, partition });
      const { pipeline, roots, inputs } = stage.task(partition);
      const ids = { taskId: this.#ids++, jobId: 0, stageId: stage.stageId, partition, attempt: 0 };
      const task = { ...ids, stageKey: stage.spec.stageKey, pipeline, roots, inputs, seed: partition };
      const outcome = await runner.run(
        task,
        localTaskIo(this.store, ids, (shuffleId) => this.#mapOutputs.get(shuffleId) ?? []),
      );
      if (outcome.mapOutput !== undefined) outputs[partition] = outcome.mapOutput;
      else onResult(partition, outcome.result as Uint8Array);
    }
    if (stage.shuffleId !== undefined) this.#mapOutputs.set(stage.shuffleId, outputs);
  }

  #putSources(root: RddNode): void {
    for (const node of parentsFirst([root], (at) => at.inputs)) {
      if (node.kind !== "parallelize" || this.store.hasSource(node.id)) continue;
      const { slice, numSlices } = node.params as ParallelizeParams;
      for (let partition = 0; partition < numSlices; partition++)
        this.store.putSource(node.id, partition, encodeRows(slice(partition), CLASSES));
    }
  }
}
