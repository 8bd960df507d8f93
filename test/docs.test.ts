import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { generatedDocs } from "../scripts/gen-docs.ts";
import { listRepositoryFiles } from "../scripts/tidy/source-file.ts";
import { ROOT } from "../scripts/tidy.ts";

describe("docs", () => {
  for (const [path, text] of generatedDocs()) {
    it(`${path} is as the code has it (npm run docs writes it)`, () => {
      expect(readFileSync(join(ROOT, path), "utf8")).toBe(text);
    });
  }

  it("name only files that exist", () => {
    const broken: string[] = [];
    for (const page of listRepositoryFiles(ROOT).filter((path) => path.endsWith(".md"))) {
      for (const [, target] of readFileSync(join(ROOT, page), "utf8").matchAll(
        /\]\((?!https?:|#|mailto:)([^)#\s]+)/g,
      )) {
        if (target !== undefined && !existsSync(join(ROOT, dirname(page), target))) broken.push(`${page} -> ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it("ARCHITECTURE.md's table names folders and files that exist", () => {
    const page = readFileSync(join(ROOT, "docs/ARCHITECTURE.md"), "utf8");
    const named = [...page.matchAll(/`((?:packages|examples|test|scripts|bench|docs)\/[\w./-]*)`/g)].map(
      (match) => match[1] ?? "",
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
