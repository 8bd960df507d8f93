/**
 * `npm run bench:peers`: installs the engines that Volley is measured against into `bench/.peers/` (ignored by git): Apache Spark, through the PySpark package of
 * PyPI, whose jars also hold a Scala compiler; DuckDB and skale from npm. Needs Python 3 with venv, and Java 17 or later. What is there already is not made again.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The release that the goals were set against. */
const PYSPARK = "pyspark==4.3.0";
const JAVA_MIN = 17;
/** Without install scripts: skale's dependencies are old, and what DuckDB needs is in packages of its own. */
const NODE_PACKAGES = ["@duckdb/node-api@1.5.6-r.1", "skale@1.2.2"];

const HERE = dirname(fileURLToPath(import.meta.url));
export const PEERS = join(HERE, "../.peers");
const VENV = join(PEERS, "venv");
export const NODE_PEERS = join(PEERS, "node");
const CLASSES = join(PEERS, "spark-classes");
const SOURCE = join(HERE, "Workloads.scala");
const PYTHON_SOURCE = join(HERE, "workloads.py");
const HEAP_MIB = 4096;

/** Flags with which Spark starts a JVM of its own (org.apache.spark.launcher.JavaModuleOptions), and the collector of the goals' figures. */
const OPENS = [
  "java.lang",
  "java.lang.invoke",
  "java.lang.reflect",
  "java.io",
  "java.net",
  "java.nio",
  "java.util",
  "java.util.concurrent",
  "java.util.concurrent.atomic",
];
export const JVM_FLAGS = [
  "-XX:+IgnoreUnrecognizedVMOptions",
  "-XX:+UseParallelGC",
  ...OPENS.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
  "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
  "--add-opens=java.base/sun.nio.cs=ALL-UNNAMED",
  "--add-opens=java.base/sun.security.action=ALL-UNNAMED",
  "--add-opens=java.base/sun.util.calendar=ALL-UNNAMED",
  "-Djdk.reflect.useDirectMethodHandle=false",
  "-Dlog4j2.level=ERROR",
];

function run(command, args) {
  execFileSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
}

export function sparkJars() {
  const lib = join(VENV, "lib");
  const python = existsSync(lib) ? readdirSync(lib).find((name) => name.startsWith("python")) : undefined;
  return python === undefined ? undefined : join(lib, python, "site-packages/pyspark/jars");
}

/** The command that runs a workload on Spark, or undefined when the peers are not set up. */
export function sparkCommand({ workload, runs, scale, files, memoryMiB = HEAP_MIB }) {
  const jars = sparkJars();
  if (jars === undefined || !existsSync(CLASSES)) return undefined;
  const program = ["-cp", `${CLASSES}:${jars}/*`, "Workloads", workload, String(runs), String(scale), ...files];
  return ["java", ...JVM_FLAGS, `-Xmx${memoryMiB}m`, ...program];
}

/** The same for PySpark, with what its environment must hold. */
export function pysparkCommand({ workload, runs, scale, files, memoryMiB = HEAP_MIB }) {
  const python = join(VENV, "bin/python3");
  // Not every workload has a version in Python.
  if (!existsSync(python) || !readFileSync(PYTHON_SOURCE, "utf8").includes(`"${workload}":`)) return undefined;
  const submit = `--driver-memory ${memoryMiB}m --driver-java-options "-XX:+UseParallelGC -Dlog4j2.level=ERROR" pyspark-shell`;
  const command = [python, PYTHON_SOURCE, workload, String(runs), String(scale), ...files];
  return { command, env: { PYSPARK_SUBMIT_ARGS: submit, PYSPARK_PYTHON: python } };
}

/** The command that runs a workload on a peer that is a Node package: the script beside this one says which workloads it has. */
export function nodePeerCommand(peer, { workload, runs, scale, files }) {
  const script = join(HERE, `${peer}.mjs`);
  if (!existsSync(join(NODE_PEERS, "node_modules"))) return undefined;
  const has = new RegExp(`^  "?${workload}"?: `, "m").test(readFileSync(script, "utf8"));
  return has ? { command: [process.execPath, script, workload, String(runs), String(scale), ...files] } : undefined;
}

function setupNodePeers() {
  if (existsSync(join(NODE_PEERS, "node_modules/skale")) && existsSync(join(NODE_PEERS, "node_modules/@duckdb")))
    return;
  mkdirSync(NODE_PEERS, { recursive: true });
  writeFileSync(join(NODE_PEERS, "package.json"), '{ "private": true }\n');
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", NODE_PEERS];
  run("npm", ["install", ...flags, ...NODE_PACKAGES]);
}

function checkJava() {
  const [major] = execFileSync("java", ["--version"], { encoding: "utf8" }).match(/\d+/) ?? [];
  if (!(Number(major) >= JAVA_MIN)) throw new Error(`Java ${JAVA_MIN} or later is needed`);
}

function setup() {
  mkdirSync(PEERS, { recursive: true });
  setupNodePeers();
  checkJava();
  const jars = sparkJars();
  if (jars === undefined || !existsSync(jars)) {
    run("python3", ["-m", "venv", VENV]);
    run(join(VENV, "bin/pip"), ["install", "--quiet", PYSPARK]);
  }
  const compiled = join(CLASSES, "Workloads.class");
  if (existsSync(compiled) && statSync(compiled).mtimeMs > statSync(SOURCE).mtimeMs) return;
  mkdirSync(CLASSES, { recursive: true });
  run("java", ["-cp", `${sparkJars()}/*`, "scala.tools.nsc.Main", "-usejavacp", "-d", CLASSES, SOURCE]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  setup();
  console.log("bench: the peers are ready");
}
