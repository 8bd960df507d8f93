import { describe, expect, it } from "vitest";
import { type FunctionFacts, functionFacts } from "./facts.js";

const facts = (fn: Function | string): FunctionFacts => functionFacts(typeof fn === "string" ? fn : fn.toString());

describe("free names", () => {
  const table: Record<string, { text: string; free: string[] }> = {
    "bodies and parameters": { text: "(a, b = c) => a + b + d", free: ["c", "d"] },
    patterns: { text: "({ a, b: [c], ...d }) => [a, c, d, e]", free: ["e"] },
    "var is hoisted out of blocks": { text: "function f() { if (x) { var y = 1 } return y }", free: ["x"] },
    "let is not": { text: "() => { { let y = 1 } return y }", free: ["y"] },
    "functions in blocks": { text: "function f() { if (x) { function g() {} } return g }", free: ["x"] },
    "await at the top of a module": {
      text: "class A extends (await load()).Base { m() { return x } }",
      free: ["x"],
    },
    "own name": { text: "function f(n) { return f(n - 1) }", free: [] },
    "catch, loops, labels": {
      text: "() => { for (const a of b) { try { c } catch ({ d }) { d } } e: for (;;) { break e } }",
      free: ["b", "c"],
    },
    "switch scope": { text: "(x) => { switch (x) { case y: let z = 1; return z } return z }", free: ["y", "z"] },
    "properties are no names": { text: "(o) => o.p + o[q] + ({ r: s, t }).r", free: ["q", "s", "t"] },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a function's text
    "templates and tags": { text: "() => tag`${a}` + `${b}`", free: ["a", "b", "tag"] },
    "class, with what ran once left out": {
      text: "class A extends B { [k] = f; static s = t; static { u } m(x) { return x + v } #p = w }",
      free: ["f", "v", "w"],
    },
    "class inside": { text: "() => class extends B { [k]() {} static s = t }", free: ["B", "k", "t"] },
    methods: { text: "async *m(a) { yield a + b }", free: ["b"] },
    accessors: { text: "get [k]() { return a }", free: ["a"] },
    "assignment targets": {
      text: "() => { [a.b, c] = d; ({ e, f: g = h } = d) }",
      free: ["a", "c", "d", "e", "g", "h"],
    },
    "arguments is its own": { text: "function f() { return () => arguments }", free: [] },
  };
  for (const [name, { text, free }] of Object.entries(table)) {
    it(name, () => expect(facts(text).freeNames).toEqual(free));
  }
});

describe("kinds", () => {
  it("tells them apart", () => {
    expect(facts(() => 1).kind).toBe("arrow");
    expect(facts(function f() {}).kind).toBe("function");
    expect(facts(class {}).kind).toBe("class");
    expect(facts({ m() {} }.m).kind).toBe("method");
    expect(facts("get a() { return 1 }").kind).toBe("get");
    expect(facts("set a(v) { }").kind).toBe("set");
    expect(facts(parseInt).kind).toBe("native");
    expect(facts("() => { % }").kind).toBe("unknown");
    expect(facts("async () => 1")).toMatchObject({ isAsync: true, isGenerator: false });
    expect(facts("*g() {}")).toMatchObject({ kind: "method", isGenerator: true });
    expect(facts("#secret() { return 1 }").kind).toBe("method");
    expect(facts("() => new.target").usesNewTarget).toBe(true);
  });
});

describe("writes", () => {
  it("to names and into objects", () => {
    const { assignedNames, mutatedNames } = facts(
      "(x) => { n += x; [m] = x; seen[x] = 1; delete cache.a; list.push(x); read.get(x) }",
    );
    expect(assignedNames).toEqual(["m", "n"]);
    expect(mutatedNames).toEqual(["cache", "list", "seen"]);
  });
});

describe("this", () => {
  it("is used by the function itself or by its arrows, not by functions inside", () => {
    expect(facts("function f() { return () => this }").usesThis).toBe(true);
    expect(facts("function f() { return function () { return this } }").usesThis).toBe(false);
    expect(facts("m() { return this.a + this.b() }").thisMembers).toEqual(expect.arrayContaining(["a", "b"]));
    expect(facts("m() { return [this.a, this] }").thisMembers).toBeUndefined();
    expect(facts("m() { return super.m() }").usesSuper).toBe(true);
  });
});

describe("what a function reads of its row", () => {
  const table: Record<string, FunctionFacts["reads"]> = {
    "(p) => p.x + p.y.z": { whole: false, fields: ["x", "y"] },
    "(p) => p[0] + p[1]": { whole: false, fields: [0, 1] },
    "([k, v]) => k": { whole: false, fields: [0, 1] },
    "([, v]) => v": { whole: false, fields: [1] },
    "({ a, b: { c } }) => a": { whole: false, fields: ["a", "b"] },
    "({ a, ...rest }) => rest": { whole: true, fields: [] },
    "([a, ...rest]) => rest": { whole: true, fields: [] },
    "(p) => p": { whole: true, fields: [] },
    "(p) => p.m()": { whole: true, fields: [] },
    "(p) => p[i]": { whole: true, fields: [] },
    "(p) => { p.x = 1 }": { whole: true, fields: [] },
    "(p) => ((p) => p)(p.x)": { whole: false, fields: ["x"] },
    "function f(p) { return arguments[0] }": { whole: true, fields: [] },
    "() => 1": { whole: false, fields: [] },
    "(p = {}) => p.x": { whole: true, fields: [] },
  };
  for (const [text, reads] of Object.entries(table)) it(text, () => expect(facts(text).reads).toEqual(reads));
});

it("gives the range of an arrow's expression", () => {
  const text = "(x) => (x * k)";
  const { expression } = facts(text);
  expect(text.slice(expression?.start, expression?.end)).toBe("x * k");
  expect(facts("(x) => { return x }").expression).toBeUndefined();
});
