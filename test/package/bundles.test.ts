import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/tidy.ts";

const CODE = join(ROOT, "packages/volley/dist/code");

/** The third-party packages whose code is in a program. */
function packagesIn(program: string): string[] {
  const { sources } = JSON.parse(readFileSync(join(CODE, `${program}.cjs.map`), "utf8")) as { sources: string[] };
  const names = sources.map((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

describe("the bundled programs", () => {
  it("a slot has neither HTTP nor zod", () => {
    expect(packagesIn("slot").filter((name) => /undici|fastify|zod|pino|apache-arrow/.test(name))).toEqual([]);
  });

  it("nothing of what is trimmed is in them", () => {
    for (const program of ["volley", "executor"]) {
      const trimmed = /^(ajv|fast-json-stringify-compiler|semver|pino|light-my-request)$/;
      expect(packagesIn(program).filter((name) => trimmed.test(name))).toEqual([]);
    }
  });

  it("their maps name sources that exist from where they lie", () => {
    const { sources } = JSON.parse(readFileSync(join(CODE, "slot.cjs.map"), "utf8")) as { sources: string[] };
    const own = sources.find((source) => source.endsWith("executor/src/task/slot-worker.ts"));
    expect(readFileSync(join(CODE, own ?? "missing"), "utf8")).toContain("slot");
  });

  it("exported classes bear their names", () => {
    const script = `import * as volley from "volley"; console.log(JSON.stringify(Object.entries(volley).map(([name, value]) => [name, value.name])));`;
    const options = { cwd: join(ROOT, "test"), encoding: "utf8", stdio: "pipe" } as const;
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], options);
    const names = JSON.parse(output) as [string, string | null][];
    expect(names.filter(([exported, own]) => own !== null && own !== exported)).toEqual([]);
    expect(names.map(([name]) => name)).toContain("LongAccumulator");
  });

  it("importing the front door starts nothing: no timer, no handle, no word", () => {
    const script = `import "volley"; console.log(JSON.stringify(process.getActiveResourcesInfo()));`;
    const options = { cwd: join(ROOT, "test"), encoding: "utf8", stdio: "pipe" } as const;
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], options);
    const resources = JSON.parse(output) as string[];
    expect(resources.filter((name) => !/^(PipeWrap|TTYWrap|FSReqCallback|CloseReq)$/.test(name))).toEqual([]);
  });
});
