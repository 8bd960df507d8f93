// The workloads of bench/workloads/ for Spark's RDDs, under the same names and with the same answers.
// Arguments: name, runs, scale, then the paths of its files. Prints the times of each run in ms by part, then the answer, as one line of JSON.
import org.apache.spark.{SparkConf, SparkContext}
import scala.collection.mutable

class Bench(val sc: SparkContext, val scale: Double, val files: Seq[String]) {
  private val partToSpent = mutable.LinkedHashMap[String, mutable.ArrayBuffer[(Double, Double)]]()

  def sized(size: Long): Long = math.max(1, math.round(size * scale / 1000)) * 1000

  private def cpuNow(): Double = java.lang.management.ManagementFactory.getOperatingSystemMXBean
    .asInstanceOf[com.sun.management.OperatingSystemMXBean].getProcessCpuTime / 1e6

  def time[T](part: String)(job: => T): T = {
    val (cpu, start) = (cpuNow(), System.nanoTime())
    val value = job
    partToSpent.getOrElseUpdate(part, mutable.ArrayBuffer()) += (((System.nanoTime() - start) / 1e6, cpuNow() - cpu))
    value
  }

  /** Of the whole run, or of the parts that were timed within it. */
  def parts: String = {
    val spent = if (partToSpent.size > 1) partToSpent.toSeq.filter(_._1 != "") else partToSpent.toSeq
    spent.map { case (part, all) =>
      val (wall, cpu) = (all.map(_._1).sorted.apply(all.size / 2), all.map(_._2).sorted.apply(all.size / 2))
      s""""$part":{"wall":$wall,"cpu":$cpu}"""
    }.mkString("{", ",", "}")
  }
}

case class Point(x: Array[Double], y: Double)
case class Order(id: Int, day: String, customer: String, country: String, quantity: Int, price: Double, note: String)

object Workloads {
  // JavaScript's toPrecision(9) for numbers that need no exponent, and with one otherwise: compared as numbers by the caller.
  def rounded(value: Double): String = BigDecimal(value).round(new java.math.MathContext(9)).bigDecimal.toPlainString

  def emptyJob(b: Bench): String = (1 to 100).map(_ => b.time("job")(b.sc.range(0, 4, 1, 4).count())).sum.toString

  def wholeProcess(b: Bench): String = b.sc.parallelize(Seq(1, 2, 3, 4), 4).map(_ + 1).collect().mkString(",")

  def closures(b: Bench): String = rounded(
    b.sc.range(0, b.sized(20000000L), 1, 2)
      .map(x => x + 1)
      .filter(x => x % 3 != 0)
      .map(x => x * 2)
      .map(x => x - 7)
      .filter(x => x % 5 != 0)
      .map(x => x * 0.5)
      .reduce((a, b) => a + b))

  def wordCount(b: Bench): String = {
    val counts = b.sc.textFile(b.files.head).flatMap(_.split(" ")).map(word => (word, 1)).reduceByKey(_ + _)
    val (words, score) = counts.map { case (word, count) => (1L, count.toLong * word.length) }.reduce((a, b) => (a._1 + b._1, a._2 + b._2))
    s"$words $score"
  }

  def reduceByKey(b: Bench): String = {
    val keyCount = b.sized(1000000L)
    val sums = b.sc.range(0, b.sized(3000000L), 1, 2).map(i => ((i * 7919 % keyCount).toInt, (i % 100).toInt)).reduceByKey((a, b) => a + b)
    val (keys, total) = sums.map { case (_, sum) => (1L, sum.toLong) }.reduce((a, b) => (a._1 + b._1, a._2 + b._2))
    s"$keys $total"
  }

  def groupByKey(b: Bench): String = {
    val keyCount = b.sized(100000L)
    val (keys, score) = b.sc.range(0, b.sized(4000000L), 1, 2)
      .map(i => ((i * 7919 % keyCount).toInt, i.toInt))
      .groupByKey()
      .map { case (key, values) => (1L, values.size.toLong * (key % 10)) }
      .reduce((a, b) => (a._1 + b._1, a._2 + b._2))
    s"$keys $score"
  }

  def sortBy(b: Bench): String = {
    val ends = b.sc.range(0, b.sized(2000000L), 1, 2)
      .map(i => (i * 7919 % 2000003) / 7.0)
      .sortBy(x => x)
      .mapPartitions { rows =>
        var (count, last, falls, first) = (0L, -1.0, 0L, -1.0)
        for (x <- rows) {
          if (x < last) falls += 1
          if (count == 0) first = x
          count += 1
          last = x
        }
        Iterator((count, falls, first, last))
      }
      .collect().filter(_._1 != 0)
    s"${ends.map(_._1).sum} ${ends.map(_._2).sum} ${rounded(ends.head._3)} ${rounded(ends.last._4)}"
  }

