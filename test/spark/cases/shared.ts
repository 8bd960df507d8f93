/** Accumulators, broadcasts, storage levels, checkpoints: what is kept between jobs. */

import { StorageLevel } from "volley";
import { area } from "../kit/area.ts";

export const { programs, program } = area("shared");

program(
  "an accumulator in an action counts once, in a transformation once a run",
  `val a = sc.longAccumulator; val r = sc.parallelize(1 to 10, 3).map { x => a.add(1); x }; r.count(); val one = a.value; r.collect(); Seq[Any](one, a.value)`,
  async (vc) => {
    const a = vc.longAccumulator();
    const r = vc.range(1, 11, 1, 3).map((x) => {
      a.add(1);
      return x;
    });
    await r.count();
    const one = a.value;
    await r.collect();
    return [one, a.value];
  },
);

program(
  "an accumulator in a cached RDD counts once",
  `val a = sc.longAccumulator; val r = sc.parallelize(1 to 10, 3).map { x => a.add(1); x }.cache(); r.count(); r.collect(); r.sum(); val before = a.value; r.unpersist(true); r.count(); Seq[Any](before, a.value)`,
  async (vc) => {
    const a = vc.longAccumulator();
    const r = vc
      .range(1, 11, 1, 3)
      .map((x) => {
        a.add(1);
        return x;
      })
      .cache();
    await r.count();
    await r.collect();
    await r.sum();
    const before = a.value;
    await r.unpersist();
    await r.count();
    return [before, a.value];
  },
);

program(
  "an accumulator before a shuffle counts once while the shuffle is there",
  `val a = sc.longAccumulator; val r = sc.parallelize(1 to 10, 3).map { x => a.add(1); (x % 2, x) }.reduceByKey(_ + _); r.count(); r.collect(); a.value`,
  async (vc) => {
    const a = vc.longAccumulator();
    const r = vc
      .range(1, 11, 1, 3)
      .map((x): [number, number] => {
        a.add(1);
        return [x % 2, x];
      })
      .reduceByKey((x, y) => x + y);
    await r.count();
    await r.collect();
    return a.value;
  },
);

program(
  "count, sum, avg, reset, isZero and copy of accumulators",
  `val l = sc.longAccumulator("l"); val d = sc.doubleAccumulator("d"); sc.parallelize(1 to 4, 2).foreach { x => l.add(x); d.add(x / 2.0) }
   val first = Seq[Any](l.count, l.sum, l.avg, l.value, l.isZero, d.count, d.sum, d.avg, l.name.get); val c = l.copy(); l.reset(); first ++ Seq[Any](l.count, l.value, l.isZero, c.value)`,
  async (vc) => {
    const [l, d] = [vc.longAccumulator("l"), vc.doubleAccumulator("d")];
    await vc.range(1, 5, 1, 2).foreach((x) => {
      l.add(x);
      d.add(x / 2);
    });
    const first = [l.count, l.sum, l.avg, l.value, l.isZero, d.count, d.sum, d.avg, l.name];
    const c = l.copy();
    l.reset();
    return [...first, l.count, l.value, l.isZero, c.value];
  },
);

program(
  "a collection accumulator holds all, in any order",
  `val a = sc.collectionAccumulator[Int]("c"); sc.parallelize(1 to 6, 3).foreach(x => a.add(x)); import scala.jdk.CollectionConverters._; a.value.asScala.toSeq.sorted`,
  async (vc) => {
    const a = vc.collectionAccumulator<number>("c");
    await vc.range(1, 7, 1, 3).foreach((x) => a.add(x));
    return [...a.value].sort();
  },
);

program(
  "a custom accumulator, registered with a name",
  `val a = new MaxAccumulator; sc.register(a, "max"); sc.parallelize(Seq(3, 9, 4), 2).foreach(x => a.add(x)); Seq[Any](a.value, a.name.get, a.isZero)`,
  async (vc) => {
    const { MaxAccumulator } = await import("../kit/accumulators.ts");
    const a = new MaxAccumulator();
    vc.register(a, "max");
    await vc.parallelize([3, 9, 4], 2).foreach((x) => a.add(x));
    return [a.value, a.name, a.isZero];
  },
);

