/**
 * Jobs of a seed: random graphs of stages, some of which write shuffles that earlier jobs write too (under other stage ids, as real plans
 * have it). And the answer that each must give: the value of a task is a hash of what it read, so a lost, doubled or foreign row shows.
 */

import type { JobShape, StageShape } from "@volley/driver/core/events.js";
import { mixSeed, Prng } from "@volley/engine/lib/prng.js";
import type { SimOptions } from "./faults.js";

export interface ShuffleWork {
  readonly shuffleId: number;
  readonly size: number;
  readonly parents: readonly ShuffleWork[];
  readonly isDeterministic: boolean;
  readonly isBarrier: boolean;
  /** Its tasks cache a partition of this RDD. */
  readonly rddId: number | undefined;
}

export interface StageWork {
  readonly stageId: number;
  readonly jobId: number;
  readonly shuffle: ShuffleWork | undefined;
  readonly parents: readonly ShuffleWork[];
  readonly partitions: readonly number[];
  readonly rddId: number | undefined;
  readonly isDeterministic: boolean;
}

export interface JobWork {
  readonly jobId: number;
  readonly submitTick: number;
  readonly stages: readonly StageWork[];
  readonly shape: JobShape;
}

/** A map output or a result: what it is worth and what it was made of. */
export interface Value {
  readonly shuffleId: number;
  readonly mapPartition: number;
  readonly content: number;
  readonly inputs: readonly Value[];
}

export function makeWorkload(options: SimOptions): JobWork[] {
  return new Maker(options).make();
}

/** What partition `partition` of a stage is worth, given what it read; `nonce`: what an attempt that is not deterministic adds. */
export function valueOf(tag: number, partition: number, inputs: readonly Value[], nonce: number): number {
  return mixSeed(tag, partition, nonce, ...inputs.map((input) => input.content));
}

/** The tag of results in `valueOf`; map outputs have their shuffle's id. */
export const RESULT_TAG = -1;

/** The only right contents of a shuffle's map outputs when nothing is random. */
export function expectedContents(shuffle: ShuffleWork, memo: Map<ShuffleWork, readonly Value[]>): readonly Value[] {
  const known = memo.get(shuffle);
  if (known !== undefined) return known;
  const inputs = shuffle.parents.flatMap((parent) => expectedContents(parent, memo));
  const values = Array.from({ length: shuffle.size }, (_, mapPartition) => {
    const content = valueOf(shuffle.shuffleId, mapPartition, inputs, 0);
    return { shuffleId: shuffle.shuffleId, mapPartition, content, inputs };
  });
  memo.set(shuffle, values);
  return values;
}

class Maker {
  readonly #options: SimOptions;
  readonly #random: Prng;
  readonly #shuffles: ShuffleWork[] = [];
  #nextStageId = 0;
  #taskCount = 0;

  constructor(options: SimOptions) {
    this.#options = options;
    this.#random = new Prng(mixSeed(options.seed, 2));
  }

  make(): JobWork[] {
    const jobs: JobWork[] = [];
    while (this.#taskCount < this.#options.tasks) jobs.push(this.#job(jobs.length));
    return jobs;
  }

  #job(jobId: number): JobWork {
    const random = this.#random;
    const own: ShuffleWork[] = [];
    const depth = random.nextInt(4);
    for (let index = 0; index < depth; index++) {
      const reused = this.#shuffles.length > 0 && random.nextDouble() < 0.25;
      own.push(reused ? (this.#shuffles[random.nextInt(this.#shuffles.length)] as ShuffleWork) : this.#shuffle(own));
    }
    const written = closure(own);
    const stages = written.map((shuffle) => this.#mapStage(jobId, shuffle));
    const endsInMapStage = written.length > 0 && random.nextDouble() < 0.1;
    if (!endsInMapStage) stages.push(this.#resultStage(jobId, this.#pick(written)));
    this.#taskCount += Math.max(
      1,
      stages.reduce((sum, stage) => sum + stage.partitions.length, 0),
    );
    const barriers = new Map(
      stages.map((stage) => [stage.stageId, stage.shuffle?.isBarrier ?? random.nextDouble() < 0.1]),
    );
    const shape: JobShape = {
      jobId,
      pool: random.nextDouble() < 0.5 ? "default" : "other",
      tags: [],
      stages: stages.map((stage) => shapeOf(stage, barriers.get(stage.stageId) === true, this.#options)),
    };
    return { jobId, submitTick: 1 + random.nextInt(Math.max(1, this.#options.chaosTicks - 50)), stages, shape };
  }

  #shuffle(earlier: readonly ShuffleWork[]): ShuffleWork {
    const random = this.#random;
    const shuffle: ShuffleWork = {
      shuffleId: this.#shuffles.length,
      size: this.#size(),
      parents: this.#pick(earlier),
      isDeterministic: !(this.#options.faults.has("nondeterminism") && random.nextDouble() < 0.4),
      isBarrier: random.nextDouble() < 0.07,
      rddId: random.nextDouble() < 0.3 ? random.nextInt(3) : undefined,
    };
    this.#shuffles.push(shuffle);
    return shuffle;
  }

  #mapStage(jobId: number, shuffle: ShuffleWork): StageWork {
    const partitions = Array.from({ length: shuffle.size }, (_, index) => index);
    const { parents, rddId, isDeterministic } = shuffle;
    return { stageId: this.#nextStageId++, jobId, shuffle, parents, partitions, rddId, isDeterministic };
  }

  #resultStage(jobId: number, parents: readonly ShuffleWork[]): StageWork {
    const random = this.#random;
    const size = random.nextDouble() < 0.05 ? 0 : this.#size();
    // Like take(): some of the partitions only.
    const partitions = Array.from(
      { length: size },
      (_, index) => index * (random.nextDouble() < 0.2 ? 3 : 1) + index * 100,
    );
    const rddId = random.nextDouble() < 0.3 ? random.nextInt(3) : undefined;
    return {
      stageId: this.#nextStageId++,
      jobId,
      shuffle: undefined,
      parents,
      partitions,
      rddId,
      isDeterministic: true,
    };
  }

  #size(): number {
    return 1 + this.#random.nextInt(Math.max(2, Math.floor(this.#options.tasks / 8)));
  }

  /** Mostly the last one, sometimes several or none. */
  #pick(earlier: readonly ShuffleWork[]): ShuffleWork[] {
    return earlier.filter((_, index) => this.#random.nextDouble() < (index === earlier.length - 1 ? 0.85 : 0.3));
  }
}

/** The shuffles and all that they read, parents first. */
function closure(shuffles: readonly ShuffleWork[]): ShuffleWork[] {
  const all = new Set<ShuffleWork>();
  const visit = (shuffle: ShuffleWork): void => {
    for (const parent of shuffle.parents) visit(parent);
    all.add(shuffle);
  };
  for (const shuffle of shuffles) visit(shuffle);
  return [...all];
}

function shapeOf(stage: StageWork, isBarrier: boolean, options: SimOptions): StageShape {
  const { rddId } = stage;
  return {
    stageId: stage.stageId,
    ...(stage.shuffle === undefined ? {} : { shuffleId: stage.shuffle.shuffleId }),
    parentShuffleIds: stage.parents.map((parent) => parent.shuffleId),
    partitions: stage.partitions,
    cachedBlocks: (partition) => (rddId === undefined ? [] : [`rdd_${rddId}_${partition}`]),
    // More tasks than slots would never start.
    barrier: isBarrier && stage.partitions.length <= options.executors,
  };
}
