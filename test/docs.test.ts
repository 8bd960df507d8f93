import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { RDD } from "volley";
import { publicDeclarations, publicMembers } from "../scripts/docs/api-pages.ts";
import { generatedDocs } from "../scripts/gen-docs.ts";
import { listRepositoryFiles } from "../scripts/tidy/source-file.ts";
import { ROOT } from "../scripts/tidy.ts";

describe("docs", () => {
  for (const [path, text] of generatedDocs()) {
    it(`${path} is as the code has it (npm run docs writes it)`, () => {
      expect(readFileSync(join(ROOT, path), "utf8")).toBe(text);
    });
  }

  it("every public method says what it does, with an example and its source in Spark", () => {
    const poor = publicMembers(ROOT).filter(({ member: { doc, kind } }) => {
      const hasSource =
        doc?.see.some((text) => text.startsWith("Spark's ")) || /\bnot Spark's|Not in Spark\./.test(doc?.text ?? "");
      return (doc?.text ?? "") === "" || !hasSource || (kind === "method" && doc?.examples.length === 0);
    });
    expect(poor.map(({ path, member }) => `${path}:${member.line} ${member.name}`)).toEqual([]);
  });

  it("every other export says what it is, and each of its members", () => {
    const poor = publicDeclarations(ROOT).flatMap(({ name, doc, members }) => [
      ...((doc?.text ?? "") === "" ? [name] : []),
      ...members.filter(({ doc: own }) => (own?.text ?? "") === "").map((member) => `${name}.${member.name}`),
    ]);
    expect(poor).toEqual([]);
  });

  it("the API reference lists every method that an RDD has", () => {
    const listed = new Set(
      publicMembers(ROOT)
        .filter(({ owner }) => owner === "RDD")
        .map(({ member }) => member.name),
    );
    const names = Object.getOwnPropertyNames(RDD.prototype).filter((name) => name !== "constructor");
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !listed.has(name))).toEqual([]);
  });

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

  it("HACKING.md names every command, and no other", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const page = readFileSync(join(ROOT, "docs/HACKING.md"), "utf8");
    const named = [...page.matchAll(/^\| `npm (?:run )?([\w:]+)`/gm)].map((match) => match[1] ?? "");
    expect(named.sort()).toEqual(Object.keys(scripts).sort());
  });

  it("ARCHITECTURE.md's table of folders names every folder of code", () => {
    const page = readFileSync(join(ROOT, "docs/ARCHITECTURE.md"), "utf8");
    const folders = new Set<string>();
    for (const path of listRepositoryFiles(ROOT)) {
      const folder = /^(?:packages\/\w+\/src\/(?:[\w-]+\/)?|test\/[\w-]+\/)(?=[^/]+\.test\.ts$|.*\.ts$)/.exec(
        path,
      )?.[0];
      if (folder !== undefined && !/\/(?:testing|testdata|kit|fixtures)\/$/.test(folder)) folders.add(folder);
    }
    expect(folders.size).toBeGreaterThan(25);
    expect([...folders].filter((folder) => !page.includes(`\`${folder}\``))).toEqual([]);
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
