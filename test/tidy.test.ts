import { describe, expect, it } from "vitest";
import { printFinding } from "../scripts/tidy/finding.ts";
import { checkImports, type Manifest } from "../scripts/tidy/imports.ts";
import { checkLeftovers, checkText } from "../scripts/tidy/leftovers.ts";
import { checkLengths, measure } from "../scripts/tidy/lengths.ts";
import { checkPurity } from "../scripts/tidy/purity.ts";
import { parseSource } from "../scripts/tidy/source-file.ts";
import { tidy } from "../scripts/tidy.ts";

const manifests = new Map<string, Manifest>([
  ["", { name: "root", devDependencies: { vitest: "4" } }],
  ["packages/engine", { name: "@volley/engine", dependencies: { acorn: "8" } }],
  ["packages/driver", { name: "@volley/driver", dependencies: { undici: "7" } }],
]);

function importMessages(path: string, text: string): string[] {
  return checkImports(parseSource(path, text), manifests).map((finding) => finding.message);
}

function purityMessages(path: string, text: string): string[] {
  return checkPurity(parseSource(path, text), []).map((finding) => finding.message);
}

describe("the repository", () => {
  it("is tidy", () => {
    expect(tidy().map(printFinding)).toEqual([]);
  });
});

describe("tidy's rules", () => {
  it("hold the direction of imports", () => {
    expect(importMessages("packages/engine/src/a.ts", `import { b } from "@volley/driver/b.js";`)).toHaveLength(1);
    expect(importMessages("packages/driver/src/a.ts", `const b = await import("@volley/executor/b.js");`)).toHaveLength(
      1,
    );
    expect(importMessages("packages/driver/src/a.ts", `import { b } from "@volley/engine/b.js";`)).toEqual([]);
    expect(importMessages("packages/driver/src/a.ts", `import { b } from "../../engine/src/b.js";`)).toHaveLength(1);
    expect(importMessages("examples/a.ts", `import { b } from "@volley/engine/b.js";`)).toHaveLength(1);
  });

  it("want dependencies to be declared", () => {
    expect(importMessages("packages/driver/src/a.ts", `import "undici"; import "acorn";`)).toEqual([
      "acorn is no dependency of packages/driver",
    ]);
    expect(importMessages("packages/driver/src/a.test.ts", `import "vitest";`)).toEqual([]);
  });

  it("find what makes a file impure, and only that", () => {
    const path = "packages/driver/src/core/a.ts";
    for (const text of [
      `import { readFileSync } from "node:fs";`,
      "const t = Date.now();",
      "const t = new Date();",
      "const r = Math.random();",
      "setTimeout(() => {}, 1);",
      "export async function f() {}",
      "const p = Promise.resolve(1);",
      "const p = process.env;",
    ]) {
      expect(purityMessages(path, text), text).toHaveLength(1);
    }
    for (const text of [
      "const d = new Date(5);",
      "const x = task.process;",
      "const o = { fetch: 1 };",
      "interface A { setTimeout(): void; fetch: Promise<number> }",
      "function f(fetch: () => void) { fetch(); }",
    ]) {
      expect(purityMessages(path, text), text).toEqual([]);
    }
    expect(purityMessages("packages/driver/src/driver.ts", "const t = Date.now();")).toEqual([]);
  });

  it("report an allowance that is not needed", () => {
    const file = parseSource("packages/engine/src/a.ts", "export const a = 1;");
    const allowed = [{ file: file.path, what: "async", reason: "a test" }];
    expect(checkPurity(file, allowed)).toHaveLength(1);
  });

  it("let lengths shrink only", () => {
    const long = parseSource("packages/engine/src/a.ts", `export function f() {\n${"  g();\n".repeat(90)}}\n`);
    const measured = measure(long).map((entry) => ({ ...entry, file: long.path }));
    expect(measured.map((entry) => entry.key)).toEqual(["packages/engine/src/a.ts#f"]);
    expect(checkLengths(measured, {})).toHaveLength(1);
    expect(checkLengths(measured, { "packages/engine/src/a.ts#f": 92 })).toEqual([]);
    expect(checkLengths(measured, { "packages/engine/src/a.ts#f": 95 })).toHaveLength(1);
    expect(checkLengths([], { "packages/engine/src/a.ts#f": 92 })).toHaveLength(1);
  });

  it("find leftovers", () => {
    const messages = (text: string): string[] =>
      checkLeftovers(parseSource("test/a.test.ts", text)).map((finding) => finding.message);
    expect(messages("const a: any = 1;")).toEqual(["any"]);
    expect(messages(`export * from "./b.js";`)).toEqual(["export *"]);
    expect(messages("// TODO: later")).toHaveLength(1);
    expect(messages(`it.only("x", () => {});`)).toEqual(["it.only"]);
    expect(messages("try { f(); } catch {}")).toHaveLength(1);
    expect(messages("try { f(); } catch { /* the file may be gone */ }")).toEqual([]);
  });

  it("find what belongs to a machine", () => {
    expect(checkText("docs/a.md", "see /home/someone/x")).toHaveLength(1);
    expect(checkText("docs/a.md", "fetched from https://registry.example.com/x")).toHaveLength(1);
    expect(checkText("docs/a.md", "version 10.4.0 of ./work/x, 127.0.0.1")).toEqual([]);
  });
});
