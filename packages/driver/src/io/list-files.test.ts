import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ListOptions } from "@volley/engine/plan/prepare.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeManifest } from "../output/manifest.js";
import { newOwnerName } from "../output/owner.js";
import { fileError } from "./file-store.js";
import { listFiles } from "./list-files.js";
import { localFileStore } from "./local-file-store.js";

const TEXT: ListOptions = { minPartitions: 0, combineSmall: false };
const WHOLE: ListOptions = { minPartitions: 1, combineSmall: true };

let root = "";

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, name);
  }
}

/** Names under the root of what the paths list. */
async function listed(paths: readonly string[], options = TEXT): Promise<string[]> {
  const groups = await listFiles(paths, options);
  return groups.flat().map((split) => split.path.slice(root.length + 1));
}

const at = (name: string): string => join(root, name);

async function failure(paths: readonly string[], options = TEXT): Promise<VolleyError> {
  const error = await listFiles(paths, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!VolleyError.is(error)) throw new Error(`a VolleyError was expected, not ${String(error)}`);
  return error;
}

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "volley-list-")));
  await put("in/b.txt", "in/a.txt", "in/_hidden", "in/.dot", "in/B.txt", "in/10", "in/9");
  await put("deep/a", "deep/sub/x", "d1/p.txt", "d2/p.txt", "d3/q.txt", ".h/p.txt", "_h/p.txt");
  await put("x.csv", "x.tsv", "x.txt", "a,b.txt", "a", "b.txt", "data[1].txt", "odd[name", "with space.txt", "z.gz");
  await put("glob/{", "glob/a1", "glob/a2", "glob/b1", "100%.txt");
  await mkdir(at("empty"));
});
afterAll(() => rm(root, { recursive: true }));

describe("what a path stands for", () => {
  it("one file, whole, with its size", async () => {
    expect(await listFiles([at("x.csv")], TEXT)).toEqual([
      [{ path: at("x.csv"), start: 0, length: 5, codec: undefined, fileLength: 5 }],
    ]);
  });

  it("a folder's files by code unit, hidden ones left out, with or without a slash at the end", async () => {
    const files = ["in/10", "in/9", "in/B.txt", "in/a.txt", "in/b.txt"];
    expect(await listed([at("in")])).toEqual(files);
    expect(await listed([`${at("in")}/`])).toEqual(files);
  });

  it("an empty folder has no partitions", async () => {
    expect(await listFiles([at("empty")], TEXT)).toEqual([]);
  });

  it("relative paths", async () => {
    const before = process.cwd();
    process.chdir(at("in"));
    try {
      expect(await listed(["a.txt", "../x.csv", "./[AB].txt", "../d*/p.txt"])).toEqual([
        "in/a.txt",
        "x.csv",
        "in/B.txt",
        "d1/p.txt",
        "d2/p.txt",
      ]);
    } finally {
      process.chdir(before);
    }
  });

  it("globs", async () => {
    expect(await listed([at("x.{csv,tsv}")])).toEqual(["x.csv", "x.tsv"]);
    expect(await listed([at("d*/p.txt")])).toEqual(["d1/p.txt", "d2/p.txt"]);
    expect(await listed([at("{d1/p,d3/q}.txt")])).toEqual(["d1/p.txt", "d3/q.txt"]);
    expect(await listed([at("{d1/p,d?/p,d1/{p,q}}.txt")])).toEqual(["d1/p.txt", "d2/p.txt"]);
    expect(await listed([at("glob/[!ab]*")])).toEqual(["glob/{"]);
    expect(await listed([at("glob/[a-b]1")])).toEqual(["glob/a1", "glob/b1"]);
    expect(await listed([at("in/*")])).toEqual(["in/10", "in/9", "in/B.txt", "in/a.txt", "in/b.txt"]);
    expect(await listed([at("*/p.txt")])).toEqual(["d1/p.txt", "d2/p.txt"]);
    expect(await listed([at(".h*/p.txt")])).toEqual([".h/p.txt"]);
    expect(await listed([at("d1/../x.t*")])).toEqual(["x.tsv", "x.txt"]);
  });

  it("a glob's folders are listed too", async () => {
    expect(await listed([at("d[12]")])).toEqual(["d1/p.txt", "d2/p.txt"]);
  });

  it("a name with the characters of a pattern means itself when the pattern finds nothing", async () => {
    expect(await listed([at("data[1].txt")])).toEqual(["data[1].txt"]);
    expect(await listed([at("odd[name")])).toEqual(["odd[name"]);
    expect(await listed([at("data\\[1\\].txt")])).toEqual(["data[1].txt"]);
    expect((await failure([at("none[name")])).code).toBe("INVALID_ARGUMENT");
  });

  it("lists in the order written, twice what is named twice, commas outside braces", async () => {
    expect(await listed([at("x.tsv"), at("x.csv"), at("x.tsv")])).toEqual(["x.tsv", "x.csv", "x.tsv"]);
    expect(await listed([`${at("x.{tsv,csv}")},${at("a")}`])).toEqual(["x.csv", "x.tsv", "a"]);
    expect((await failure([`${at("a")},`])).code).toBe("INVALID_ARGUMENT");
    expect((await failure([])).code).toBe("INVALID_ARGUMENT");
  });

  it("an existing path with a comma wins", async () => {
    expect(await listed([at("a,b.txt")])).toEqual(["a,b.txt"]);
  });

  it("file URLs, encoded or not, and patterns in them", async () => {
    expect(await listed([pathToFileURL(at("with space.txt")).href])).toEqual(["with space.txt"]);
    expect(await listed([`file://${at("with space.txt")}`, `file:${at("x.cs?")}`])).toEqual([
      "with space.txt",
      "x.csv",
    ]);
    expect(await listed([pathToFileURL(at("100%.txt")).href, at("100%.txt")])).toEqual(["100%.txt", "100%.txt"]);
    expect((await failure([`file://${at("100%.txt")}`])).code).toBe("INVALID_ARGUMENT");
    expect((await failure(["s3://bucket/key"])).message).toContain("s3");
    expect((await failure(["file://elsewhere/key"])).code).toBe("INVALID_ARGUMENT");
  });

  it("a hidden file that is named outright is read", async () => {
    expect(await listed([at("in/_hidden")])).toEqual(["in/_hidden"]);
  });

  it("a folder in a folder: an error for lines, left out for whole files", async () => {
    const error = await failure([at("deep")]);
    expect(error.code).toBe("FILE_UNREADABLE");
    expect(error.message).toContain(at("deep/sub"));
    expect(await listed([at("deep")], WHOLE)).toEqual(["deep/a"]);
  });

  it("packed files have a codec, unless the bytes are wanted as they lie", async () => {
    expect((await listFiles([at("z.gz")], TEXT)).flat()[0]?.codec).toBe("gzip");
    expect((await listFiles([at("z.gz")], { ...TEXT, raw: true })).flat()[0]?.codec).toBeUndefined();
  });

  it("links are followed; one to nothing is an error", async () => {
    await put("linked/target/f");
    await symlink(at("linked/target"), at("to-folder"));
    await symlink(at("x.csv"), at("to-file"));
    expect(await listed([at("to-folder"), at("to-file")])).toEqual(["to-folder/f", "to-file"]);
    await mkdir(at("dangling"));
    await symlink(at("nowhere"), at("dangling/link"));
    for (const path of ["dangling", "dangling/link"]) expect((await failure([at(path)])).code).toBe("FILE_UNREADABLE");
  });

  it("a thousand files of one folder", async () => {
    const files = Array.from({ length: 1000 }, (_, index) => `many/${String(index).padStart(4, "0")}`);
    await put(...files);
    expect(await listed([at("many")])).toEqual(files);
  });
});

