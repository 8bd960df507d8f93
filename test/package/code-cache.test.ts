import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/tidy.ts";

const DIST = join(ROOT, "packages/volley/dist");
/** A copy of the front door, so that no other process reads or writes its cache. */
const folder = mkdtempSync(join(tmpdir(), "volley-cache-"));
const cacheFolder = join(folder, ".code-cache");

mkdirSync(join(folder, "code"));
writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
for (const file of ["index.js", "index.cjs", "code/volley.cjs"]) copyFileSync(join(DIST, file), join(folder, file));

/** Imports the copy in a fresh process; answers what it printed. */
function importIt(env: Record<string, string> = {}): string {
  const script = `import { VolleyContext } from "./index.js"; console.log(typeof VolleyContext.create);`;
  const options = { cwd: folder, encoding: "utf8", env: { ...process.env, ...env } } as const;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", script], options).trim();
}

function caches(): string[] {
  return existsSync(cacheFolder) ? readdirSync(cacheFolder).map((name) => join(cacheFolder, name)) : [];
}

describe("the code cache", () => {
  beforeEach(() => rmSync(cacheFolder, { recursive: true, force: true }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is written at the first run's end and used by the second", () => {
    expect(importIt()).toBe("function");
    const [cache, ...others] = caches();
    expect(others).toEqual([]);
    const written = statSync(cache as string).mtimeMs;
    expect(importIt()).toBe("function");
    // One that V8 refused would have been written again.
    expect(statSync(cache as string).mtimeMs).toBe(written);
  });

  it.each([
    ["a flipped byte", (path: string) => flipByte(path, statSync(path).size >> 1)],
    ["a flipped byte of the checksum", (path: string) => flipByte(path, 0)],
    ["a cut end", (path: string) => truncateSync(path, statSync(path).size >> 1)],
    ["next to nothing", (path: string) => truncateSync(path, 2)],
  ])("is not used, and replaced, after damage: %s", (_, damage) => {
    importIt();
    const [cache] = caches() as [string];
    const size = statSync(cache).size;
    damage(cache);
    expect(importIt()).toBe("function");
    expect(statSync(cache).size).toBeGreaterThan(size * 0.9);
    const whole = readFileSync(cache);
    expect(importIt()).toBe("function");
    expect(readFileSync(cache).equals(whole)).toBe(true);
  });

  it("is one for each set of V8's flags", () => {
    importIt();
    // Newer V8s leave those out that only size the heap.
    importIt({ NODE_OPTIONS: "--stack-trace-limit=11" });
    expect(caches()).toHaveLength(2);
  });

  it("can be switched off", () => {
    expect(importIt({ VOLLEY_CODE_CACHE: "off" })).toBe("function");
    expect(caches()).toEqual([]);
  });

  it("is done without where no folder can be made", () => {
    writeFileSync(cacheFolder, "a file");
    expect(importIt()).toBe("function");
  });
});

function flipByte(path: string, index: number): void {
  const bytes = readFileSync(path);
  bytes[index] = (bytes[index] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}
