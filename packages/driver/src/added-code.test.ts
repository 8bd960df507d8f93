import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { AddedCode } from "./added-code.js";

describe("what functions need on executors", () => {
  it("gives the absolute path of a file", () => {
    const added = new AddedCode();
    const here = fileURLToPath(import.meta.url);
    expect(added.addFile(import.meta.url)).toBe(here);
    expect(added.addFile(here)).toBe(here);
    expect(added.files).toEqual([here]);
  });

  it("refuses a file that is not there, at the call", () => {
    expect(() => new AddedCode().addFile("no/such/file.js")).toThrow(
      expect.objectContaining({ code: "FILE_NOT_FOUND" }),
    );
  });

  it("knows installed packages from others", () => {
    const added = new AddedCode();
    added.addPackage("zod");
    expect(added.packages).toEqual(["zod"]);
    expect(() => added.addPackage("no-such-package-anywhere")).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });
});
