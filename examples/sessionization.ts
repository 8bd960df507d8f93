/**
 * Sessionization: cuts each visitor's clicks into sessions: a pause of more than half an hour begins another one.
 *
 * In Spark a groupByKey and a loop over each visitor's clicks; clicks of one visitor fit in memory. (secondary-sort.ts shows what to do when they do not.)
 * Rows are objects, Dates among them, and come back as such.
 */
import { fileURLToPath } from "node:url";
import { VolleyContext } from "volley";
import { seededRandom } from "./data/seeded-random.ts";

const PAUSE_MS = 30 * 60 * 1000;

export interface Click {
  readonly visitor: string;
  readonly page: string;
  readonly at: Date;
}

export interface Session {
  readonly visitor: string;
  readonly start: Date;
  readonly minutes: number;
  readonly pages: string[];
}

function sessionsOf(visitor: string, clicks: readonly Click[]): Session[] {
  const sessions: { visitor: string; start: Date; minutes: number; pages: string[] }[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { page, at } of clicks.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    if (at.getTime() - last > PAUSE_MS) sessions.push({ visitor, start: at, minutes: 0, pages: [] });
    last = at.getTime();
    const session = sessions.at(-1)!;
    session.pages.push(page);
    session.minutes = (last - session.start.getTime()) / 60_000;
  }
  return sessions;
}

export async function sessionize(vc: VolleyContext, clicks: readonly Click[]): Promise<Session[]> {
  return vc
    .parallelize(clicks)
    .groupBy((click) => click.visitor)
    .flatMap(([visitor, ofVisitor]) => sessionsOf(visitor, ofVisitor))
    .sortBy(({ start, visitor }) => [start, visitor])
    .collect();
}

/** Clicks of a day, in no order. */
export function randomClicks(count: number, visitors: number, seed: number): Click[] {
  const random = seededRandom(seed);
  const pages = ["/", "/search", "/product", "/cart", "/pay"];
  return Array.from({ length: count }, () => ({
    visitor: `visitor-${Math.floor(random() * visitors)}`,
    page: pages[Math.floor(random() * pages.length)]!,
    at: new Date(Date.UTC(2026, 0, 1) + Math.floor(random() * 24 * 3600) * 1000),
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "sessionization" });
  const sessions = await sessionize(vc, randomClicks(20_000, 1000, 7));
  console.log(`${sessions.length} sessions; the longest:`);
  for (const { visitor, start, minutes, pages } of sessions.toSorted((a, b) => b.minutes - a.minutes).slice(0, 5)) {
    console.log(`  ${visitor.padEnd(11)} ${start.toISOString()}  ${minutes.toFixed(0)} min, ${pages.length} pages`);
  }
  await vc.stop();
}