program(
  "an accumulator that was not registered is an error",
  `val a = new MaxAccumulator; sc.parallelize(Seq(3), 1).foreach(x => a.add(x))`,
  async (vc) => {
    const { MaxAccumulator } = await import("../kit/accumulators.ts");
    const a = new MaxAccumulator();
    await vc.parallelize([3], 1).foreach((x) => a.add(x));
  },
);

program("registering twice is an error", `val a = new MaxAccumulator; sc.register(a); sc.register(a)`, async (vc) => {
  const { MaxAccumulator } = await import("../kit/accumulators.ts");
  const a = vc.register(new MaxAccumulator());
  vc.register(a);
});

program(
  "an accumulator of a failed task of a failed action does not count",
  `val a = sc.longAccumulator; val failed = t.fails(sc.parallelize(1 to 4, 1).foreach { x => a.add(1); if (x == 3) throw new Exception("x") }); Seq[Any](failed, a.value)`,
  async (vc, t) => {
    const a = vc.longAccumulator();
    const failed = await t.fails(() =>
      vc.range(1, 5, 1, 1).foreach((x) => {
        a.add(1);
        if (x === 3) throw new Error("x");
      }),
    );
    return [failed, a.value];
  },
);

program(
  "broadcasts: read on both sides, after unpersist, not after destroy",
  `val b = sc.broadcast(Map("a" -> 1)); val one = sc.parallelize(Seq("a"), 1).map(x => b.value(x)).collect().toSeq; b.unpersist(true); val two = sc.parallelize(Seq("a"), 1).map(x => b.value(x)).collect().toSeq; b.destroy(); Seq[Any](one, two, t.fails(b.value), t.fails(sc.parallelize(Seq("a"), 1).map(x => b.value(x)).collect()))`,
  async (vc, t) => {
    const b = vc.broadcast(new Map([["a", 1]]));
    const read = () =>
      vc
        .parallelize(["a"], 1)
        .map((x) => b.value.get(x))
        .collect();
    const one = await read();
    await b.unpersist();
    const two = await read();
    await b.destroy();
    return [one, two, await t.fails(() => b.value), await t.fails(read)];
  },
);

program(
  "destroy and unpersist of a destroyed broadcast",
  `val b = sc.broadcast(1); b.destroy(); Seq(t.fails(b.unpersist()), t.fails(b.destroy()))`,
  async (vc, t) => {
    const b = vc.broadcast(1);
    await b.destroy();
    return [await t.fails(() => b.unpersist()), await t.fails(() => b.destroy())];
  },
);

program("broadcast of an RDD is an error", `sc.broadcast(sc.parallelize(1 to 3, 1))`, async (vc) => {
  vc.broadcast(vc.range(1, 4, 1, 1));
});

program(
  "storage levels: default, set, unset, set again",
  `val r = sc.parallelize(1 to 3, 2); val a = r.getStorageLevel == StorageLevel.NONE; r.cache(); val b = r.getStorageLevel == StorageLevel.MEMORY_ONLY; val c = t.fails(r.persist(StorageLevel.DISK_ONLY)); r.cache(); r.unpersist(true); val d = r.getStorageLevel == StorageLevel.NONE; r.persist(StorageLevel.DISK_ONLY); Seq(a, b, c, d, r.getStorageLevel == StorageLevel.DISK_ONLY, r.map(x => x).getStorageLevel == StorageLevel.NONE)`,
  async (vc, t) => {
    const r = vc.range(1, 4, 1, 2);
    const a = r.getStorageLevel() === StorageLevel.NONE;
    r.cache();
    const b = r.getStorageLevel() === StorageLevel.MEMORY_ONLY;
    const c = await t.fails(() => r.persist(StorageLevel.DISK_ONLY));
    r.cache();
    await r.unpersist();
    const d = r.getStorageLevel() === StorageLevel.NONE;
    r.persist(StorageLevel.DISK_ONLY);
    return [
      a,
      b,
      c,
      d,
      r.getStorageLevel() === StorageLevel.DISK_ONLY,
      r.map((x) => x).getStorageLevel() === StorageLevel.NONE,
    ];
  },
);

