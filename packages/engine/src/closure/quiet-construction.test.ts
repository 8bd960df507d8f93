import { describe, expect, it } from "vitest";
import { quietConstruction } from "./quiet-construction.js";

const QUIET = [
  "class A { #x; constructor(x, y = 1) { this.#x = x; this.y = -y + 1; } }",
  "class A { #x = [1, { a: K.b }]; #m = new Map([['a', 1]]); #f = () => go(); }",
  "class A { #x; constructor({ x, y = 2 }, [z], ...rest) { this.#x = x; this.rest = rest; this.z = z ?? null; } }",
  "class A extends B { #x; constructor(x) { super(x, 1); this.#x = x === undefined ? 0 : x; } }",
  `class A { #x; constructor(x) { if (!(x > 1)) throw new RangeError(\`not \${x}\`); this.#x = Math.floor(x); } }`,
];
const LOUD: readonly (readonly [text: string, why: string])[] = [
  ["class A { #x = next(); }", "next()"],
  ["class A { #x = ++count; }", "++count"],
  [`class A { #x = \`\${outer}\`; }`, "outer"],
  ["class A { #x = [...outer]; }", "...outer"],
  ["class A { #x = new Thing(); }", "new Thing()"],
  ["class A { #x; constructor(x = go()) { this.#x = x; } }", "go()"],
  ["class A { #x; constructor({ a: { b } }) { this.#x = b; } }", "{ a: { b } }"],
  ["class A extends B { #x; constructor() { log(); super(); } }", "log()"],
  ["class A extends B { #x; constructor() { super(next()); } }", "next()"],
  ["class A extends B { #x; constructor() { return make(); } }", "{ return make(); }"],
];
/** Fields and parameters are quiet, statements are not. */
const HALF = [
  "class A { #x; constructor(x) { this.#x = x.trim(); } }",
  "class A { #x; constructor(x) { this.#x = x; register(this); } }",
  "class A { #x; set y(v) { go(v); } constructor(x) { this.#x = x; this.#y = 1; } set #y(v) {} }",
  "class A { #x; constructor(x) { Object.freeze(this); } }",
  "class A extends B { #x; constructor(x) { super(); other.x = this.#x = x; } }",
  "class A { #x; constructor(Map) { this.#x = new Map(); } }",
  "class A { #x; constructor(x) { for (const y of x) this.#x = y; } }",
];

describe("a constructor that can be called for its private members alone", () => {
  it.each(QUIET)("%s", (text) => {
    expect(quietConstruction(text)).toMatchObject({ isWholeQuiet: true });
  });
  it.each(LOUD)("not %s", (text, why) => {
    expect(quietConstruction(text)).toEqual({ why: `making one runs \`${why}\`` });
  });
  it.each(HALF)("up to its statements %s", (text) => {
    expect(quietConstruction(text)).toMatchObject({ isWholeQuiet: false });
  });
  it("is given what its parameters are taken apart from", () => {
    const found = quietConstruction("class A { #x; constructor(a, { b }, [c], { d } = {}) { this.#x = a; } }");
    expect("args" in found && found.args()).toEqual([undefined, {}, [], undefined]);
  });
  it("names what it assigns and what it takes for the language's own", () => {
    expect(quietConstruction("class A { #x = new Map(); constructor() { this.a = Date.now(); } }")).toMatchObject({
      assigned: ["a"],
      globals: ["Map", "Date"],
    });
  });
  it("says where its own statements begin", () => {
    expect(quietConstruction("class A extends B { #x; constructor(a) {\n super(); go(a); } }")).toMatchObject({
      untilOwn: "(a) {\n super(); ",
    });
  });
});
