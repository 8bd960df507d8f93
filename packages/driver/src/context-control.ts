/** What a context controls beside its sources: shared variables, jobs, groups and tags, and its own end. */

import { collect } from "@volley/engine/actions/collect.js";
import { onePerPartition } from "@volley/engine/operators/map-partitions.js";
import {
  type Accumulator,
  CollectionAccumulator,
  DoubleAccumulator,
  LongAccumulator,
} from "@volley/engine/rdd/accumulator.js";
import { refuse, requireFunction, requireRdd } from "@volley/engine/rdd/arguments.js";
import type { Broadcast } from "@volley/engine/rdd/broadcast.js";
import { CallSite } from "@volley/engine/rdd/call-site.js";
import type { RDD } from "@volley/engine/rdd/rdd.js";
import type { ActionOptions } from "@volley/engine/rdd/rdd-context.js";
import { AddedCode } from "./added-code.js";
import type { ContextParts } from "./context.js";
import { ContextSources } from "./context-sources.js";
import type { JobLabels } from "./job/job-runner.js";
import { JobScope } from "./job-scope.js";
import type { VolleyListener } from "./observe/listener-bus.js";
import { LOG_LEVELS, type LogLevel } from "./observe/observers.js";
import type { RunSummary } from "./observe/run-summary.js";
import { SPARK_LOG_LEVELS, type SparkLogLevel } from "./observe/spark-log-levels.js";
import type { StatusTracker } from "./observe/status-tracker.js";

export interface ControlParts extends Omit<ContextParts, "labels"> {
  /** Ends driver and executors. */
  readonly stop: (reason: string) => Promise<void>;
}

export class ContextControl extends ContextSources {
  readonly #added = new AddedCode();
  readonly #scope: JobScope;
  readonly #stop: (reason: string) => Promise<void>;

  constructor(parts: ControlParts) {
    const scope = new JobScope();
    super({ ...parts, labels: () => scope.labels() });
    this.#scope = scope;
    this.#stop = parts.stop;
  }

  /**
   * The application's id: part of the names of its folders and files, and of the event log.
   *
   * @see Spark's SparkContext.applicationId
   */
  get applicationId(): string {
    return this.driver.config.applicationId;
  }

  /**
   * Address of the web UI; undefined when there is none.
   *
   * @see Spark's SparkContext.uiWebUrl
   */
  get uiWebUrl(): string | undefined {
    return undefined;
  }

  // --- shared variables ------------------------------------------------------------------------------------------------------------

  /**
   * Sends a value to each executor once, when a function there first reads `.value`; all its slots share it. The value is captured now.
   *
   * @example const table = vc.broadcast(new Map(entries)); orders.map((o) => [o.id, table.value.get(o.user)])
   * @see Spark's SparkContext.broadcast
   */
  broadcast<T>(value: T): Broadcast<T> {
    this.assertRunning();
    return this.shared.broadcast(value);
  }

  /**
   * A sum of integers that tasks add to and the driver reads. In actions each task counts once, however often it is tried.
   *
   * @example const bad = vc.longAccumulator("bad lines"); await lines.foreach((line) => { if (line === "") bad.add(1); }); bad.value
   * @see Spark's SparkContext.longAccumulator
   */
  longAccumulator(name?: string): LongAccumulator {
    return this.register(new LongAccumulator(), name);
  }

  /**
   * A sum of numbers, with count and average.
   *
   * @example const loss = vc.doubleAccumulator("loss")
   * @see Spark's SparkContext.doubleAccumulator
   */
  doubleAccumulator(name?: string): DoubleAccumulator {
    return this.register(new DoubleAccumulator(), name);
  }

  /**
   * A list that tasks append to.
   *
   * @example const examples = vc.collectionAccumulator<string>("examples")
   * @see Spark's SparkContext.collectionAccumulator
   */
  collectionAccumulator<T>(name?: string): CollectionAccumulator<T> {
    return this.register(new CollectionAccumulator<T>(), name);
  }

  /**
   * Makes an accumulator of a class of one's own (extending `Accumulator`) usable in functions.
   *
   * @example const longest = vc.register(new Longest(), "longest")
   * @see Spark's SparkContext.register
   */
  register<A extends Accumulator<never, unknown>>(accumulator: A, name?: string): A {
    this.assertRunning();
    return this.shared.register(accumulator, name);
  }

