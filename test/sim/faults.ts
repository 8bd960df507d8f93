/** What can go wrong, and how much of it a seed has. Each kind draws from its own stream of random numbers, so that one can be dropped without changing the others. */

import { mixSeed, Prng } from "@volley/engine/lib/prng.js";

export const FAULT_KINDS = [
  "loss",
  "duplication",
  "delay",
  "partition",
  "undelivered",
  "crash",
  "pause",
  "restart",
  "slow",
  "taskFailure",
  "poison",
  "misuse",
  "nondeterminism",
  "blockLoss",
  "deafTask",
  "cancel",
  "startFailure",
  "decommission",
  "memory",
  "clockJump",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One run's world: sizes and faults. */
export interface SimOptions {
  readonly seed: number;
  readonly executors: number;
  /** Tasks of all jobs together, about. */
  readonly tasks: number;
  /** Ticks of 100 ms in which faults happen. */
  readonly chaosTicks: number;
  /** Ticks after the healing within which all jobs must have ended. */
  readonly healTicks: number;
  /** Local masters replace executors; otherwise lost ones come back by themselves. */
  readonly isLocal: boolean;
  readonly isFair: boolean;
  /** Reports reach the core as one batch or event by event. */
  readonly isBatched: boolean;
  readonly faults: ReadonlySet<FaultKind>;
  /** 0 to 1 for each kind. */
  readonly rates: Readonly<Record<FaultKind, number>>;
  /** Validate after every n-th step. */
  readonly validateEvery: number;
}

export interface SimSize {
  readonly executors: number;
  readonly tasks: number;
  readonly validateEvery?: number;
}

export const SMALL: SimSize = { executors: 5, tasks: 40 };
/** Validating is linear in all there is, so in a larger world every step of it would be most of the time. */
export const LARGE: SimSize = { executors: 20, tasks: 200, validateEvery: 16 };

/** Swarm: a seed has about half of the kinds, each at a rate of its own. `without`: kinds to leave out (shrinking). */
export function drawOptions(seed: number, size: SimSize, without: ReadonlySet<FaultKind> = new Set()): SimOptions {
  const random = new Prng(mixSeed(seed, 1));
  const faults = new Set<FaultKind>();
  const rates = {} as Record<FaultKind, number>;
  for (const kind of FAULT_KINDS) {
    const chosen = random.nextDouble() < 0.45;
    rates[kind] = random.nextDouble() ** 2;
    if (chosen && !without.has(kind)) faults.add(kind);
  }
  return {
    seed,
    executors: 2 + random.nextInt(size.executors - 1),
    tasks: size.tasks,
    chaosTicks: 100 + random.nextInt(500),
    healTicks: 6_000,
    isLocal: random.nextDouble() < 0.5,
    isFair: random.nextDouble() < 0.3,
    isBatched: random.nextDouble() < 0.7,
    faults,
    rates,
    validateEvery: size.validateEvery ?? 1,
  };
}

/** Draws faults. After `heal` none happens any more. */
export class Faults {
  readonly options: SimOptions;
  readonly #streams: Readonly<Record<FaultKind, Prng>>;
  /** 0 for what this seed does not have, and for all after the healing. */
  readonly #rates: Record<FaultKind, number>;
  #isHealed = false;
  /** Faults that happened, by kind. */
  readonly counts: Record<FaultKind, number>;

  constructor(options: SimOptions) {
    this.options = options;
    this.#streams = Object.fromEntries(
      FAULT_KINDS.map((kind, index) => [kind, new Prng(mixSeed(options.seed, 100 + index))]),
    ) as Record<FaultKind, Prng>;
    this.#rates = { ...options.rates };
    for (const kind of FAULT_KINDS) if (!options.faults.has(kind)) this.#rates[kind] = 0;
    this.counts = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  }

  get isHealed(): boolean {
    return this.#isHealed;
  }

  heal(): void {
    this.#isHealed = true;
    for (const kind of FAULT_KINDS) this.#rates[kind] = 0;
  }

  /** Does a fault of that kind happen here? `most`: its probability at the highest rate. */
  strikes(kind: FaultKind, most: number): boolean {
    const rate = this.#rates[kind];
    if (rate === 0) return false;
    const happens = this.#streams[kind].nextDouble() < most * rate;
    if (happens) this.counts[kind]++;
    return happens;
  }

  /** An integer from `low` to `high` that belongs to faults of that kind. */
  draw(kind: FaultKind, low: number, high: number): number {
    return low + this.#streams[kind].nextInt(high - low + 1);
  }
}
