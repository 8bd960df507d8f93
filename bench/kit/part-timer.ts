import { median } from "./median.ts";

/** Wall and processor time, in ms. */
export interface Spent {
  readonly wall: number;
  readonly cpu: number;
}

/** The times of one run by part. A part that is timed several times counts with its median. */
export class PartTimer {
  readonly #cpuNow: () => number;
  readonly #partToSpent = new Map<string, Spent[]>();

  /** `cpuNow`: processor time used so far, in ms. */
  constructor(cpuNow: () => number) {
    this.#cpuNow = cpuNow;
  }

  readonly time = async <T>(part: string, job: () => T | Promise<T>): Promise<T> => {
    const cpu = this.#cpuNow();
    const start = performance.now();
    const value = await job();
    const wall = performance.now() - start;
    const list = this.#partToSpent.get(part) ?? [];
    this.#partToSpent.set(part, list);
    list.push({ wall, cpu: this.#cpuNow() - cpu });
    return value;
  };

  parts(): Record<string, Spent> {
    const middle = (list: readonly Spent[]): Spent => ({
      wall: median(list.map(({ wall }) => wall)),
      cpu: median(list.map(({ cpu }) => cpu)),
    });
    return Object.fromEntries(Array.from(this.#partToSpent, ([part, list]) => [part, middle(list)]));
  }
}
