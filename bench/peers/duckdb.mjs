/**
 * The workloads of bench/workloads/ that SQL can say, for DuckDB with two threads, under the same names and with the same answers. Arguments: name, runs, scale, then the
 * paths of its files. Prints the times of each run in ms by part, then the answer, as one line of JSON. What becomes of strings and cached objects there is a column store
 * without user code: it shows what the data costs, not what closures do.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { NODE_PEERS } from "./setup.mjs";

const { DuckDBInstance } = createRequire(join(NODE_PEERS, "package.json"))("@duckdb/node-api");
const [name, runs, scaleText, ...files] = process.argv.slice(2);
const scale = Number(scaleText);
const sized = (size) => Math.max(1, Math.round((size * scale) / 1000)) * 1000;
const rounded = (value) => value.toPrecision(9);
/** A path as an SQL literal. */
const file = () => `'${files[0].replaceAll("'", "''")}'`;

const db = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();

async function rows(sql) {
  return (await db.runAndReadAll(sql)).getRows();
}

/** One row, its cells as they are printed. */
async function row(sql) {
  return (await rows(sql))[0].map(String).join(" ");
}

/** How many rows a sort gives, the first and the last: it is kept in a table, whose order is that of its rows. */
async function ends(sql, key) {
  await db.run(`CREATE OR REPLACE TEMP TABLE sorted AS ${sql}`);
  const [[count]] = await rows("SELECT count(*) FROM sorted");
  const at = async (index) => (await rows(`SELECT ${key} FROM sorted LIMIT 1 OFFSET ${index}`))[0][0];
  return { count, first: await at(0), last: await at(Number(count) - 1) };
}

const WORKLOADS = {
  closures: async () =>
    rounded(
      Number(
        (
          await rows(
            `SELECT sum(((x * 2) - 7) * 0.5::DOUBLE) FROM (SELECT range + 1 AS x FROM range(${sized(20_000_000)})) WHERE x % 3 <> 0 AND (x * 2 - 7) % 5 <> 0`,
          )
        )[0][0],
      ),
    ),
  "word-count": () =>
    row(
      `SELECT count(*), sum(n * length(word))::BIGINT FROM (SELECT word, count(*) AS n FROM (SELECT unnest(string_split(line, ' ')) AS word
       FROM read_csv(${file()}, columns = {line: 'VARCHAR'}, delim = '\\0', quote = '', escape = '', header = false)) GROUP BY word)`,
    ),
  "reduce-by-key": () =>
    row(
      `SELECT count(*), sum(s)::BIGINT FROM (SELECT (range * 7919) % ${sized(1_000_000)} AS k, sum(range % 100) AS s FROM range(${sized(3_000_000)}) GROUP BY k)`,
    ),
  "group-by-key": () =>
    row(
      `SELECT count(*), sum(len(vs) * (k % 10))::BIGINT FROM (SELECT (range * 7919) % ${sized(100_000)} AS k, list(range) AS vs FROM range(${sized(4_000_000)}) GROUP BY k)`,
    ),
  "sort-by": async () => {
    const sorted = `SELECT ((range * 7919) % 2000003) / 7::DOUBLE AS x FROM range(${sized(2_000_000)}) ORDER BY x`;
    const { count, first, last } = await ends(sorted, "x");
    return `${count} 0 ${rounded(first)} ${rounded(last)}`;
  },
  "sort-lines": async () => {
    const lines = `read_csv(${file()}, columns = {line: 'VARCHAR'}, delim = '\\0', quote = '', escape = '', header = false)`;
    const { count, first, last } = await ends(`SELECT line[1:10] AS k, line FROM ${lines} ORDER BY k`, "k");
    return `${count} 0 ${first} ${last}`;
  },
  join: () => {
    const size = sized(600_000);
    return row(
      `SELECT count(*), sum((a + b) % 1000)::BIGINT FROM (SELECT (range * 31) % ${size} AS k, range AS a FROM range(${size}))
       JOIN (SELECT (range * 17) % ${size} AS k, range * 2 AS b FROM range(${size})) USING (k)`,
    );
  },
  "csv-scan": async (time) => {
    await db.run("DROP TABLE IF EXISTS orders");
    const columns =
      "{id: 'BIGINT', day: 'VARCHAR', customer: 'VARCHAR', country: 'VARCHAR', quantity: 'INTEGER', price: 'DOUBLE', note: 'VARCHAR'}";
    await time("load", () =>
      db.run(`CREATE TABLE orders AS FROM read_csv(${file()}, columns = ${columns}, header = false)`),
    );
    const [[count]] = await rows("SELECT count(*) FROM orders");
    let total = 0;
    for (let scan = 0; scan < 5; scan++) {
      total = await time(
        "scan",
        async () => (await rows("SELECT sum(quantity * price) FROM orders WHERE country = 'CH'"))[0][0],
      );
    }
    return `${count} ${rounded(total)}`;
  },
  collect: async () => {
    const all = await rows(`SELECT concat('key-', range), range * 0.5::DOUBLE FROM range(${sized(1_000_000)})`);
    return `${all.length} ${all.at(-1).join(" ")}`;
  },
  distinct: () => {
    const keys = sized(1_000_000);
    return row(`SELECT count(DISTINCT concat('user-', (range * 7919) % ${keys})) FROM range(${keys * 2})`);
  },
};

const times = [];
let answer;
for (let run = 0; run < Number(runs); run++) {
  const partToTimes = new Map();
  const time = async (part, job) => {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const value = await job();
    const { user, system } = process.cpuUsage(cpu);
    const list = partToTimes.get(part) ?? [];
    partToTimes.set(part, list);
    list.push({ wall: performance.now() - start, cpu: (user + system) / 1000 });
    return value;
  };
  answer = await time("", () => WORKLOADS[name](time));
  if (partToTimes.size > 1) partToTimes.delete("");
  times.push(
    Object.fromEntries(
      Array.from(partToTimes, ([part, list]) => [part, list.toSorted((a, b) => a.wall - b.wall)[list.length >> 1]]),
    ),
  );
}
console.log(JSON.stringify({ times, answer }));
