/** Which numbered messages have been handled: a repeated one is answered again and not carried out again. */

export class SeqWindow {
  /** All up to here were seen. */
  #low = -1;
  readonly #above = new Set<number>();

  /** True the first time a number comes. Numbers count from `first` without gaps, in any order. */
  firstSight(seq: number): boolean {
    if (this.has(seq)) return false;
    this.#above.add(seq);
    while (this.#above.delete(this.#low + 1)) this.#low++;
    return true;
  }

  has(seq: number): boolean {
    return seq <= this.#low || this.#above.has(seq);
  }
}
