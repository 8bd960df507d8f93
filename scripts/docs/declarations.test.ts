import { expect, it } from "vitest";
import { parseSource } from "../tidy/source-file.ts";
import { declarationsOf } from "./declarations.ts";
import { paragraphs, parseDocComment } from "./doc-comment.ts";

const SOURCE = `
abstract class Base {
  /** How many. */
  count = 0;
}

/**
 * A thing
 * of two lines.
 *
 * @see Spark's Thing
 */
export class Thing<T> extends Base {
  readonly #hidden = 1;
  protected alsoHidden = 2;
  /** @internal */
  inner(): void {}
  /**
   * Adds.
   *
   * @param by how much
   * @example thing.add(1)
   * @throws INVALID_ARGUMENT
   */
  add(this: Thing<T>, by: 1): number;
  add(by: number): number;
  add(by: number): number {
    return by + this.#hidden;
  }
  // Comments between do no harm.
  static async make(
    options: object = {},
  ): Promise<void> {}
}
export type Name = string | undefined;
const local = 1;
`;

it("reads names, signatures and comments of what a file exports", () => {
  const [thing, name, ...others] = declarationsOf(parseSource("thing.ts", SOURCE));
  expect(others).toEqual([]);
  expect(name).toMatchObject({ name: "Name", kind: "type", signature: "type Name = string | undefined;" });
  expect(thing).toMatchObject({
    name: "Thing",
    kind: "class",
    doc: { text: "A thing\nof two lines.", see: ["Spark's Thing"] },
  });
  expect(thing?.members.map((member) => [member.name, member.signatures])).toEqual([
    ["add", ["add(this: Thing<T>, by: 1): number", "add(by: number): number"]],
    ["make", ["static make(options: object = {}): Promise<void>"]],
    ["count", ["count"]],
  ]);
  expect(thing?.members[0]?.doc).toEqual({
    text: "Adds.",
    params: ["by how much"],
    examples: ["thing.add(1)"],
    throws: ["INVALID_ARGUMENT"],
    see: [],
    isInternal: false,
  });
});

it("keeps paragraphs apart and the lines of an example together", () => {
  const { text, examples } = parseDocComment("*\n * One\n * line.\n *\n * Two.\n * @example\n * a();\n *   b();\n ");
  expect(paragraphs(text)).toBe("One line.\n\nTwo.");
  expect(examples).toEqual(["a();\n  b();"]);
});
