import { expect, it } from "vitest";
import { importTable } from "./import-table.js";

const names = (source: string) =>
  Object.fromEntries(
    [...importTable(source).names].map(([name, { specifier, path, isModule }]) => [
      name,
      [specifier, path.join("."), isModule],
    ]),
  );

it("reads import declarations", () => {
  expect(names('import a, { b as c, default as d } from "x"; import * as e from "y"; import "z";')).toEqual({
    a: ["x", "default", false],
    c: ["x", "b", false],
    d: ["x", "default", false],
    e: ["y", "", true],
  });
});

it("reads require in the forms that people and compilers write", () => {
  const source = `const a = require("x"), { b, c: d } = require("y");
    var import_z = __toESM(require("z"), 1); const z_1 = tslib_1.__importStar(require("z")); const e = require("w").f;
    const own = f("x"), g = other.require;`;
  expect(names(source)).toEqual({
    a: ["x", "", true],
    b: ["y", "b", false],
    d: ["y", "c", false],
    import_z: ["z", "", true],
    z_1: ["z", "", true],
    e: ["w", "f", false],
  });
});

it("looks into the function that a loader puts around a file", () => {
  const table = importTable('__filename="x";(()=>{var a=require("x");})()');
  expect(table.wrappers).toBe(1);
  expect([...table.names.keys()]).toEqual(["a"]);
});

it("knows vitest's names", () => {
  expect(names('const __vite_ssr_import_0__ = await __vite_ssr_import__("node:path", {});')).toEqual({
    __vite_ssr_import_0__: ["node:path", "", true],
  });
});

it("gives nothing for what it cannot read", () => {
  expect(names("import a from 'x'; const b: number = 1;")).toEqual({});
});
