/** Source text with indentation, line by line. */
export class CodeWriter {
  readonly #lines: string[] = [];
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

  toString(): string {
    return this.#lines.join("\n");
  }
}
