/** Texts of functions of a row `{ id, price, name, tags, pair: [n, [m, text]], at: { x, word, list } }` that capture `k`, `words` and `limits`. */

import fc, { type GeneratorValue } from "fast-check";

export interface ClosureText {
  readonly text: string;
}

type Type = "number" | "string" | "boolean" | "list";
/** Names in scope, and what reads a value of each type. */
interface Scope {
  readonly reads: readonly (readonly [text: string, type: Type])[];
  /** Names that may be assigned to; all numbers. */
  readonly writable: readonly string[];
  readonly inLoop: boolean;
  readonly depth: number;
}

/** Each way to name the row's fields. */
const HEADS: readonly { readonly params: string; readonly reads: Scope["reads"]; readonly writable?: string[] }[] = [
  {
    params: "row",
    reads: [
      ["row.id", "number"],
      ["row.price", "number"],
      ["row.name", "string"],
      ["row.tags", "list"],
      ["row.pair[0]", "number"],
      ["row.pair[1][1]", "string"],
    ],
  },
  {
    params: "row",
    reads: [
      ["row.id", "number"],
      ['row["price"]', "number"],
    ],
  },
  {
    params: "row",
    reads: [
      ["row.at.x", "number"],
      ["row.at.word", "string"],
      ["row.at?.list", "list"],
      ["row.pair[1][0]", "number"],
    ],
  },
  {
    params: "{ at: { x, list }, pair: [, both] }",
    reads: [
      ["x", "number"],
      ["list", "list"],
      ["both[0]", "number"],
      ["both[1]", "string"],
    ],
    writable: ["x"],
  },
  {
    params: "t",
    reads: [
      ["t.tags", "list"],
      ["t?.id", "number"],
    ],
  },
  {
    params: "{ id, price: cost, name, tags }",
    reads: [
      ["id", "number"],
      ["cost", "number"],
      ["name", "string"],
      ["tags", "list"],
    ],
    writable: ["id", "cost"],
  },
  {
    params: "{ pair: [p, [b, label]], missing = 7, tags: [first = -1, ...others] }",
    reads: [
      ["p", "number"],
      ["b", "number"],
      ["missing", "number"],
      ["label", "string"],
      ["first", "number"],
      ["others", "list"],
    ],
  },
  {
    params: "{ pair: [p, [b, label]], missing = 7, tags: [first = -1] }",
    reads: [
      ["p", "number"],
      ["b", "number"],
      ["missing", "number"],
      ["label", "string"],
      ["first", "number"],
    ],
    writable: ["p", "missing"],
  },
];

const CAPTURED: Scope["reads"] = [
  ["k", "number"],
  ["limits.low", "number"],
  ["words[1]", "string"],
];

class Writer {
  readonly #value: GeneratorValue;
  #names = 0;

  constructor(value: GeneratorValue) {
    this.#value = value;
  }

  function(): string {
    const head = this.#one(HEADS);
    const scope: Scope = {
      reads: [...head.reads, ...CAPTURED],
      writable: head.writable ?? [],
      inLoop: false,
      depth: 0,
    };
    if (this.#chance(4)) return `(${head.params}) => ${this.#given(scope)}`;
    const [before, reads] = head.params === "row" && this.#chance(3) ? this.#takenApart() : ["", []];
    const inside = { ...scope, reads: [...scope.reads, ...reads] };
    const body = `{\n  ${before}${this.#statements(inside, 2 + this.#below(4))}\n}`;
    return this.#chance(5) ? `function (${head.params}) ${body}` : `(${head.params}) => ${body}`;
  }

  #takenApart(): [string, Scope["reads"]] {
    return [
      "const { id: number, tags: [one], name: called, at: { word } } = row;\n  ",
      [
        ["number", "number"],
        ["called", "string"],
        ["word", "string"],
      ],
    ];
  }

