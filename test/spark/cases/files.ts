/** Text, bytes and saved rows. */

import { area } from "../kit/area.ts";
import type { Toolbox } from "../kit/toolbox.ts";

export const { programs, program } = area("files");

const TEXTS: Record<string, string> = {
  "no last line end": "a\nb",
  "a last line end": "a\nb\n",
  "empty lines": "\n\na\n\n",
  "carriage returns": "a\r\nb\rc\n\r\nd",
  "a lone carriage return at the end": "a\rb\r",
  "nothing at all": "",
  "one line end": "\n",
  "other separators": "a\u2028b\u0085c\vd\fe\nf",
  "a byte order mark": "\ufeffa\nb\n",
  "a byte order mark in the middle": "a\n\ufeffb\n",
  "spaces and tabs": "  a \t\n\t\n",
  "letters of many kinds": "ä\né\u0301\n日本\n😀\n",
};

for (const [what, text] of Object.entries(TEXTS)) {
  for (const parts of [1, 3]) {
    program(
      `textFile of ${what}, in at least ${parts}`,
      `val r = sc.textFile(t.file("a.txt", ${JSON.stringify(text).replace("\\u000b", "\\u000b")}), ${parts}); Seq(r.collect().toSeq, r.count())`,
      async (vc, t) => {
        const r = vc.textFile(t.file("a.txt", text), parts);
        return [await r.collect(), await r.count()];
      },
    );
  }
}

program(
  "textFile cut anywhere loses and doubles no line",
  `val path = t.file("a.txt", (0 until 100).map(i => "line " + "x" * (i % 7) + i).mkString("\\r\\n")); (1 to 12).map(n => sc.textFile(path, n).collect().toSeq == sc.textFile(path, 1).collect().toSeq)`,
  async (vc, t) => {
    const lines = Array.from({ length: 100 }, (_, i) => `line ${"x".repeat(i % 7)}${i}`);
    const path = t.file("a.txt", lines.join("\r\n"));
    const same = [];
    for (let n = 1; n <= 12; n++)
      same.push(JSON.stringify(await vc.textFile(path, n).collect()) === JSON.stringify(lines));
    return same;
  },
);

const folder = (t: Toolbox): string => {
  for (const name of ["in/b.txt", "in/a.txt", "in/c.log", "in/_hidden.txt", "in/.dot.txt", "in/sub/d.txt"])
    t.file(name, `${name.slice(3)}\n`);
  return t.path("in");
};
const SCALA_FOLDER = `Seq("in/b.txt", "in/a.txt", "in/c.log", "in/_hidden.txt", "in/.dot.txt").foreach(n => t.file(n, n.drop(3) + "\\n")); val in = t.path("in")`;

for (const glob of ["*.txt", "?.log", "[ab].txt", "{a,c}.*", "*", "[^a].txt", "a.txt", "[a-b].txt"]) {
  program(
    `textFile of the glob ${glob}`,
    `${SCALA_FOLDER}; sc.textFile(in + "/${glob}").collect()`,
    (vc, t) => {
      for (const name of ["in/b.txt", "in/a.txt", "in/c.log", "in/_hidden.txt", "in/.dot.txt"])
        t.file(name, `${name.slice(3)}\n`);
      return vc.textFile(`${t.path("in")}/${glob}`).collect();
    },
    "multiset",
  );
}

program(
  "textFile of a folder with a folder in it is an error",
  `${SCALA_FOLDER}; t.file("in/sub/d.txt", "d\\n"); sc.textFile(in).collect()`,
  (vc, t) => vc.textFile(folder(t)).collect(),
);

program("textFile of an empty folder", `t.file("in/_x", ""); sc.textFile(t.path("in")).collect()`, (vc, t) => {
  t.file("in/_x", "");
  return vc.textFile(t.path("in")).collect();
});

program("textFile of a glob without a match is an error", `sc.textFile(t.path("none-*")).collect()`, (vc, t) =>
  vc.textFile(t.path("none-*")).collect(),
);

program(
  "textFile of a missing path is no error before an action",
  `sc.textFile(t.path("missing")).map(_.length); 1`,
  (vc, t) => {
    vc.textFile(t.path("missing")).map((line) => line.length);
    return 1;
  },
);

program(
  "textFile of a list of paths",
  `Seq("b", "a", "c").foreach(n => t.file(n + ".txt", n + "1\\n" + n + "2")); sc.textFile(Seq("b", "a").map(n => t.path(n + ".txt")).mkString(",")).collect()`,
  (vc, t) => {
    for (const name of ["b", "a", "c"]) t.file(`${name}.txt`, `${name}1\n${name}2`);
    return vc.textFile(["b", "a"].map((name) => t.path(`${name}.txt`))).collect();
  },
  "multiset",
);

