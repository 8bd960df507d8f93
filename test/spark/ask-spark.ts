/**
 * `npm run spark:answers [area...]`: has Apache Spark run the programs of `cases/` and writes `answers/`. Needs `npm run bench:peers`, which installs Spark
 * and its Scala compiler.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JVM_FLAGS, sparkJars } from "../../bench/peers/setup.mjs";
import { ALL_PROGRAMS } from "./cases/all.ts";
import { type Program, stampOf } from "./kit/area.ts";
import { inOneOrder, settled } from "./kit/encode.ts";

const HERE = import.meta.dirname;
const IMPORTS = [
  "org.apache.spark._",
  "org.apache.spark.SparkContext._",
  "org.apache.spark.rdd._",
  "org.apache.spark.mllib.rdd.RDDFunctions._",
  "org.apache.spark.storage.StorageLevel",
  "org.apache.spark.util.StatCounter",
];

/** A Scala source with a method for each program: one method for all would be too long for the JVM. */
function sourceOf(programs: readonly Program[]): string {
  const methods = programs.map(({ scala }, i) => `  def p${i}(sc: SparkContext, t: Toolbox): Any = {\n${scala}\n  }`);
  const entries = programs.map((program, i) => `      ${JSON.stringify(idOf(program))} -> p${i} _,`);
  return [
    ...IMPORTS.map((name) => `import ${name}`),
    "object Programs {",
    ...methods,
    "  def main(args: Array[String]): Unit =",
    `    Answers.write(args(0), Seq[(String, Answers.Program)](\n${entries.join("\n")}\n    ))`,
    "}",
  ].join("\n");
}

function idOf({ area, name }: Program): string {
  return `${area}/${name}`;
}

function ask(programs: readonly Program[]): Record<string, { value?: never; throws?: string }> {
  const jars = sparkJars();
  if (jars === undefined) throw new Error("Spark is not installed here: npm run bench:peers");
  const folder = mkdtempSync(join(tmpdir(), "volley-ask-"));
  try {
    const [source, answers] = [join(folder, "Programs.scala"), join(folder, "answers.json")];
    writeFileSync(source, sourceOf(programs));
    const java = (args: readonly string[]) => execFileSync("java", args, { stdio: "pipe" });
    java([
      "-cp",
      `${jars}/*`,
      "scala.tools.nsc.Main",
      "-nowarn",
      "-usejavacp",
      "-d",
      folder,
      join(HERE, "kit/Answers.scala"),
      source,
    ]);
    java([...JVM_FLAGS, "-cp", `${folder}:${jars}/*`, "Programs", answers]);
    return JSON.parse(readFileSync(answers, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(area: string, programs: readonly Program[], given: ReturnType<typeof ask>): void {
  const lines = programs.map((program) => {
    const answer = given[idOf(program)];
    if (answer === undefined) throw new Error(`no answer to ${idOf(program)}`);
    const kept =
      answer.throws !== undefined
        ? answer
        : { value: program.mode === "multiset" ? inOneOrder(settled(answer.value!) as never) : settled(answer.value!) };
    return `  ${JSON.stringify(program.name)}: ${JSON.stringify({ asked: stampOf(program), ...kept })}`;
  });
  writeFileSync(join(HERE, `answers/${area}.json`), `{\n${lines.join(",\n")}\n}\n`);
}

const wanted = process.argv.slice(2);
const chosen = ALL_PROGRAMS.filter(({ area }) => wanted.length === 0 || wanted.includes(area));
const given = ask(chosen);
for (const area of new Set(chosen.map((program) => program.area))) {
  write(
    area,
    chosen.filter((program) => program.area === area),
    given,
  );
}
console.log(`${chosen.length} answers`);
