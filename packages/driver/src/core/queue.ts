/** First in, first out, O(1) each. `unshift` and `shift` on arrays copy; this moves a head and trims now and then. */
export class Queue<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head] as T;
    this.#head++;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** The item `offset` places behind the first. */
  at(offset: number): T | undefined {
    return this.#items[this.#head + offset];
  }

  /** Takes the item `offset` places behind the first; O(offset). */
  take(offset: number): T | undefined {
    const item = this.at(offset);
    if (item === undefined) return undefined;
    for (let place = this.#head + offset; place > this.#head; place--) this.#items[place] = this.#items[place - 1] as T;
    this.shift();
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
