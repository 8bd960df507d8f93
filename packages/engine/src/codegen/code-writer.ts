/** Source text with indentation, line by line. */
export class CodeWriter {
  #lines: string[] = [];
  #depth = 0;

  line(text: string): void {
    this.#lines.push(`${"  ".repeat(this.#depth)}${text}`);
  }

  /** `head {`, the body, `}` or another tail. Without a head: a block of its own. */
  block(head: string, body: () => void, tail = "}"): void {
    this.line(head === "" ? "{" : `${head} {`);
    this.#inside(body);
    this.line(tail);
  }

  /** `if (condition) { ... } else { ... }`. */
  branch(condition: string, yes: () => void, no: () => void): void {
    this.line(`if (${condition}) {`);
    this.#inside(yes);
    this.line("} else {");
    this.#inside(no);
    this.line("}");
  }

  /** `if (first) { ... } else if (second) { ... } else { ... }`. */
  branches(cases: readonly (readonly [condition: string, body: () => void])[], otherwise: () => void): void {
    for (const [at, [condition, body]] of cases.entries()) {
      this.line(`${at === 0 ? "" : "} else "}if (${condition}) {`);
      this.#inside(body);
    }
    this.line("} else {");
    this.#inside(otherwise);
    this.line("}");
  }

  /** Runs `write` and gives what it wrote as lines instead of keeping them. */
  capture(write: () => void): readonly string[] {
    const [lines, depth] = [this.#lines, this.#depth];
    this.#lines = [];
    this.#depth = 0;
    try {
      write();
      return this.#lines;
    } finally {
      this.#lines = lines;
      this.#depth = depth;
    }
  }

  /** Lines that `capture` gave, at the place's depth. */
  paste(lines: readonly string[]): void {
    for (const line of lines) this.line(line);
  }

  toString(): string {
    return this.#lines.join("\n");
  }

  #inside(body: () => void): void {
    this.#depth++;
    body();
    this.#depth--;
  }
}
