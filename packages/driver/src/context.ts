/**
 * The driver's context: makes RDDs, runs their actions, holds what they share, and ends it all. Users know it as `VolleyContext`; the
 * front door adds `create` and the executors of a local master.
 */

import { join, resolve } from "node:path";
import { collect } from "@volley/engine/actions/collect.js";
import { knownNameOf } from "@volley/engine/closure/known-classes.js";
import { decodeRows } from "@volley/engine/columnar/block-reader.js";
import { encodeRows } from "@volley/engine/columnar/block-writer.js";
import { INSPECT } from "@volley/engine/lib/inspect-symbol.js";
import { operatorOf } from "@volley/engine/operators/define-operator.js";
import { debugString } from "@volley/engine/plan/debug-string.js";
import { explainJob } from "@volley/engine/plan/explain.js";
import { CallSite } from "@volley/engine/rdd/call-site.js";
import type { NodeFactory, RddNode } from "@volley/engine/rdd/node.js";
import { RDD } from "@volley/engine/rdd/rdd.js";
import type {
  ActionOptions,
  JobRequest,
  RddContext,
  RddSettings,
  SaveRequest,
} from "@volley/engine/rdd/rdd-context.js";
import { checkedAt, refusedAt } from "@volley/engine/rdd/refused-at.js";
import { StorageLevel } from "@volley/engine/task/storage-level.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { captureEnvelope } from "./closure/capture.js";
import type { CaptureWarning } from "./closure/capture-warnings.js";
import type { Driver } from "./driver.js";
import { plainPath } from "./io/input-paths.js";
import { Checkpoints } from "./job/checkpoints.js";
import { ClassTable } from "./job/class-table.js";
import { Cleaner } from "./job/cleaner.js";
import { FactStore } from "./job/fact-store.js";
import { type JobLabels, JobRunner } from "./job/job-runner.js";
import { LargeValues } from "./large-values.js";
import { saveOutput } from "./output/save-output.js";
import { sweepCheckpoints } from "./output/sweep-checkpoints.js";
import { SharedVariables } from "./shared-variables.js";

export interface ContextParts {
  readonly driver: Driver;
  readonly appName: string;
  readonly master: string;
  readonly defaultParallelism: number;
  readonly labels: () => JobLabels;
}

/** What a context is made of and RDD handles ask for; the public methods stand in `volley-context.ts`. */
export class DriverContext implements RddContext {
  /**
   * The name given to `create`.
   *
   * @see Spark's SparkContext.appName
   */
  readonly appName: string;
  /**
   * The master given to `create`.
   *
   * @see Spark's SparkContext.master
   */
  readonly master: string;
  /**
   * Partitions where nobody says how many: the slots of all executors.
   *
   * @see Spark's SparkContext.defaultParallelism
   */
  readonly defaultParallelism: number;
  /** @internal */
  readonly driver: Driver;
  /** @internal */
  readonly shared: SharedVariables;
  /** @internal */
  readonly jobs: JobRunner;
  checkpointDir: string | undefined;
  readonly #facts: FactStore;
  readonly #classes: ClassTable;
  readonly #checkpoints: Checkpoints;
  readonly #cleaner: Cleaner;
  readonly #largeValues: LargeValues;
  readonly #warned = new Set<string>();
  readonly #settings = new WeakMap<RddNode, RddSettings>();
  readonly #persisted = new Map<number, WeakRef<RDD<unknown>>>();
  #rddIds = 0;
  #seeds = 0;
  /** The last transformation, while no action has been called. */
  #plannedLast: CallSite | undefined;