for (const level of [
  "MEMORY_ONLY",
  "MEMORY_AND_DISK",
  "DISK_ONLY",
  "MEMORY_ONLY_2",
  "DISK_ONLY_2",
  "MEMORY_AND_DISK_2",
] as const) {
  program(
    `rows kept at ${level} are computed once`,
    `val a = sc.longAccumulator; val r = sc.parallelize(1 to 6, 3).map { x => a.add(1); Seq(x, x.toString) }.persist(StorageLevel.${level}); val one = r.collect().toSeq; val two = r.collect().toSeq; Seq[Any](one == two, a.value, r.count())`,
    async (vc) => {
      const a = vc.longAccumulator();
      const r = vc
        .range(1, 7, 1, 3)
        .map((x) => {
          a.add(1);
          return [x, String(x)];
        })
        .persist(StorageLevel[level]);
      const [one, two] = [await r.collect(), await r.collect()];
      return [JSON.stringify(one) === JSON.stringify(two), a.value, await r.count()];
    },
  );
}

program(
  "take of a cached RDD keeps only what it computed",
  `val a = sc.longAccumulator; val r = sc.parallelize(0 until 100, 10).map { x => a.add(1); x }.cache(); r.take(1); val one = a.value; r.count(); Seq[Any](one, a.value)`,
  async (vc) => {
    const a = vc.longAccumulator();
    const r = vc
      .range(0, 100, 1, 10)
      .map((x) => {
        a.add(1);
        return x;
      })
      .cache();
    await r.take(1);
    const one = a.value;
    await r.count();
    return [one, a.value];
  },
);

program(
  "toDebugString tells what is cached",
  `val r = sc.parallelize(1 to 4, 2).setName("kept").cache(); r.count(); val s = r.map(x => x).toDebugString; Seq(s.contains("kept"), s.contains("CachedPartitions: 2"))`,
  async (vc) => {
    const r = vc
      .range(1, 5, 1, 2)
      .map((x) => x)
      .setName("kept")
      .cache();
    await r.count();
    const s = await r.map((x) => x).toDebugString();
    return [s.includes("kept"), s.includes("CachedPartitions: 2")];
  },
);

program(
  "getPersistentRDDs",
  `val r = sc.parallelize(1 to 4, 2).cache(); val a = sc.getPersistentRDDs.contains(r.id); r.unpersist(true); Seq(a, sc.getPersistentRDDs.contains(r.id))`,
  async (vc) => {
    const r = vc.range(1, 5, 1, 2).cache();
    const a = vc.getPersistentRDDs().has(r.id);
    await r.unpersist();
    return [a, vc.getPersistentRDDs().has(r.id)];
  },
);

program(
  "checkpoint: marked, written by the first action, lineage cut",
  `sc.setCheckpointDir(t.path("check")); val r = sc.parallelize(1 to 6, 3).map(x => (x % 2, x)).reduceByKey(_ + _, 2); r.checkpoint(); val a = (r.isCheckpointed, r.getCheckpointFile.isDefined); r.count(); Seq[Any](a._1, a._2, r.isCheckpointed, r.getCheckpointFile.isDefined, r.toDebugString.contains("ParallelCollectionRDD"), r.collect().toSeq.sorted, r.getNumPartitions, t.partitionerOf(r))`,
  async (vc, t) => {
    vc.setCheckpointDir(t.path("check"));
    const rows = vc.parallelize([1, 2, 3, 4, 5, 6], 3);
    const r = rows.map((x): [number, number] => [x % 2, x]).reduceByKey((x, y) => x + y, 2);
    r.checkpoint();
    const a = [r.isCheckpointed, r.getCheckpointFile() !== undefined];
    await r.count();
    return [
      ...a,
      r.isCheckpointed,
      r.getCheckpointFile() !== undefined,
      (await r.toDebugString()).includes("ParallelCollectionRDD"),
      t.sorted(await r.collect()),
      await r.getNumPartitions(),
      t.partitionerOf(r),
    ];
  },
);