  def fallsOf(rows: Iterator[String]): Iterator[(Long, Long, String, String)] = {
    var (count, last, falls, first) = (0L, "", 0L, "")
    for (row <- rows) {
      if (row < last) falls += 1
      if (count == 0) first = row
      count += 1
      last = row
    }
    Iterator((count, falls, first, last))
  }

  def endsOf(all: Array[(Long, Long, String, String)]): String = {
    val ends = all.filter(_._1 != 0)
    s"${ends.map(_._1).sum} ${ends.map(_._2).sum} ${ends.head._3} ${ends.last._4}"
  }

  def sortLines(b: Bench): String = endsOf(
    b.sc.textFile(b.files.head).map(line => (line.substring(0, 10), line)).sortByKey().mapPartitions(rows => fallsOf(rows.map(_._1))).collect())

  def join(b: Bench): String = {
    val rows = b.sized(600000L)
    val left = b.sc.range(0, rows, 1, 2).map(i => ((i * 31 % rows).toInt, i.toInt))
    val right = b.sc.range(0, rows, 1, 2).map(i => ((i * 17 % rows).toInt, (i * 2).toInt))
    val (count, total) = left.join(right).map { case (_, (a, b)) => (1L, ((a + b) % 1000).toLong) }.reduce((a, b) => (a._1 + b._1, a._2 + b._2))
    s"$count $total"
  }

  def coordinate(row: Long, dimension: Int): Double = (row * 7919 + dimension * 104729L) % 1000003 / 1000003.0 * 2 - 1

  def regression(inPlace: Boolean)(b: Bench): String = {
    val (rows, dimensions) = (b.sized(1000000L), 16)
    val points = b.sc.range(0, rows, 1, 2).map { i =>
      val y = if (i % 2 == 0) 1.0 else -1.0
      Point(Array.tabulate(dimensions)(d => coordinate(i, d) + y * 0.3), y)
    }.cache()
    b.time("load")(points.count())
    var w = new Array[Double](dimensions)
    for (_ <- 1 to 5) {
      val now = w
      val gradient = b.time("iteration") {
        if (inPlace) points.aggregate(new Array[Double](dimensions))(
          (sum, p) => {
            var dot = 0.0
            var d = 0
            while (d < p.x.length) { dot += p.x(d) * now(d); d += 1 }
            val scale = p.y / (1 + math.exp(p.y * dot))
            d = 0
            while (d < p.x.length) { sum(d) += p.x(d) * scale; d += 1 }
            sum
          },
          (a, b) => a.indices.map(d => a(d) + b(d)).toArray)
        else points.map { p =>
          var dot = 0.0
          var d = 0
          while (d < p.x.length) { dot += p.x(d) * now(d); d += 1 }
          val scale = p.y / (1 + math.exp(p.y * dot))
          val scaled = new Array[Double](p.x.length)
          d = 0
          while (d < p.x.length) { scaled(d) = p.x(d) * scale; d += 1 }
          scaled
        }.reduce { (a, b) =>
          val sum = new Array[Double](a.length)
          var d = 0
          while (d < a.length) { sum(d) = a(d) + b(d); d += 1 }
          sum
        }
      }
      w = w.indices.map(d => w(d) + 0.5 * gradient(d) / rows).toArray
    }
    points.unpersist(true)
    w.map(rounded).mkString(" ")
  }

  def pageRank(b: Bench): String = {
    val pages = b.sized(50000L)
    val links = b.sc.range(0, b.sized(300000L), 1, 2).map(i => ((i * 7919 % pages).toInt, ((i * 104729 + 13) % pages).toInt)).groupByKey().cache()
    var ranks = links.mapValues(_ => 1.0)
    for (_ <- 1 to 10) {
      ranks = links.join(ranks)
        .flatMap { case (_, (targets, rank)) => targets.map(target => (target, rank / targets.size)) }
        .reduceByKey((a, b) => a + b)
        .mapValues(sum => 0.15 + 0.85 * sum)
    }
    val total = ranks.map { case (page, rank) => (page % 7) * rank }.reduce((a, b) => a + b)
    links.unpersist(true)
    rounded(total)
  }