describe("what is refused", () => {
  it("a missing path: names it, the nearest folder, and names that look alike", async () => {
    const error = await failure([at("in/A.tx")]);
    expect(error.code).toBe("FILE_NOT_FOUND");
    expect(error.message).toContain(at("in/A.tx"));
    expect(error.message).toContain(at("in/a.txt"));
    expect((await failure([at("inn/sub/a.txt")])).message).toMatch(/nearest folder that exists is .*; there is .*\/in/);
    expect((await failure([at("x.csv/inside")])).code).toBe("FILE_NOT_FOUND");
  });

  it("a glob without a match, and one that matches hidden files only", async () => {
    expect((await failure([at("no*")])).code).toBe("FILE_NOT_FOUND");
    const hidden = await failure([at("in/_*")]);
    expect(hidden.code).toBe("FILE_NOT_FOUND");
    expect(hidden.message).toMatch(/begins? with _ or \. and (is|are) passed over.*named outright is read/);
    expect((await failure([at("x.csv/*")])).code).toBe("FILE_NOT_FOUND");
  });

  it("no permission", async () => {
    const denied = (path: string): Promise<never> => Promise.reject(fileError("EACCES", "open", path));
    const store = { ...localFileStore, checkReadable: denied };
    await expect(listFiles([at("x.csv")], TEXT, store)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
    await expect(listFiles([at("in")], TEXT, { ...localFileStore, list: denied })).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
    });
    await expect(listFiles([at("i*")], TEXT, { ...localFileStore, list: denied })).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
    });
  });

  it.skipIf(process.getuid?.() === 0)("no permission on a real file", async () => {
    await put("locked.txt");
    await chmod(at("locked.txt"), 0);
    expect((await failure([at("locked.txt")])).code).toBe("FILE_UNREADABLE");
  });
});

describe("a saved folder", () => {
  const manifest = (names: readonly string[]): Uint8Array =>
    encodeManifest(
      names.map((name) => ({ name: name.split("/").at(-1) as string, bytes: name.length, crc32: 1, rows: 1 })),
    );

  it("is read when it is as its manifest says", async () => {
    const parts = ["saved/part-00000", "saved/part-00001"];
    await put(...parts);
    await writeFile(at("saved/_SUCCESS"), manifest(parts));
    expect(await listed([at("saved")])).toEqual(parts);
    await put("saved/part-00002");
    expect((await failure([at("saved")])).message).toContain("part-00002 is not part of it");
    await rm(at("saved/part-00002"));
    await rm(at("saved/part-00000"));
    expect(await failure([at("saved")])).toMatchObject({ code: "INPUT_INCOMPLETE" });
    await writeFile(at("saved/part-00000"), "short");
    expect((await failure([at("saved")])).message).toContain("5 bytes instead of 16");
    expect(await listed([at("saved/part-*")])).toEqual(parts);
    await writeFile(at("saved/_SUCCESS"), manifest(parts).subarray(0, 80));
    expect((await failure([at("saved")])).code).toBe("INPUT_INCOMPLETE");
  });

  it("of Spark, whose _SUCCESS is empty, is read as it is", async () => {
    await put("spark/part-00000");
    await writeFile(at("spark/_SUCCESS"), "");
    expect(await listed([at("spark")])).toEqual(["spark/part-00000"]);
  });

  it("that is not finished is refused", async () => {
    await put("open/part-00000");
    await mkdir(at(`open/_temporary/${newOwnerName()}`), { recursive: true });
    expect(await failure([at("open")])).toMatchObject({ code: "INPUT_INCOMPLETE" });
    expect((await failure([at("open")])).message).toContain("still writing");
  });
});
