/** Programs against what Apache Spark answered to them: see kit/area.ts. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VolleyContext, VolleyError } from "volley";
import { ALL_PROGRAMS } from "./cases/all.ts";
import { type Program, stampOf } from "./kit/area.ts";
import { broughtNear, type Encoded, encode, inOneOrder } from "./kit/encode.ts";
import { Toolbox } from "./kit/toolbox.ts";

interface Answer {
  readonly asked: string;
  readonly value?: Encoded;
  readonly throws?: string;
}

let vc: VolleyContext;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local[2]", appName: "answers", logLevel: "silent" });
});
afterAll(() => vc.stop());

for (const area of new Set(ALL_PROGRAMS.map((program) => program.area))) {
  const answers = JSON.parse(readFileSync(join(import.meta.dirname, `answers/${area}.json`), "utf8"));
  describe(area, () => {
    for (const program of ALL_PROGRAMS.filter((one) => one.area === area)) {
      it(program.name, () => check(program, answers[program.name]));
    }
  });
}

async function check(program: Program, answer: Answer | undefined): Promise<void> {
  if (answer?.asked !== stampOf(program)) throw new Error("Spark has not answered to this text: npm run spark:answers");
  const toolbox = new Toolbox();
  try {
    if (answer.throws !== undefined) {
      await expect((async () => program.volley(vc, toolbox))()).rejects.toBeInstanceOf(VolleyError);
      return;
    }
    const got = encode(await program.volley(vc, toolbox));
    const expected = answer.value as Encoded;
    if (program.mode === "multiset") expect(inOneOrder(got as Encoded[])).toEqual(expected);
    else expect(program.mode === "near" ? broughtNear(got, expected) : got).toEqual(expected);
  } finally {
    toolbox.cleanUp();
  }
}