program(
  "textFile of a comma list in one text",
  `Seq("b", "a", "c").foreach(n => t.file(n + ".txt", n + "1\\n" + n + "2")); sc.textFile(t.path("b.txt") + "," + t.path("a.txt")).collect()`,
  (vc, t) => {
    for (const name of ["b", "a", "c"]) t.file(`${name}.txt`, `${name}1\n${name}2`);
    return vc.textFile(`${t.path("b.txt")},${t.path("a.txt")}`).collect();
  },
  "multiset",
);

program(
  "textFile of gz files: one partition each",
  `t.file("in/a.gz", t.gzip("a1\\na2\\n")); t.file("in/b.txt.gz", t.gzip("b1")); val r = sc.textFile(t.path("in"), 1); Seq(r.collect().toSeq.sorted, r.getNumPartitions, sc.textFile(t.path("in/a.gz"), 5).getNumPartitions)`,
  async (vc, t) => {
    t.file("in/a.gz", t.gzip("a1\na2\n"));
    t.file("in/b.txt.gz", t.gzip("b1"));
    const r = vc.textFile(t.path("in"), 1);
    return [
      t.sorted(await r.collect()),
      await r.getNumPartitions(),
      await vc.textFile(t.path("in/a.gz"), 5).getNumPartitions(),
    ];
  },
);

program(
  "textFile of several gz members in one file",
  `t.file("a.gz", t.gzip("one\\n") ++ t.gzip("two\\n")); sc.textFile(t.path("a.gz")).collect()`,
  (vc, t) => {
    t.file("a.gz", Buffer.concat([t.gzip("one\n"), t.gzip("two\n")]));
    return vc.textFile(t.path("a.gz")).collect();
  },
);

program(
  "textFile: number of partitions of a small file",
  `val p = t.file("a.txt", "x" * 99 + "\\n"); Seq(1, 2, 3, 5).map(n => sc.textFile(p, n).getNumPartitions)`,
  (vc, t) => {
    const p = t.file("a.txt", `${"x".repeat(99)}\n`);
    return Promise.all([1, 2, 3, 5].map((n) => vc.textFile(p, n).getNumPartitions()));
  },
);

program(
  "textFile: which lines lie in which partition",
  `val p = t.file("a.txt", (0 until 10).map(_ + "234567\\n").mkString); Seq(1, 2, 3, 4, 8).map(n => sc.textFile(p, n).glom().collect().toSeq.map(_.toSeq.map(_.take(1))))`,
  (vc, t) => {
    const p = t.file("a.txt", Array.from({ length: 10 }, (_, i) => `${i}234567\n`).join(""));
    return Promise.all(
      [1, 2, 3, 4, 8].map(async (n) =>
        (await vc.textFile(p, n).glom().collect()).map((part) => part.map((line) => line[0])),
      ),
    );
  },
);

program("textFile of a file URL", `sc.textFile("file://" + t.file("a.txt", "a\\n")).collect()`, (vc, t) =>
  vc.textFile(`file://${t.file("a.txt", "a\n")}`).collect(),
);

program(
  "wholeTextFiles: names and texts",
  `Seq("b", "a", "c").foreach(n => t.file("in/" + n + ".txt", n + "\\r\\n")); t.file("in/empty.txt", ""); sc.wholeTextFiles(t.path("in")).map { case (p, x) => (p.split("/").last, x) }.collect().sortBy(_._1)`,
  async (vc, t) => {
    for (const name of ["b", "a", "c"]) t.file(`in/${name}.txt`, `${name}\r\n`);
    t.file("in/empty.txt", "");
    return t.sorted(
      await vc
        .wholeTextFiles(t.path("in"))
        .map(([p, x]): [string, string] => [p.split("/").at(-1) as string, x])
        .collect(),
    );
  },
);

program(
  "wholeTextFiles of gz and globs",
  `t.file("in/a.gz", t.gzip("zipped")); t.file("in/b.txt", "b"); sc.wholeTextFiles(t.path("in/*.gz")).values.collect()`,
  (vc, t) => {
    t.file("in/a.gz", t.gzip("zipped"));
    t.file("in/b.txt", "b");
    return vc.wholeTextFiles(t.path("in/*.gz")).values().collect();
  },
);

program(
  "binaryFiles and binaryRecords",
  `t.file("a.bin", Array[Byte](1, 2, 3, 4, 5, 6)); Seq(sc.binaryFiles(t.path("a.bin")).mapValues(_.toArray()).values.collect().toSeq, sc.binaryRecords(t.path("a.bin"), 2).collect().toSeq)`,
  async (vc, t) => {
    t.file("a.bin", new Uint8Array([1, 2, 3, 4, 5, 6]));
    return [
      await vc.binaryFiles(t.path("a.bin")).values().collect(),
      await vc.binaryRecords(t.path("a.bin"), 2).collect(),
    ];
  },
);