  #statements(scope: Scope, count: number): string {
    let { reads, writable } = scope;
    const lines: string[] = [];
    for (let at = 0; at < count; at++) {
      const now = { ...scope, reads, writable };
      const kind = this.#below(scope.depth > 2 ? 4 : 10);
      // Now and then a name that hides one outside.
      const name = this.#chance(6) ? "id" : `x${this.#names++}`;
      const isNew = !lines.some((line) => line.includes(` ${name} = `)) && !(scope.depth === 0 && name === "id");
      if (kind === 0 && isNew) {
        const type = this.#one(["number", "string"] as const);
        lines.push(`const ${name} = ${this.#expression(without(now, name), type)};`);
        reads = [...reads.filter(([text]) => text !== name), [name, type]];
        writable = writable.filter((text) => text !== name);
      } else if (kind === 1 && isNew) {
        lines.push(`let ${name} = ${this.#expression(without(now, name), "number")};`);
        reads = [...reads.filter(([text]) => text !== name), [name, "number"]];
        writable = [...writable.filter((text) => text !== name), name];
      } else if (kind <= 3) lines.push(this.#small(now));
      else lines.push(this.#nested({ ...now, depth: scope.depth + 1 }, kind));
    }
    if (scope.depth === 0 && !this.#chance(5)) lines.push(`return ${this.#given({ ...scope, reads, writable })};`);
    return lines.join("\n  ");
  }

  #small(scope: Scope): string {
    const target = scope.writable.length > 0 ? this.#one(scope.writable) : undefined;
    if (target !== undefined && !this.#chance(4))
      return this.#one([`${target} += ${this.#number(scope)};`, `${target}++;`, `${target} = ${this.#number(scope)}`]);
    if (scope.inLoop && this.#chance(3)) return `if (${this.#boolean(scope)}) ${this.#one(["break", "continue"])};`;
    if (this.#chance(8)) return `if (${this.#boolean(scope)}) throw new RangeError(\`no \${${this.#number(scope)}}\`);`;
    return `if (${this.#boolean(scope)}) return ${this.#given(scope)} // a remark`;
  }

  #nested(scope: Scope, kind: number): string {
    const inner = (more: Partial<Scope> = {}) => this.#statements({ ...scope, ...more }, 1 + this.#below(3));
    const name = `i${this.#names++}`;
    const reads: Scope["reads"] = [...scope.reads, [name, "number"]];
    switch (kind) {
      case 4:
      case 5:
        return `if (${this.#boolean(scope)}) {\n  ${inner()}\n} else {\n  ${inner()}\n}`;
      case 6:
        return `for (let ${name} = 0; ${name} < ${1 + this.#below(3)}; ${name}++) {\n  ${inner({ reads, inLoop: true })}\n}`;
      case 7:
        return `for (const ${name} of ${this.#list(scope)}) {\n  ${inner({ reads, inLoop: true })}\n}`;
      case 8:
        return `switch (${this.#number(scope)} % 3) {\n  case 0: {\n  ${inner({ inLoop: false })}\n  }\n  case 1:\n    return ${this.#given(scope)};\n  default:\n}`;
      default:
        return `{\n  ${inner()}\n}`;
    }
  }

  /** What a function gives. */
  #given(scope: Scope): string {
    const [a, b] = [this.#number(scope), this.#expression(scope, this.#one(["number", "string", "boolean"] as const))];
    return this.#one([
      () => a,
      () => b,
      () => `[${a}, ${b}]`,
      () => `[${a}, [${b}, ${this.#string(scope)}]]`,
      () => `({ a: ${a}, b: ${b} })`,
      () => this.#list(scope),
      () => "undefined",
      () => "null",
      () => "1",
    ])();
  }

  #expression(scope: Scope, type: Type): string {
    return {
      number: () => this.#number(scope),
      string: () => this.#string(scope),
      boolean: () => this.#boolean(scope),
      list: () => this.#list(scope),
    }[type]();
  }

  #number(scope: Scope, depth = 0): string {
    const read = () => this.#read(scope, "number") ?? String(this.#below(9));
    if (depth > 1) return read();
    const more = () => this.#number(scope, depth + 1);
    return this.#one([
      read,
      read,
      () => String(this.#below(20) / 2),
      () => `(${more()} ${this.#one(["+", "-", "*", "%", "&"])} ${more()})`,
      () => `Math.abs(${more()})`,
      () => `-(${more()})`,
      () => `(${this.#boolean(scope, depth + 1)} ? ${more()} : ${more()})`,
      () => `${this.#list(scope)}.length`,
      () => `${this.#list(scope)}.reduce((sum, v) => sum + v * ${more()}, 0)`,
      () => `${this.#string(scope)}.length`,
    ])();
  }

  #boolean(scope: Scope, depth = 0): string {
    const [a, b] = [this.#number(scope, depth + 1), this.#number(scope, depth + 1)];
    return this.#one([`${a} > ${b}`, `(${a} & 1) === 0`, `!(${a} < ${b})`, `${this.#string(scope)} === "bee"`]);
  }

  #string(scope: Scope): string {
    return this.#one([
      () => this.#read(scope, "string") ?? '"none"',
      () => `\`<\${${this.#read(scope, "number") ?? "0"}}>\``,
      () => `String(${this.#read(scope, "number") ?? "0"})`,
    ])();
  }

  #list(scope: Scope): string {
    const list = this.#read(scope, "list");
    const number = this.#read(scope, "number") ?? "1";
    if (list === undefined) return `[${number}, 2]`;
    return this.#one([
      list,
      `${list}.filter((v) => v > ${number})`,
      `${list}.map((v, at) => v + at * ${number})`,
      `[...${list}, 1]`,
    ]);
  }

  #read(scope: Scope, wanted: Type): string | undefined {
    const texts = scope.reads.filter(([, type]) => type === wanted).map(([text]) => text);
    return texts.length === 0 ? undefined : this.#one(texts);
  }

  #one<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)] as T;
  }

  #below(n: number): number {
    return this.#value(fc.nat, { max: n - 1 });
  }

  #chance(n: number): boolean {
    return this.#below(n) === 0;
  }
}

/** A new name is not there yet where its own value is computed. */
function without(scope: Scope, name: string): Scope {
  return { ...scope, reads: scope.reads.filter(([text]) => text !== name) };
}

export const closureText: fc.Arbitrary<ClosureText> = fc.gen().map((value) => ({ text: new Writer(value).function() }));
