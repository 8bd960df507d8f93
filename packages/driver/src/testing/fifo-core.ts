/**
 * The smallest scheduler that the shell can run with, for tests of the shell: stages one after the other, tasks to the first free slot, no
 * retries: any failure fails the job. What the real core does is tested beside it.
 */
import type { CoreEvent, Instruction, JobShape, TaskOrder } from "../core/events.js";
import type { MapOutputLocation, SchedulerCore } from "../scheduler-core.js";

interface Running {
  readonly order: TaskOrder;
  readonly executorId: string;
}

interface Job {
  readonly shape: JobShape;
  stageIndex: number;
  pending: number[];
  running: number;
}

export class FifoCore implements SchedulerCore {
  readonly events: CoreEvent[] = [];
  readonly #executors = new Map<string, { incarnation: string; free: number }>();
  readonly #jobs = new Map<number, Job>();
  readonly #tasks = new Map<number, Running>();
  readonly #outputs = new Map<number, MapOutputLocation[]>();
  readonly #complete = new Set<number>();
  readonly #blocks = new Map<string, Set<string>>();
  #taskIds = 0;

  step(event: CoreEvent): readonly Instruction[] {
    if (event.type === "batch") return event.events.flatMap((one) => this.step(one));
    if (event.type !== "tick") this.events.push(event);
    const out: Instruction[] = [];
    switch (event.type) {
      case "jobSubmitted":
        this.#jobs.set(event.job.jobId, { shape: event.job, stageIndex: -1, pending: [], running: 0 });
        out.push({ type: "note", note: { kind: "jobStarted", jobId: event.job.jobId } });
        this.#advance(event.job.jobId, out);
        break;
      case "jobCancelled":
        this.#failJob(event.jobId, out, { code: "CANCELLED", message: event.reason, details: {} });
        break;
      case "executorRegistered":
        this.#executors.set(event.executorId, { incarnation: event.incarnation, free: event.slots });
        out.push({ type: "note", note: { kind: "executorAdded", executorId: event.executorId } });
        break;
      case "executorLost":
        this.#executors.delete(event.executorId);
        this.#failAll(out, `executor ${event.executorId} was lost: ${event.detail}`, "EXECUTOR_LOST");
        break;
      case "executorStartFailed":
        this.#failAll(out, event.detail, "NO_EXECUTORS");
        break;
      case "taskSucceeded":
        this.#succeeded(event, out);
        break;
      case "taskFailed": {
        const job = this.#ended(event.taskId);
        if (job !== undefined) this.#failJob(job.shape.jobId, out, event.failure);
        break;
      }
      case "taskKilled":
        this.#ended(event.taskId);
        break;
      case "launchFailed":
        for (const taskId of event.taskIds) {
          const order = this.#tasks.get(taskId)?.order;
          const job = this.#ended(taskId);
          if (job !== undefined && order !== undefined)
            this.#failJob(order.jobId, out, { code: "EXECUTOR_LOST", message: "a launch failed", details: {} });
        }
        break;
      case "blockChanged": {
        const holders = this.#blocks.get(event.block) ?? new Set();
        if (event.where === "gone") holders.delete(event.executorId);
        else holders.add(event.executorId);
        this.#blocks.set(event.block, holders);
        break;
      }
      case "shuffleReleased":
        out.push({ type: "removeShuffle", shuffleId: event.shuffleId, executorIds: [...this.#executors.keys()] });
        this.#outputs.delete(event.shuffleId);
        this.#complete.delete(event.shuffleId);
        break;
      case "rddReleased":
        out.push({ type: "removeRdd", rddId: event.rddId, executorIds: [...this.#executors.keys()] });
        break;
      case "heartbeat":
      case "tick":
        break;
    }
    this.#assign(out);
    return out;
  }

  mapOutputs(shuffleId: number): readonly MapOutputLocation[] {
    return this.#outputs.get(shuffleId) ?? [];
  }

  shuffleVersion(): number {
    return 0;
  }

  isShuffleComplete(shuffleId: number): boolean {
    return this.#complete.has(shuffleId);
  }

  wasShuffleWhole(shuffleId: number): boolean {
    return this.#complete.has(shuffleId);
  }

  blockLocations(name: string): readonly string[] {
    return [...(this.#blocks.get(name) ?? [])];
  }

  #advance(jobId: number, out: Instruction[]): void {
    const job = this.#jobs.get(jobId) as Job;
    while (job.pending.length === 0 && job.running === 0) {
      const done = job.shape.stages[job.stageIndex];
      if (done?.shuffleId !== undefined) this.#complete.add(done.shuffleId);
      const next = job.shape.stages[++job.stageIndex];
      if (next === undefined) {
        this.#jobs.delete(jobId);
        out.push({ type: "note", note: { kind: "jobEnded", jobId } }, { type: "jobFinished", jobId });
        return;
      }
      if (next.shuffleId === undefined || !this.#complete.has(next.shuffleId)) job.pending = [...next.partitions];
    }
  }

  #assign(out: Instruction[]): void {
    for (const [executorId, executor] of this.#executors) {
      const tasks: TaskOrder[] = [];
      for (const job of this.#jobs.values()) {
        const stage = job.shape.stages[job.stageIndex];
        while (executor.free > 0 && job.pending.length > 0 && stage !== undefined) {
          const order = {
            taskId: this.#taskIds++,
            jobId: job.shape.jobId,
            stageId: stage.stageId,
            partition: job.pending.shift() as number,
            attempt: 0,
            speculative: false,
          };
          executor.free--;
          job.running++;
          this.#tasks.set(order.taskId, { order, executorId });
          tasks.push(order);
          out.push({ type: "note", note: { kind: "taskStarted", task: order, executorId } });
        }
      }
      if (tasks.length > 0) out.push({ type: "launch", executorId, incarnation: executor.incarnation, tasks });
    }
  }

  #ended(taskId: number): Job | undefined {
    const task = this.#tasks.get(taskId);
    if (task === undefined) return undefined;
    this.#tasks.delete(taskId);
    const executor = this.#executors.get(task.executorId);
    if (executor !== undefined) executor.free++;
    const job = this.#jobs.get(task.order.jobId);
    if (job !== undefined) job.running--;
    return job;
  }

  #succeeded(event: CoreEvent & { type: "taskSucceeded" }, out: Instruction[]): void {
    const order = this.#tasks.get(event.taskId)?.order;
    const job = this.#ended(event.taskId);
    if (job === undefined || order === undefined) return;
    const { executorId, taskId } = event;
    const stage = job.shape.stages[job.stageIndex];
    if (stage?.shuffleId !== undefined) {
      const outputs = this.#outputs.get(stage.shuffleId) ?? [];
      outputs.push({
        mapPartition: order.partition,
        attempt: order.attempt,
        executorId,
        offsets: event.mapOutput?.offsets ?? [],
      });
      this.#outputs.set(
        stage.shuffleId,
        outputs.sort((a, b) => a.mapPartition - b.mapPartition),
      );
    }
    out.push({ type: "note", note: { kind: "taskEnded", task: order, executorId, outcome: "succeeded" } });
    out.push({
      type: "accept",
      jobIds: [order.jobId],
      stageId: order.stageId,
      partition: order.partition,
      taskId,
      executorId,
    });
    this.#advance(order.jobId, out);
  }

  #failJob(jobId: number, out: Instruction[], failure: (Instruction & { type: "jobFailed" })["failure"]): void {
    if (!this.#jobs.delete(jobId)) return;
    for (const [taskId, { order, executorId }] of this.#tasks) {
      const executor = this.#executors.get(executorId);
      if (order.jobId === jobId && executor !== undefined)
        out.push({
          type: "kill",
          executorId,
          incarnation: executor.incarnation,
          taskIds: [taskId],
          reason: failure.message,
        });
    }
    out.push({ type: "note", note: { kind: "jobEnded", jobId, failure } }, { type: "jobFailed", jobId, failure });
  }

  #failAll(out: Instruction[], message: string, code: "EXECUTOR_LOST" | "NO_EXECUTORS"): void {
    for (const jobId of [...this.#jobs.keys()]) this.#failJob(jobId, out, { code, message, details: {} });
  }
}