  /**
   * Says that functions on executors will read this file; returns the absolute path to read it by.
   *
   * @example const path = vc.addFile("table.json"); rows.mapPartitions((rows) => lookUp(rows, readFileSync(path, "utf8")))
   * @throws FILE_NOT_FOUND, FILE_UNREADABLE
   * @see Spark's SparkContext.addFile
   */
  addFile(path: string): string {
    this.assertRunning();
    return this.#added.addFile(path);
  }

  /**
   * Says that functions on executors will import this package, which must be installed.
   *
   * @example vc.addPackage("sharp")
   * @throws INVALID_ARGUMENT when it is not
   * @see Spark's SparkContext.addPyFile
   */
  addPackage(specifier: string): void {
    this.assertRunning();
    this.#added.addPackage(specifier);
  }

  // --- jobs ------------------------------------------------------------------------------------------------------------------------

  /**
   * Runs `f` over the rows of each partition (or of those given) and gives its values in their order.
   *
   * @example await vc.runJob(rdd, (rows) => [...rows].length)
   * @see Spark's SparkContext.runJob
   */
  override async runJob<T, U>(
    rdd: RDD<T>,
    f: (rows: Iterator<T> & Iterable<T>) => U,
    partitions?: readonly number[],
    options?: ActionOptions,
  ): Promise<U[]>;
  /** @internal */
  override runJob(request: Parameters<ContextSources["runJob"]>[0]): Promise<readonly (readonly unknown[])[]>;
  override async runJob(
    first: unknown,
    f?: unknown,
    partitions?: readonly number[],
    options?: ActionOptions,
  ): Promise<never> {
    if (f === undefined) return (await super.runJob(first as Parameters<ContextSources["runJob"]>[0])) as never;
    requireRdd(first, "runJob");
    requireFunction(f, "runJob");
    const site = new CallSite("runJob");
    const node = onePerPartition(this.makeAt(site), (first as RDD<unknown>).node, f as never);
    const results = await super.runJob({ node, sink: collect(), partitions, site, options });
    return results.map(([value]) => value) as never;
  }

  /**
   * Jobs of this async context from now on belong to a group, which `cancelJobGroup` ends.
   *
   * @example vc.setJobGroup("nightly", "the nightly report")
   * @see Spark's SparkContext.setJobGroup
   */
  setJobGroup(group: string, description?: string): void {
    if (typeof group !== "string") refuse("setJobGroup takes the group's name");
    this.#scope.setGroup(group);
    this.setLocalProperty("spark.job.description", description);
  }

  /**
   * Jobs of this async context from now on belong to no group.
   *
   * @example vc.clearJobGroup()
   * @see Spark's SparkContext.clearJobGroup
   */
  clearJobGroup(): void {
    this.#scope.setGroup(undefined);
    this.setLocalProperty("spark.job.description", undefined);
  }

  /**
   * Cancels the jobs of a group that run now; their actions reject with CANCELLED.
   *
   * @example vc.cancelJobGroup("nightly", "it is day")
   * @see Spark's SparkContext.cancelJobGroup
   */
  cancelJobGroup(group: string, reason = `the job group ${JSON.stringify(group)} was cancelled`): void {
    this.#cancel((job) => job.group === group, reason);
  }

  /**
   * Jobs of this async context from now on carry a tag (text without commas), which `cancelJobsWithTag` looks for.
   *
   * @example vc.addJobTag("exploring")
   * @see Spark's SparkContext.addJobTag
   */
  addJobTag(tag: string): void {
    this.#scope.addTag(tag);
  }

  /**
   * Takes a tag away from the jobs of this async context from now on.
   *
   * @example vc.removeJobTag("exploring")
   * @see Spark's SparkContext.removeJobTag
   */
  removeJobTag(tag: string): void {
    this.#scope.removeTag(tag);
  }

  /**
   * Takes all tags away from the jobs of this async context from now on.
   *
   * @example vc.clearJobTags()
   * @see Spark's SparkContext.clearJobTags
   */
  clearJobTags(): void {
    this.#scope.clearTags();
  }

