/** Source text with indentation, line by line. */
export class CodeWriter {
  #lines: string[] = [];
  #depth = 0;

  line(text: string): void {
    this.#lines.push(`${"  ".repeat(this.#depth)}${text}`);
  }

  /** `head {`, the body, `}`. */
  block(head: string, body: () => void, tail = "}"): void {
    this.line(head === "" ? "{" : `${head} {`);
    this.#depth++;
    body();
    this.#depth--;
    this.line(tail);
  }

  /** Runs `write` and gives what it wrote as lines instead of keeping them. */
  capture(write: () => void): readonly string[] {
    const kept = this.#lines;
    this.#lines = [];
    try {
      write();
      return this.#lines;
    } finally {
      this.#lines = kept;
    }
  }

  /** Lines that `capture` gave, as they are. */
  paste(lines: readonly string[]): void {
    for (const line of lines) this.#lines.push(line);
  }

  toString(): string {
    return this.#lines.join("\n");
  }
}
