import { afterAll, beforeAll, expect, it } from "vitest";
import { VolleyContext } from "volley";
import { analyseLog, randomLog } from "../../examples/log-analysis.ts";
import { largestChanges, randomMeasurements } from "../../examples/secondary-sort.ts";
import { randomClicks, sessionize } from "../../examples/sessionization.ts";
import { countOf, groupOf } from "./kit.ts";

let vc: VolleyContext;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local[2]" });
});
afterAll(() => vc.stop());

it("sessionization", async () => {
  const clicks = randomClicks(5000, 200, 1);
  const starts: string[] = [];
  let pages = 0;
  for (const [visitor, own] of groupOf(clicks, (click) => click.visitor)) {
    const times = own.map((click) => click.at.getTime()).sort((a, b) => a - b);
    for (const [index, time] of times.entries()) {
      const before = times[index - 1];
      if (before === undefined || time - before > 1_800_000) starts.push(`${new Date(time).toISOString()} ${visitor}`);
    }
  }
  const sessions = await sessionize(vc, clicks);
  expect(sessions.map(({ start, visitor }) => `${start.toISOString()} ${visitor}`)).toEqual(starts.sort());
  for (const session of sessions) {
    pages += session.pages.length;
    if (session.pages.length === 1) expect(session.minutes).toBe(0);
  }
  expect(pages).toBe(clicks.length);
});

it("secondary sort", async () => {
  const measurements = randomMeasurements(6000, 9, 2);
  const changes: { station: string; hour: number; change: number }[] = [];
  for (const [station, own] of groupOf(measurements, (each) => each.station)) {
    const sorted = [...own].sort((a, b) => a.hour - b.hour);
    for (const [index, { hour, celsius }] of sorted.entries()) {
      const before = sorted[index - 1];
      if (before !== undefined) changes.push({ station, hour, change: celsius - before.celsius });
    }
  }
  const sizes = changes.map(({ change }) => Math.abs(change)).sort((a, b) => b - a);
  const largest = await largestChanges(vc, measurements, 40);
  expect(largest.map(({ change }) => Math.abs(change))).toEqual(sizes.slice(0, 40));
  for (const change of largest) expect(changes).toContainEqual(change);
});

it("log analysis", async () => {
  const log = randomLog(20_000, 3);
  const fields = log.map((line) => line.split(" ")).filter((parts) => parts.length === 6);
  const bytes = fields.map((parts) => Number(parts[5]));
  const answer = await analyseLog(vc, vc.parallelize(log, 3));
  expect(answer.unreadable).toBe(log.length - fields.length);
  expect(answer.unreadable).toBeGreaterThan(0);
  expect(answer.sizes.count).toBe(fields.length);
  expect(answer.sizes.max).toBe(Math.max(...bytes));
  expect(answer.sizes.min).toBe(0);
  expect(answer.sizes.mean).toBeCloseTo(bytes.reduce((a, b) => a + b) / fields.length, 3);
  expect(answer.byStatus).toEqual(countOf(fields.map((parts) => Number(parts[4]))));
  const addresses = [...countOf(fields.map((parts) => parts[0] ?? ""))].filter(([, count]) => count > 100);
  addresses.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  expect(answer.frequent).toEqual(addresses);
  const pages = new Map<string, number>();
  for (const [, , , page = "", status, size] of fields) {
    if (status === "200") pages.set(page.slice(0, -1), (pages.get(page.slice(0, -1)) ?? 0) + Number(size));
  }
  expect(answer.pages).toEqual([...pages].sort((a, b) => b[1] - a[1]).slice(0, 3));
});
