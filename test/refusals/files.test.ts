/** Files that are not there, not to be read or not what they should be, and folders that must not be written over. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, expect } from "vitest";
import { refusals } from "./kit.ts";

const FILE = fileURLToPath(import.meta.url);
const FOLDER = mkdtempSync(join(tmpdir(), "volley-refusals-"));
const at = (name: string) => join(FOLDER, name);
const isRoot = process.getuid?.() === 0;

writeFileSync(at("good.txt"), "one\ntwo\n");
writeFileSync(at("secret.txt"), "mine\n");
chmodSync(at("secret.txt"), 0);
writeFileSync(at("binary.dat"), Buffer.from([0x50, 0x4b, 3, 4, 0xff, 0xfe, 0, 0, 0xc3, 0x28]));
writeFileSync(at("broken.gz"), gzipSync("one\ntwo\n".repeat(1000)).subarray(0, 40));
writeFileSync(at("fake.gz"), "not compressed at all");
writeFileSync(at("records.bin"), Buffer.alloc(10));
mkdirSync(at("unfinished"));
writeFileSync(join(at("unfinished"), "part-00000"), "half");
mkdirSync(at("taken"));
writeFileSync(join(at("taken"), "mine.txt"), "keep me");

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

refusals("files", FILE, (refuses) => {
  refuses("a file that is not there", { code: "FILE_NOT_FOUND", says: /nothing\.txt/ }, (vc) =>
    vc.textFile(at("nothing.txt")).count(),
  );
  refuses("a name that is nearly there", { code: "FILE_NOT_FOUND", says: /goood\.txt.*good\.txt/s }, (vc) =>
    vc.textFile(at("goood.txt")).count(),
  );
  refuses("a glob that matches nothing", { code: "FILE_NOT_FOUND", says: /\*\.csv/ }, (vc) =>
    vc.textFile(at("*.csv")).count(),
  );
  refuses("one of several that is not there", { code: "FILE_NOT_FOUND", says: /nothing\.txt/ }, (vc) =>
    vc.textFile([at("good.txt"), at("nothing.txt")]).count(),
  );
  refuses("wholeTextFiles of nothing", { code: "FILE_NOT_FOUND", says: /nothing\.txt/ }, (vc) =>
    vc.wholeTextFiles(at("nothing.txt")).count(),
  );
  refuses("binaryFiles of nothing", { code: "FILE_NOT_FOUND", says: /nothing\.txt/ }, (vc) =>
    vc.binaryFiles(at("nothing.txt")).count(),
  );
  refuses("objectFile of nothing", { code: "FILE_NOT_FOUND", says: /nothing/ }, (vc) =>
    vc.objectFile(at("nothing")).count(),
  );
  refuses("getNumPartitions of a file that is not there", { code: "FILE_NOT_FOUND", says: /nothing\.txt/ }, (vc) =>
    vc.textFile(at("nothing.txt")).getNumPartitions(),
  );
  if (!isRoot)
    refuses(
      "a file that may not be read",
      { code: "FILE_UNREADABLE", says: /secret\.txt.*(permission|EACCES)/is },
      (vc) => vc.textFile(at("secret.txt")).count(),
    );
  refuses("a binary file read as text", { code: "FILE_NOT_TEXT", says: /binary\.dat.*binaryFiles/s }, (vc) =>
    vc.textFile(at("binary.dat")).collect(),
  );
  refuses("a binary file read as one text", { code: "FILE_NOT_TEXT", says: /binary\.dat/ }, (vc) =>
    vc.wholeTextFiles(at("binary.dat")).collect(),
  );
  refuses("a cut gz file", { code: "FILE_DAMAGED", says: /broken\.gz/ }, (vc) =>
    vc.textFile(at("broken.gz")).collect(),
  );
  refuses("a gz file that is none", { code: "FILE_DAMAGED", says: /fake\.gz/ }, (vc) =>
    vc.textFile(at("fake.gz")).collect(),
  );
  refuses(
    "records that do not fit the file",
    { code: "FILE_DAMAGED", says: /records\.bin.*10.*3|records\.bin.*3.*10/s },
    (vc) => vc.binaryRecords(at("records.bin"), 3).count(),
  );
  refuses("an object file that is none", { code: "FILE_DAMAGED", says: /good\.txt/ }, (vc) =>
    vc.objectFile(at("good.txt")).count(),
  );

  for (const method of ["saveAsTextFile", "saveAsObjectFile"] as const) {
    refuses(`${method} onto a folder that exists`, { code: "OUTPUT_EXISTS", says: /taken.*exists/s }, async (vc) => {
      try {
        await vc.range(0, 9)[method](at("taken"));
      } finally {
        expect(readdirSync(at("taken"))).toEqual(["mine.txt"]);
        expect(readFileSync(join(at("taken"), "mine.txt"), "utf8")).toBe("keep me");
      }
    });
    refuses(`${method} onto a file`, { code: "OUTPUT_EXISTS", says: /good\.txt.*exists/s }, (vc) =>
      vc.range(0, 9)[method](at("good.txt")),
    );
  }
  refuses("saveAsTextFile below a file", { code: "OUTPUT_FAILED", says: /good\.txt/ }, (vc) =>
    vc.range(0, 9).saveAsTextFile(join(at("good.txt"), "out")),
  );
  if (!isRoot) {
    refuses(
      "saveAsTextFile where nothing may be written",
      { code: "OUTPUT_FAILED", says: /\/proc|permission/i },
      (vc) => vc.range(0, 9).saveAsTextFile("/proc/out"),
    );
  }
  refuses(
    "a save whose function throws leaves no folder",
    { code: "USER_FUNCTION_FAILED", says: /no row 5/, points: "place" },
    async (vc) => {
      try {
        await vc
          .range(0, 9)
          .map((x) => {
            if (x === 5) throw new Error("no row 5");
            return x;
          })
          .saveAsTextFile(at("failed"));
      } finally {
        expect(existsSync(at("failed"))).toBe(false);
      }
    },
  );
});
