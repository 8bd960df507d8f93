/**
 * Secondary sort: how much the temperature changed from one measurement of a station to its next. Measurements come in no order, and no station's need to
 * fit in memory.
 *
 * Spark's repartitionAndSortWithinPartitions: the key is `[station, time]`, a partitioner of our own looks at the station only, and the
 * shuffle sorts by the whole key. So each partition holds whole stations in order, and one pass over it is enough.
 */
import { fileURLToPath } from "node:url";
import { HashPartitioner, Partitioner, VolleyContext } from "volley";
import { seededRandom } from "./data/seeded-random.ts";

export interface Measurement {
  readonly station: string;
  /** Hours since the first measurement. */
  readonly hour: number;
  readonly celsius: number;
}

type StationAndHour = [station: string, hour: number];

/** Measurements of one station go to one partition. */
class ByStation extends Partitioner {
  readonly #stations: HashPartitioner;

  constructor(numPartitions: number) {
    super(numPartitions);
    this.#stations = new HashPartitioner(numPartitions);
  }

  getPartition([station]: StationAndHour): number {
    return this.#stations.getPartition(station);
  }
}

/** What follows each other in sorted measurements of the same station. */
function* changes(rows: Iterable<[StationAndHour, number]>) {
  let previous: { station: string; celsius: number } | undefined;
  for (const [[station, hour], celsius] of rows) {
    if (previous?.station === station) yield { station, hour, change: celsius - previous.celsius };
    previous = { station, celsius };
  }
}

/** The largest changes, largest first. */
export async function largestChanges(vc: VolleyContext, measurements: readonly Measurement[], first: number) {
  return vc
    .parallelize(measurements)
    .map(({ station, hour, celsius }): [StationAndHour, number] => [[station, hour], celsius])
    .repartitionAndSortWithinPartitions(new ByStation(4))
    .mapPartitions(changes)
    .top(first, (a, b) => Math.abs(a.change) - Math.abs(b.change));
}

/** Measurements of every station at hours of its own, shuffled. */
export function randomMeasurements(count: number, stations: number, seed: number): Measurement[] {
  const random = seededRandom(seed);
  const all = Array.from({ length: count }, (_, index) => {
    const hour = Math.floor(index / stations) * 3 + (index % 3);
    const warmth = 12 + (index % stations) + 8 * Math.sin((2 * Math.PI * hour) / 24);
    return { station: `station-${index % stations}`, hour, celsius: Math.round((warmth + 3 * random()) * 10) / 10 };
  });
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "secondary sort" });
  for (const { station, hour, change } of await largestChanges(vc, randomMeasurements(100_000, 20, 3), 5)) {
    console.log(
      `${station.padEnd(10)} hour ${String(hour).padStart(5)}: ${change > 0 ? "+" : ""}${change.toFixed(1)} °C`,
    );
  }
  await vc.stop();
}
