/**
 * Log analysis: what a web server's access log tells: sizes of answers, answers by status, addresses that come too often, slowest pages.
 *
 * The "log analyzer" of Databricks' reference applications. The log is read and parsed once and cached, several actions then ask it. Lines that do not parse
 * are counted on the way: a line has only as many rows as `flatMap` gives it.
 */
import { fileURLToPath } from "node:url";
import { type RDD, VolleyContext } from "volley";
import { seededRandom } from "./data/seeded-random.ts";

const LINE = /^(\S+) \[([^\]]+)\] "(\S+) (\S+)" (\d{3}) (\d+)$/;

interface Request {
  readonly address: string;
  readonly page: string;
  readonly status: number;
  readonly bytes: number;
}

export async function analyseLog(vc: VolleyContext, lines: RDD<string>) {
  const unreadable = vc.longAccumulator("unreadable lines");
  const requests = lines
    .flatMap((line): Request[] => {
      const [, address, , , page, status, bytes] = LINE.exec(line) ?? [];
      if (address === undefined || page === undefined) {
        unreadable.add(1);
        return [];
      }
      return [{ address, page, status: Number(status), bytes: Number(bytes) }];
    })
    .cache();

  const sizes = await requests.map(({ bytes }) => bytes).stats();
  const byStatus = await requests.map(({ status }) => status).countByValue();
  const frequent = await requests
    .map(({ address }) => [address, 1])
    .reduceByKey((a, b) => a + b)
    .filter(([, count]) => count > 100)
    .sortBy(([address, count]) => [-count, address])
    .collect();
  const pages = await requests
    .filter(({ status }) => status === 200)
    .map(({ page, bytes }) => [page, bytes])
    .reduceByKey((a, b) => a + b)
    .top(3, (a, b) => a[1] - b[1]);
  await requests.unpersist();
  return { unreadable: unreadable.value, sizes, byStatus, frequent, pages };
}

/** Lines of a log; one in a thousand is cut off, and few addresses send many of the requests. */
export function randomLog(count: number, seed: number): string[] {
  const random = seededRandom(seed);
  const pages = ["/", "/index.html", "/style.css", "/photo.jpg", "/film.mp4", "/missing"];
  return Array.from({ length: count }, (_, second) => {
    const address = `10.0.${Math.floor(random() ** 6 * 256)}.${Math.floor(random() * 8)}`;
    const page = Math.floor(random() * pages.length);
    const status = page === 5 ? 404 : random() < 0.01 ? 500 : 200;
    const bytes = status === 200 ? Math.floor(random() * 1000 * 10 ** page) : 0;
    const time = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
    const line = `${address} [${time}] "GET ${pages[page]}" ${status} ${bytes}`;
    return random() < 0.001 ? line.slice(0, 20) : line;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "log analysis" });
  const { unreadable, sizes, byStatus, frequent, pages } = await analyseLog(vc, vc.parallelize(randomLog(100_000, 5)));
  console.log(`${sizes.count} requests (${unreadable} lines were unreadable)`);
  console.log(`bytes: mean ${sizes.mean.toFixed(0)}, from ${sizes.min} to ${sizes.max}`);
  console.log(`by status: ${[...byStatus].map(([status, count]) => `${status} ${count}`).join(", ")}`);
  console.log(
    `most frequent: ${frequent
      .slice(0, 3)
      .map(([address, count]) => `${address} ${count}`)
      .join(", ")}`,
  );
  console.log(
    `largest pages: ${pages.map(([page, bytes]) => `${page} ${(bytes / 2 ** 30).toFixed(2)} GiB`).join(", ")}`,
  );
  await vc.stop();
}