  /**
   * The tags of this async context.
   *
   * @example vc.getJobTags().has("exploring")
   * @see Spark's SparkContext.getJobTags
   */
  getJobTags(): Set<string> {
    return new Set(this.#scope.tags);
  }

  /**
   * Cancels the jobs with a tag that run now; their actions reject with CANCELLED.
   *
   * @example vc.cancelJobsWithTag("exploring")
   * @see Spark's SparkContext.cancelJobsWithTag
   */
  cancelJobsWithTag(tag: string, reason = `the jobs with the tag ${JSON.stringify(tag)} were cancelled`): void {
    this.#cancel((job) => job.tags.includes(tag), reason);
  }

  /**
   * Cancels a job by its number, as `statusTracker` and listeners tell it.
   *
   * @example for (const id of vc.statusTracker.getActiveJobIds()) vc.cancelJob(id)
   * @see Spark's SparkContext.cancelJob
   */
  cancelJob(jobId: number, reason?: string): void {
    this.driver.cancelJob(jobId, reason);
  }

  /**
   * Cancels every job that runs now.
   *
   * @example vc.cancelAllJobs()
   * @see Spark's SparkContext.cancelAllJobs
   */
  cancelAllJobs(reason = "all jobs were cancelled"): void {
    this.#cancel(() => true, reason);
  }

  #cancel(matches: (labels: Pick<JobLabels, "group" | "tags">) => boolean, reason: string): void {
    this.driver.cancelJobs(matches, reason);
    this.jobs.cancelUnderWay(matches, reason);
  }

  /**
   * A property of the jobs of this async context; undefined removes it.
   *
   * @example vc.setLocalProperty("spark.scheduler.pool", "background")
   * @see Spark's SparkContext.setLocalProperty
   */
  setLocalProperty(name: string, value: string | undefined): void {
    this.#scope.setProperty(name, value);
  }

  /**
   * A property of this async context; undefined when it is not set.
   *
   * @example vc.getLocalProperty("spark.scheduler.pool")
   * @see Spark's SparkContext.getLocalProperty
   */
  getLocalProperty(name: string): string | undefined {
    return this.#scope.property(name);
  }

  /**
   * The folder for `checkpoint()`: each application writes to a folder of its own in it.
   *
   * @example vc.setCheckpointDir("checkpoints")
   * @see Spark's SparkContext.setCheckpointDir
   */
  setCheckpointDir(path: string): void {
    if (typeof path !== "string" || path === "") refuse("setCheckpointDir takes a folder's path");
    this.checkpointDir = path;
  }

  /**
   * The folder that `setCheckpointDir` named; undefined before.
   *
   * @example vc.getCheckpointDir()
   * @see Spark's SparkContext.getCheckpointDir
   */
  getCheckpointDir(): string | undefined {
    return this.checkpointDir;
  }

  // --- watching --------------------------------------------------------------------------------------------------------------------

  /**
   * What runs now and what ran lately.
   *
   * @see Spark's SparkContext.statusTracker
   */
  get statusTracker(): StatusTracker {
    return this.driver.observers.status;
  }

  /**
   * Calls a listener's methods for what happens from now on, in order, outside of the scheduler.
   *
   * @example vc.addListener({ onStageCompleted: (event) => console.log(event) })
   * @see Spark's SparkContext.addSparkListener
   */
  addListener(listener: VolleyListener): void {
    if (typeof listener !== "object" || listener === null)
      refuse("addListener takes an object with methods such as onJobStart");
    this.driver.observers.listeners.addListener(listener);
  }

  /**
   * The listener hears of nothing any more.
   *
   * @example vc.removeListener(listener)
   * @see Spark's SparkContext.removeSparkListener
   */
  removeListener(listener: VolleyListener): void {
    this.driver.observers.listeners.removeListener(listener);
  }

  /**
   * Jobs, stages, tasks, seconds and bytes (read, shuffled, cached, spilled) so far; as text a few lines for people. Not in Spark.
   *
   * @example console.log(String(vc.summary()))
   */
  summary(): RunSummary {
    return this.driver.observers.summary();
  }

  /**
   * What Volley says on stderr about itself: "silent", "error", "warn", "info" or "debug", or Spark's names for these ("OFF", "ERROR", ...).
   *
   * @example vc.setLogLevel("debug")
   * @see Spark's SparkContext.setLogLevel
   */
  setLogLevel(level: LogLevel | SparkLogLevel): void {
    const known = SPARK_LOG_LEVELS[level as SparkLogLevel] ?? level;
    if (!LOG_LEVELS.includes(known)) {
      refuse(`setLogLevel takes one of ${[...LOG_LEVELS, ...Object.keys(SPARK_LOG_LEVELS)].join(", ")}`);
    }
    this.driver.observers.logLevel = known;
  }

  // --- the end ---------------------------------------------------------------------------------------------------------------------

  /**
   * Ends executors and server, removes every file; jobs that run reject. Calling it again waits for the same end.
   *
   * @example await vc.stop()
   * @see Spark's SparkContext.stop
   */
  async stop(): Promise<void> {
    await this.#stop("the context was stopped");
  }

  /**
   * The same as `stop`, for `await using`. Not in Spark.
   *
   * @example await using vc = await VolleyContext.create()
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
