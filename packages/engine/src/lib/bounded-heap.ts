/** The smallest `limit` items of a stream, in time n log limit and space limit. */

interface Entry<T> {
  readonly item: T;
  /** Position in the stream: of equal items the earlier one is the smaller. */
  readonly order: number;
}

export class BoundedHeap<T> {
  /** A heap with the largest kept item at its root. */
  readonly #entries: Entry<T>[] = [];
  readonly #limit: number;
  readonly #compare: (a: T, b: T) => number;
  #seen = 0;

  /** `descending`: keep the largest instead. */
  constructor(limit: number, compare: (a: T, b: T) => number, descending = false) {
    this.#limit = limit;
    this.#compare = descending ? (a, b) => compare(b, a) : compare;
  }

  add(item: T): void {
    const order = this.#seen++;
    if (this.#entries.length < this.#limit) {
      this.#entries.push({ item, order });
      this.#up(this.#entries.length - 1);
      return;
    }
    const root = this.#entries[0];
    // A later equal item never takes the place of an earlier one.
    if (root === undefined || this.#compare(item, root.item) >= 0) return;
    this.#entries[0] = { item, order };
    this.#down();
  }

  /** The kept items in order. */
  sorted(): T[] {
    return [...this.#entries].sort((a, b) => this.#order(a, b)).map(({ item }) => item);
  }

  #order(a: Entry<T>, b: Entry<T>): number {
    return this.#compare(a.item, b.item) || a.order - b.order;
  }

  #up(from: number): void {
    const entries = this.#entries;
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >>> 1;
      if (this.#order(entries[at] as Entry<T>, entries[parent] as Entry<T>) <= 0) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(): void {
    const entries = this.#entries;
    for (let at = 0; ; ) {
      let largest = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2; child++) {
        if (child < entries.length && this.#order(entries[child] as Entry<T>, entries[largest] as Entry<T>) > 0)
          largest = child;
      }
      if (largest === at) return;
      this.#swap(at, largest);
      at = largest;
    }
  }

  #swap(a: number, b: number): void {
    const entry = this.#entries[a] as Entry<T>;
    this.#entries[a] = this.#entries[b] as Entry<T>;
    this.#entries[b] = entry;
  }
}