program(
  "binaryRecords of a file that is no whole number of records is an error",
  `t.file("a.bin", Array[Byte](1, 2, 3, 4, 5)); sc.binaryRecords(t.path("a.bin"), 2).collect()`,
  (vc, t) => vc.binaryRecords(t.file("a.bin", new Uint8Array([1, 2, 3, 4, 5])), 2).collect(),
);

program(
  "saveAsTextFile: names of parts and their texts",
  `sc.parallelize(Seq("a", "b", "", "d"), 3).saveAsTextFile(t.path("out")); Seq(t.list(t.path("out")), t.list(t.path("out")).filter(_.startsWith("part")).map(n => t.read(t.path("out/" + n))))`,
  async (vc, t) => {
    await vc.parallelize(["a", "b", "", "d"], 3).saveAsTextFile(t.path("out"));
    const names = t.list(t.path("out"));
    return [names, names.filter((name) => name.startsWith("part")).map((name) => t.read(t.path(`out/${name}`)))];
  },
);

program(
  "saveAsTextFile of empty partitions, of no partitions, and read again",
  `sc.parallelize(Seq("x"), 3).saveAsTextFile(t.path("out")); sc.emptyRDD[String].saveAsTextFile(t.path("none")); Seq(t.list(t.path("out")), t.list(t.path("none")), sc.textFile(t.path("out")).collect().toSeq)`,
  async (vc, t) => {
    await vc.parallelize(["x"], 3).saveAsTextFile(t.path("out"));
    await vc.emptyRDD().saveAsTextFile(t.path("none"));
    return [t.list(t.path("out")), t.list(t.path("none")), await vc.textFile(t.path("out")).collect()];
  },
);

program(
  "saveAsTextFile where something is already is an error",
  `t.file("out/x", ""); sc.parallelize(Seq("x"), 1).saveAsTextFile(t.path("out"))`,
  (vc, t) => {
    t.file("out/x", "");
    return vc.parallelize(["x"], 1).saveAsTextFile(t.path("out"));
  },
);

program(
  "saveAsTextFile with gzip and read again",
  `sc.parallelize(Seq("a", "ü", "c"), 2).saveAsTextFile(t.path("out"), classOf[org.apache.hadoop.io.compress.GzipCodec]); Seq(t.list(t.path("out")), t.list(t.path("out")).filter(_.startsWith("part")).map(n => t.gunzip(t.path("out/" + n))), sc.textFile(t.path("out")).collect().toSeq.sorted)`,
  async (vc, t) => {
    await vc.parallelize(["a", "ü", "c"], 2).saveAsTextFile(t.path("out"), { codec: "gzip" });
    const names = t.list(t.path("out"));
    return [
      names,
      names.filter((name) => name.startsWith("part")).map((name) => t.gunzip(t.path(`out/${name}`))),
      (await vc.textFile(t.path("out")).collect()).sort(),
    ];
  },
);

program(
  "saveAsTextFile of rows with line ends",
  `sc.parallelize(Seq("a\\nb", "c"), 1).saveAsTextFile(t.path("out")); Seq(t.read(t.path("out/part-00000")), sc.textFile(t.path("out")).count())`,
  async (vc, t) => {
    await vc.parallelize(["a\nb", "c"], 1).saveAsTextFile(t.path("out"));
    return [t.read(t.path("out/part-00000")), await vc.textFile(t.path("out")).count()];
  },
);

program(
  "saveAsObjectFile and objectFile",
  `sc.parallelize(Seq((1, "a"), (2, null)), 3).saveAsObjectFile(t.path("out")); val r = sc.objectFile[(Int, String)](t.path("out")); Seq(r.collect().toSeq.sortBy(_._1), t.list(t.path("out")).filter(!_.startsWith(".")))`,
  async (vc, t) => {
    await vc
      .parallelize<[number, string | null]>(
        [
          [1, "a"],
          [2, null],
        ],
        3,
      )
      .saveAsObjectFile(t.path("out"));
    return [t.sorted(await vc.objectFile(t.path("out")).collect()), t.list(t.path("out"))];
  },
);

program(
  "save of a sorted RDD, read again, keeps the order",
  `sc.parallelize((0 until 50).map(i => ((i * 7) % 50).toString), 4).sortBy(_.toInt).saveAsTextFile(t.path("out")); (0 until 4).flatMap(i => { val f = t.path(f"out/part-$i%05d"); if (new java.io.File(f).exists) t.read(f).split("\\n").toSeq.filter(_ != "") else Seq() })`,
  async (vc, t) => {
    await vc
      .range(0, 50, 1, 4)
      .map((i) => String((i * 7) % 50))
      .sortBy(Number)
      .saveAsTextFile(t.path("out"));
    return t
      .list(t.path("out"))
      .filter((name) => name.startsWith("part"))
      .flatMap((name) =>
        t
          .read(t.path(`out/${name}`))
          .split("\n")
          .filter((x) => x !== ""),
      );
  },
);
