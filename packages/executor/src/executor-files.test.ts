import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { script, textOf, useExecutors } from "./testing/executor-fixture.js";
import type { ExecutorProcess } from "./testing/executor-process.js";

const executors = useExecutors();
let folder: string;
let executor: ExecutorProcess | undefined;
beforeEach(() => {
  executor = undefined;
  folder = mkdtempSync(join(tmpdir(), "volley-files-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What one task answers, or its failure. */
async function answer(body: string, task: object = {}): Promise<unknown> {
  executor ??= await executors.start({ slots: 1 });
  const [ended] = await executor.ends(await executor.run(script(body), [task]));
  if (ended?.end.outcome === "failed") return ended.end.failure;
  return JSON.parse(textOf(ended?.result));
}

const split = (path: string, codec?: string, start = 0) =>
  JSON.stringify({ path, start, length: 10, fileLength: 10, codec });
const readAll = (path: string, codec?: string, start = 0) =>
  `const hash = process.getBuiltinModule('node:crypto').createHash('sha256'); let bytes = 0; let largest = 0;
   for (const chunk of io.readFile(${split(path, codec, start)})) { hash.update(chunk); bytes += chunk.length; largest = Math.max(largest, chunk.length); }
   return [bytes, hash.digest('hex'), largest <= 1 << 20];`;
const { createHash } = await import("node:crypto");
const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++) bytes[index] = (index * index + (index >> 3)) & 127;
  return bytes;
}

describe("reading files", () => {
  test("gives the bytes from a place on", async () => {
    const bytes = noise(3_000_000);
    const path = join(folder, "plain");
    writeFileSync(path, bytes);
    expect(await answer(readAll(path, undefined, 5))).toEqual([2_999_995, sha(bytes.subarray(5)), true]);
  });

  test("decompresses gzip, all members of a file, in bounded chunks", async () => {
    const parts = [noise(4_000_000), Buffer.alloc(20_000_000), noise(10)];
    const path = join(folder, "parts.gz");
    writeFileSync(path, Buffer.concat(parts.map((part) => gzipSync(part))));
    const whole = Buffer.concat(parts);
    expect(await answer(readAll(path, "gzip"))).toEqual([whole.length, sha(whole), true]);
  });

  test("may stop early, and the file is closed", async () => {
    const path = join(folder, "long.gz");
    writeFileSync(path, gzipSync(noise(40_000_000)));
    const body = `const chunks = []; for (const chunk of io.readFile(${split(path, "gzip")})) { chunks.push(chunk.length); break; } return chunks.length`;
    expect(await answer(body)).toBe(1);
  });

  test("names a damaged file", async () => {
    const path = join(folder, "short.gz");
    writeFileSync(path, gzipSync(noise(100_000)).subarray(0, -20));
    expect(await answer(readAll(path, "gzip"))).toMatchObject({
      code: "FILE_DAMAGED",
      message: expect.stringContaining(path),
    });
  });

  test("names a file that is not there", async () => {
    const path = join(folder, "nowhere");
    expect(await answer(readAll(path))).toMatchObject({ code: "FILE_NOT_FOUND" });
    expect(await answer(readAll(path, "gzip"))).toMatchObject({ code: "FILE_NOT_FOUND" });
    expect(await answer(readAll(folder))).toMatchObject({ code: "FILE_UNREADABLE" });
  });
});

describe("output files", () => {
  const write = (name: string, codec: string) => `
    const output = io.createOutput(${JSON.stringify(join(folder, "out"))}, '${name}', ${codec});
    for (let line = 0; line < 1000; line++) output.write(Buffer.from('line ' + line + '\\n'));`;
  const text = Array.from({ length: 1000 }, (_, line) => `line ${line}\n`).join("");

  beforeEach(() => mkdirSync(join(folder, "out"), { recursive: true }));

  test("lie under the attempt's name, with their size and checksum", async () => {
    const closed = await answer(`${write("part-00000", "undefined")} return output.close()`, { taskId: 42 });
    const path = join(folder, "out", "part-00000.task-42");
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(closed).toEqual({ bytes: text.length, crc32: crc32(text) });
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  test("may be gzip", async () => {
    await answer(`${write("part-00000.gz", "'gzip'")} return output.close()`, { taskId: 42 });
    expect(gunzipSync(readFileSync(join(folder, "out", "part-00000.gz.task-42"))).toString()).toBe(text);
  });

  test("of nothing are gzip files too", async () => {
    await answer(`return io.createOutput(${JSON.stringify(folder)}, 'part.gz', 'gzip').close()`, { taskId: 42 });
    expect(gunzipSync(readFileSync(join(folder, "part.gz.task-42"))).length).toBe(0);
  });

  test("are removed when their task fails before it has closed them", async () => {
    const failed = await answer(`${write("part-00000", "undefined")} throw new Error('no')`);
    expect(failed).toMatchObject({ message: "no" });
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });

  test("are not made in a folder that the driver has removed, and no harm is done when it removes it meanwhile", async () => {
    rmSync(join(folder, "out"), { recursive: true });
    expect(await answer(write("part-00000", "undefined"))).toMatchObject({ code: "OUTPUT_FAILED" });
    expect(readdirSync(folder)).not.toContain("out");
    mkdirSync(join(folder, "out"));
    const removed = `process.getBuiltinModule('node:fs').rmSync(${JSON.stringify(join(folder, "out"))}, { recursive: true });`;
    const failed = await answer(`${write("part-00000", "undefined")} ${removed} throw new Error('no')`);
    expect(failed).toMatchObject({ message: "no" });
  });
});

describe("spill files", () => {
  test("give back their chunks and leave nothing", async () => {
    const body = `
      const spill = io.createSpill();
      for (let index = 1; index <= 5; index++) spill.write(new Uint8Array(index * 1000).fill(index));
      const once = [...spill.read()].map((chunk) => [chunk.length, chunk[0]]);
      const twice = [...spill.read()].length;
      const fs = process.getBuiltinModule('node:fs');
      return [once, twice, io.metrics.spilledBytes, fs.readdirSync(${JSON.stringify("LOCAL")}.replace('LOCAL', task.inputs[0])).filter((name) => name.startsWith('spill')).length];`;
    const executor = await executors.start({ slots: 1 });
    const code = script(body.replace("task.inputs[0]", JSON.stringify(executor.config.localDir)));
    const [ended] = await executor.ends(await executor.run(code));
    expect(JSON.parse(textOf(ended?.result))).toEqual([
      [
        [1000, 1],
        [2000, 2],
        [3000, 3],
        [4000, 4],
        [5000, 5],
      ],
      5,
      15_000,
      0,
    ]);
  });
});

describe("programs", () => {
  const pipe = (command: string[], input: string, env = {}) =>
    `let text = ''; for (const chunk of io.runProcess(${JSON.stringify(command)}, ${JSON.stringify(env)}, ${input})) text += Buffer.from(chunk).toString('latin1'); return text.length > 100 ? [text.length, text.slice(-3)] : text`;

  test("read what the task gives and answer", async () => {
    expect(await answer(pipe(["tr", "a-z", "A-Z"], "['one\\n', 'two\\n'].map((line) => Buffer.from(line))"))).toBe(
      "ONE\nTWO\n",
    );
  });

  test("see the variables given", async () => {
    expect(await answer(pipe(["sh", "-c", "echo $MARK"], "[]", { MARK: "here" }))).toBe("here\n");
  });

  test("move more than any buffer holds, both ways at once", async () => {
    const input = "(function* () { for (let index = 0; index < 200; index++) yield Buffer.alloc(1 << 17, 97); })()";
    expect(await answer(pipe(["cat"], input))).toEqual([200 << 17, "aaa"]);
  });

  test("may stop reading early", async () => {
    const input = "(function* () { for (let index = 0; index < 200; index++) yield Buffer.alloc(1 << 17, 97); })()";
    expect(await answer(pipe(["head", "-c", "3"], input))).toBe("aaa");
  });

  test("that end with a status fail the task, with what they said", async () => {
    expect(await answer(pipe(["sh", "-c", "echo broken >&2; exit 3"], "[]"))).toMatchObject({
      code: "PROCESS_FAILED",
      message: "sh ended with status 3: broken",
    });
  });

  test("that are not there fail the task", async () => {
    expect(await answer(pipe(["no-such-program-here"], "[]"))).toMatchObject({ code: "PROCESS_FAILED" });
  });
});

describe("user code", () => {
  test("resolves modules from its own file", async () => {
    const from = JSON.stringify(join(folder, "user.js"));
    writeFileSync(join(folder, "package.json"), "{}");
    const packages = join(folder, "node_modules");
    const { mkdirSync } = await import("node:fs");
    for (const [name, fields, file, code] of [
      ["common", { main: "index.js" }, "index.js", "module.exports = { kind: 'common' }"],
      ["modern", { type: "module", exports: { import: "./index.js" } }, "index.js", "export const kind = 'modern'"],
    ] as const) {
      mkdirSync(join(packages, name), { recursive: true });
      writeFileSync(join(packages, name, "package.json"), JSON.stringify({ name, ...fields }));
      writeFileSync(join(packages, name, file), code);
    }
    const executor = await executors.start({ slots: 1 });
    const code = `async (task, io, envelope, host) => {
      const require = host.requireFrom(${from});
      const imported = await host.importFrom(${from})('modern');
      const value = [require('common').kind, require('modern').kind, imported.kind, require('node:path').sep];
      return { result: Buffer.from(JSON.stringify(value)) };
    }`;
    const [ended] = await executor.ends(await executor.run(code));
    expect(ended?.end).toMatchObject({ outcome: "succeeded" });
    expect(JSON.parse(textOf(ended?.result))).toEqual(["common", "modern", "modern", "/"]);
  });
});