program(
  "checkpoint after the first action, and of an empty RDD",
  `sc.setCheckpointDir(t.path("check")); val r = sc.parallelize(1 to 6, 3).map(_ + 1); r.count(); r.checkpoint(); r.count(); val e = sc.parallelize(Seq.empty[Int], 2); e.checkpoint(); e.count(); Seq[Any](e.isCheckpointed, e.getNumPartitions, e.collect().toSeq)`,
  async (vc, t) => {
    vc.setCheckpointDir(t.path("check"));
    const r = vc.range(1, 7, 1, 3).map((x) => x + 1);
    await r.count();
    r.checkpoint();
    await r.count();
    const e = vc.parallelize<number>([], 2);
    e.checkpoint();
    await e.count();
    return [e.isCheckpointed, await e.getNumPartitions(), await e.collect()];
  },
);

program(
  "localCheckpoint",
  `val r = sc.parallelize(1 to 6, 3).map(_ + 1).localCheckpoint(); r.count(); Seq[Any](r.isCheckpointed, r.getCheckpointFile.isDefined, r.collect().toSeq, r.getNumPartitions)`,
  async (vc) => {
    const r = vc
      .range(1, 7, 1, 3)
      .map((x) => x + 1)
      .localCheckpoint();
    await r.count();
    return [r.isCheckpointed, r.getCheckpointFile() !== undefined, await r.collect(), await r.getNumPartitions()];
  },
);

program(
  "job tags, groups and local properties",
  `sc.addJobTag("a"); sc.addJobTag("b"); sc.removeJobTag("a"); val tags = sc.getJobTags(); sc.clearJobTags(); sc.setLocalProperty("p", "v"); val p = sc.getLocalProperty("p"); sc.setLocalProperty("p", null); Seq[Any](tags, sc.getJobTags().size, p, sc.getLocalProperty("p") == null, t.fails(sc.addJobTag("a,b")), t.fails(sc.addJobTag("")))`,
  async (vc, t) => {
    vc.addJobTag("a");
    vc.addJobTag("b");
    vc.removeJobTag("a");
    const tags = vc.getJobTags();
    vc.clearJobTags();
    vc.setLocalProperty("p", "v");
    const p = vc.getLocalProperty("p");
    vc.setLocalProperty("p", undefined);
    return [
      tags,
      vc.getJobTags().size,
      p,
      vc.getLocalProperty("p") === undefined,
      await t.fails(() => vc.addJobTag("a,b")),
      await t.fails(() => vc.addJobTag("")),
    ];
  },
);

program(
  "unpersist changes no answer",
  `val r = sc.parallelize(1 to 5, 2).map(_ * 2).cache(); val one = r.collect().toSeq; r.unpersist(true); r.unpersist(true); Seq(one, r.collect().toSeq)`,
  async (vc) => {
    const r = vc
      .range(1, 6, 1, 2)
      .map((x) => x * 2)
      .cache();
    const one = await r.collect();
    await r.unpersist();
    await r.unpersist();
    return [one, await r.collect()];
  },
);

program(
  "a child of an RDD that is cached later reads the cache",
  `val a = sc.longAccumulator; val r = sc.parallelize(1 to 5, 2).map { x => a.add(1); x }; val child = r.map(_ + 1); r.cache(); child.count(); child.collect(); a.value`,
  async (vc) => {
    const a = vc.longAccumulator();
    const r = vc.range(1, 6, 1, 2).map((x) => {
      a.add(1);
      return x;
    });
    const child = r.map((x) => x + 1);
    r.cache();
    await child.count();
    await child.collect();
    return a.value;
  },
);