  constructor({ driver, appName, master, defaultParallelism, labels }: ContextParts) {
    this.driver = driver;
    this.appName = appName;
    this.master = master;
    this.defaultParallelism = defaultParallelism;
    this.#facts = new FactStore((node) => this.settingsOf(node));
    this.#classes = new ClassTable((classId, constructor) => {
      const site = new CallSite("rows");
      driver.putBlock(
        { kind: "class", classId },
        this.#capture([constructor], () => site),
      );
    });
    this.shared = new SharedVariables(driver, this.#classes, (value) => {
      const site = new CallSite("broadcast");
      return this.#capture([value], () => site);
    });
    this.#largeValues = new LargeValues(driver, () => this.shared.nextId());
    this.jobs = new JobRunner({
      driver,
      facts: this.#facts,
      classes: this.#classes,
      capture: (roots, siteOf) => this.#addEnvelope(roots, siteOf),
      labels,
      onAccumulators: (bytes) => this.shared.merge(bytes),
    });
    driver.onStopping = () => this.#sayThatNothingRan();
    driver.isPersisted = (rddId) => this.#persisted.has(rddId);
    this.#checkpoints = new Checkpoints({
      folder: () =>
        this.checkpointDir === undefined ? undefined : join(this.checkpointDir, driver.config.applicationId),
      settingsOf: (node) => this.settingsOf(node),
      makeAt: (site) => this.makeAt(site),
      numPartitions: (node) => this.numPartitions(node),
      run: (request) => this.runJob(request),
      save: (request) => this.saveOutput(request),
      sweep: (root) => sweepCheckpoints(resolve(plainPath(root))),
    });
    this.#cleaner = new Cleaner(({ rddId, isExchange, isSource }) => {
      this.#persisted.delete(rddId);
      if (isExchange) {
        this.jobs.stages.forget(rddId);
        void driver.releaseShuffle(rddId);
      }
      void driver.releaseRdd(rddId);
      if (isSource) void driver.removeSource(rddId);
    });
  }

  /** Captures what a job's functions use; its large values become blocks that live as long as the envelope. */
  #addEnvelope(roots: readonly unknown[], siteOf: (root: number) => CallSite): number {
    const held: number[] = [];
    const keepApart = (bytes: Uint8Array): number | undefined => {
      const id = this.#largeValues.hold(bytes);
      if (id !== undefined) held.push(id);
      return id;
    };
    try {
      const bytes = this.#capture(roots, siteOf, keepApart);
      return this.driver.addEnvelope(bytes, () => this.#largeValues.release(held));
    } catch (error) {
      this.#largeValues.release(held);
      throw error;
    }
  }

  #capture(
    roots: readonly unknown[],
    siteOf: (root: number) => CallSite,
    keepApart: (bytes: Uint8Array) => number | undefined = () => undefined,
  ): Uint8Array {
    const { bytes, warnings } = captureEnvelope(roots, {
      describe: (root) => {
        const site = siteOf(root);
        return { operator: site.operator, ...site.place };
      },
      known: knownNameOf,
      handle: (value) => this.#handle(value),
      classId: (constructor) => this.#classes.idOf(constructor),
      keepApart,
    });
    for (const warning of warnings) this.#warn(warning);
    return bytes;
  }

  /** What newcomers to lazy evaluation meet: a script that transforms, and never asks for an answer. */
  #sayThatNothingRan(): void {
    if (this.jobs.wasAsked || this.#plannedLast === undefined) return;
    const message = `nothing has run: ${this.#plannedLast} only says what is to be done; an action does it, such as collect(), count() or saveAsTextFile()`;
    this.driver.events.append({ kind: "log", level: "warn", message });
  }

  /** Once a place: a loop would say it in every round. */
  #warn({ message, place, variable }: CaptureWarning): void {
    const at = `${place.file}:${place.line}`;
    if (this.#warned.has(`${at} ${variable}`)) return;
    this.#warned.add(`${at} ${variable}`);
    this.driver.events.append({ kind: "log", level: "warn", message: `${message} (${at})` });
  }

  /** What a captured object travels as; RDDs and contexts do not. */
  #handle(value: object): { readonly type: string; readonly data: unknown } | undefined {
    if (value instanceof RDD || value instanceof DriverContext) {
      const what = value instanceof RDD ? "an RDD" : "the VolleyContext";
      throw new VolleyError(
        "CONTEXT_IN_CLOSURE",
        `${what} is used inside a function that runs on executors, where there is none; use join, or collect first and broadcast what was collected`,
      );
    }
    return this.shared.handle(value);
  }

  /** One line for people: `VolleyContext local[2] "words" (app-...)`. */
  toString(): string {
    return `VolleyContext ${this.master} ${JSON.stringify(this.appName)} (${this.driver.config.applicationId})`;
  }

  /** What `console.log` and JSON show: the line, and not the driver with its secrets. */
  [INSPECT](): string {
    return this.toString();
  }

  toJSON(): string {
    return this.toString();
  }

  // --- what RDD handles ask for --------------------------------------------------------------------------------------------------

  get defaultMinPartitions(): number {
    return Math.min(this.defaultParallelism, 2);
  }

  makeAt(site: CallSite): NodeFactory {
    return (kind, inputs, params, options) => {
      const node = Object.freeze({ id: this.#rddIds++, kind, inputs, params, site, partitioner: options?.partitioner });
      const { shape } = operatorOf(node);
      if (shape !== "source" && !this.jobs.wasAsked) this.#plannedLast = site;
      if (shape === "exchange" || shape === "source")
        this.#cleaner.watch(node, shape === "exchange", shape === "source");
      return node;
    };
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
    return this.#facts.knownPartitions(node);
  }

  cloneValue<T>(value: T): T {
    return decodeRows(encodeRows([value], this.#classes), this.#classes)[0] as T;
  }

  after(milliseconds: number, call: () => void): () => void {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  }

  nextSeed(): number {
    return ((Math.random() * 2 ** 31) ^ this.#seeds++) >>> 0;
  }

  async runJob(request: JobRequest): Promise<readonly (readonly unknown[])[]> {
    const blocks = await this.runJobBlocks(request);
    return blocks.map((bytes) => this.#decoded(bytes, request));
  }

  async runJobEach(
    request: JobRequest,
    onResult: (partition: number, rows: readonly unknown[]) => void,
  ): Promise<void> {
    this.assertRunning();
    await this.jobs.run(request, (partition, bytes) => onResult(partition, this.#decoded(bytes, request)));
    await this.#checkpoints.afterJob(request.node);
  }

  #decoded(bytes: Uint8Array, { site }: JobRequest): unknown[] {
    return checkedAt(site, () => decodeRows(bytes, this.#classes));
  }

  async runJobBlocks(request: JobRequest): Promise<readonly Uint8Array[]> {
    this.assertRunning();
    const results = new Map<number, Uint8Array>();
    const partitions = await this.jobs.run(request, (partition, bytes) => results.set(partition, bytes));
    await this.#checkpoints.afterJob(request.node);
    return partitions.map((partition) => results.get(partition) as Uint8Array);
  }

  numPartitions(node: RddNode, options?: ActionOptions): Promise<number> {
    this.assertRunning();
    this.jobs.wasAsked = true;
    return this.jobs.numPartitions({ node, site: node.site, options });
  }

  async preferredLocations(node: RddNode, partition: number): Promise<readonly string[]> {
    await this.numPartitions(node);
    return this.driver.blockLocations({ kind: "rdd", rddId: node.id, partition });
  }

  async unpersist(node: RddNode): Promise<void> {
    this.#persisted.delete(node.id);
    await this.driver.releaseRdd(node.id);
  }

  persisted(node: RddNode, rdd: object): void {
    this.#persisted.set(node.id, new WeakRef(rdd as RDD<unknown>));
    this.#cleaner.watch(node, false, false);
  }

  /**
   * The persisted RDDs that the script still holds, by id.
   *
   * @example for (const rdd of vc.getPersistentRDDs().values()) await rdd.unpersist()
   * @see Spark's SparkContext.getPersistentRDDs
   */
  getPersistentRDDs(): Map<number, RDD<unknown>> {
    const alive = new Map<number, RDD<unknown>>();
    for (const [id, reference] of this.#persisted) {
      const rdd = reference.deref();
      if (rdd !== undefined) alive.set(id, rdd);
    }
    return alive;
  }

  async toDebugString(node: RddNode): Promise<string> {
    await this.numPartitions(node);
    return debugString(node, {
      numPartitions: (at) => this.#facts.numPartitions(at),
      name: (at) => this.settingsOf(at).name,
      persistence: (at) => persistenceText(this.settingsOf(at).storageLevel),
      storage: (at) => this.#storageText(at),
      checkpoint: (at) => this.#facts.checkpoint(at),
    });
  }

  #storageText(node: RddNode): string | undefined {
    if (this.settingsOf(node).storageLevel === StorageLevel.NONE) return undefined;
    const blocks = this.driver.cachedBlocks(node.id);
    if (blocks.length === 0) return undefined;
    const sum = (where: "memory" | "disk") =>
      blocks.reduce((total, block) => total + (block.where === where ? block.bytes : 0), 0);
    return `CachedPartitions: ${blocks.length}; MemorySize: ${bytesText(sum("memory"))}; DiskSize: ${bytesText(sum("disk"))}`;
  }

  async explain(node: RddNode): Promise<string> {
    this.assertRunning();
    return explainJob(await this.jobs.explain({ node, sink: collect(), site: new CallSite("explain") }));
  }

  async saveOutput(request: SaveRequest): Promise<void> {
    this.assertRunning();
    try {
      await saveOutput(request, (job) => this.runJob(job));
    } catch (error) {
      throw refusedAt(error, request.site);
    }
  }

  assertRunning(): void {
    if (this.driver.isStopped)
      throw new VolleyError("CONTEXT_STOPPED", "the context has been stopped; create another one");
  }

  checkpointAsked(node: RddNode, cleared?: Promise<void>): void {
    this.#checkpoints.ask(node, cleared);
  }
}

function persistenceText(level: StorageLevel): string {
  if (level === StorageLevel.NONE) return "";
  const where = [level.useDisk ? "Disk" : undefined, level.useMemory ? "Memory" : undefined].filter(
    (text) => text !== undefined,
  );
  return `${where.join(" ")} Serialized ${level.replication}x Replicated`;
}

function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes}.0 B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let size = bytes / 1024;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size.toFixed(1)} ${units[unit]}`;
}