  def kMeans(b: Bench): String = {
    val (dimensions, centerCount) = (8, 8)
    def pointOf(i: Long): Array[Double] = Array.tabulate(dimensions)(d => coordinate(i, d) + i % centerCount)
    val points = b.sc.range(0, b.sized(2000000L), 1, 2).map(i => Array.tabulate(8)(d => coordinate(i, d) + i % 8)).cache()
    b.time("load")(points.count())
    val centers = Array.tabulate(centerCount)(c => pointOf(c))
    for (_ <- 1 to 4) {
      val now = centers.map(_.clone)
      val sums = b.time("iteration") {
        points.map(p => (closest(p, now), (p, 1))).reduceByKey { (left, right) =>
          val ((a, m), (b, n)) = (left, right)
          val sum = new Array[Double](a.length)
          var d = 0
          while (d < a.length) { sum(d) = a(d) + b(d); d += 1 }
          (sum, m + n)
        }.collect()
      }
      for ((c, (sum, count)) <- sums) centers(c) = sum.map(_ / count)
    }
    points.unpersist(true)
    centers.map(_.map(rounded).mkString(" ")).mkString(" ")
  }

  def closest(point: Array[Double], centers: Array[Array[Double]]): Int = {
    var (best, least, c) = (0, Double.PositiveInfinity, 0)
    while (c < centers.length) {
      val center = centers(c)
      var (distance, d) = (0.0, 0)
      while (d < point.length) {
        val difference = point(d) - center(d)
        distance += difference * difference
        d += 1
      }
      if (distance < least) { least = distance; best = c }
      c += 1
    }
    best
  }

  def csvScan(b: Bench): String = {
    val orders = b.sc.textFile(b.files.head).map { line =>
      val f = line.split(",")
      Order(f(0).toInt, f(1), f(2), f(3), f(4).toInt, f(5).toDouble, f(6))
    }.cache()
    val rows = b.time("load")(orders.count())
    var total = 0.0
    for (_ <- 1 to 5) total = b.time("scan")(orders.filter(_.country == "CH").map(order => order.quantity * order.price).sum())
    orders.unpersist(true)
    s"$rows ${rounded(total)}"
  }

  def collect(b: Bench): String = {
    val rows = b.sc.range(0, b.sized(1000000L), 1, 2).map(i => (s"key-$i", i * 0.5)).collect()
    s"${rows.length} ${rows.last._1} ${rounded(rows.last._2)}"
  }

  def distinct(b: Bench): String = {
    val keyCount = b.sized(1000000L)
    b.sc.range(0, keyCount * 2, 1, 2).map(i => s"user-${i * 7919 % keyCount}").distinct().count().toString
  }

  def smallMemory(b: Bench): String = {
    val (rows, keyCount) = (b.sized(7000000L), b.sized(700000L))
    endsOf(
      b.sc.range(0, rows, 1, 8)
        .map(i => ((i * 7919 % keyCount).toInt, s"value number ${i * 31 % rows}"))
        .groupByKey()
        .flatMap { case (key, values) => values.map(value => (key, value)) }
        .sortBy { case (key, value) => s"$value $key" }
        .mapPartitions(pairs => fallsOf(pairs.map(_._2)))
        .collect())
  }

  val workloads: Map[String, Bench => String] = Map(
    "whole-process" -> wholeProcess _,
    "empty-job" -> emptyJob _,
    "closures" -> closures _,
    "word-count" -> wordCount _,
    "reduce-by-key" -> reduceByKey _,
    "group-by-key" -> groupByKey _,
    "sort-by" -> sortBy _,
    "sort-lines" -> sortLines _,
    "join" -> join _,
    "logistic-regression" -> regression(false) _,
    "logistic-regression-in-place" -> regression(true) _,
    "logistic-regression-typed" -> regression(false) _,
    "page-rank" -> pageRank _,
    "k-means" -> kMeans _,
    "csv-scan" -> csvScan _,
    "collect" -> collect _,
    "distinct" -> distinct _,
    "small-memory" -> smallMemory _)

  def main(args: Array[String]): Unit = {
    val conf = new SparkConf()
      .setMaster("local[2]")
      .setAppName(args(0))
      .set("spark.ui.enabled", "false")
      .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
    val sc = new SparkContext(conf)
    sc.setLogLevel("ERROR")
    val job = workloads(args(0))
    val runs = (1 to args(1).toInt).map { _ =>
      val bench = new Bench(sc, args(2).toDouble, args.drop(3).toSeq)
      val answer = bench.time("")(job(bench))
      (bench.parts, answer)
    }
    sc.stop()
    println(s"""{"times":[${runs.map(_._1).mkString(",")}],"answer":"${runs.last._2}"}""")
  }
}
