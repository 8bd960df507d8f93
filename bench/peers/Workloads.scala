// The workloads of bench/workloads/ for Spark's RDDs, under the same names and with the same answers.
// Arguments: name, runs. Prints the time of each run in ms, then the answer, as one line of JSON.
import org.apache.spark.{SparkConf, SparkContext}

object Workloads {
  def rounded(value: Double): String = {
    // JavaScript's toPrecision(9) for numbers that need no exponent, and with one otherwise: compared as numbers by the caller.
    BigDecimal(value).round(new java.math.MathContext(9)).bigDecimal.toPlainString
  }

  def emptyJob(sc: SparkContext): String = sc.range(0, 4, 1, 4).count().toString

  def closures(sc: SparkContext): String = rounded(
    sc.range(0, 20000000L, 1, 2)
      .map(x => x + 1)
      .filter(x => x % 3 != 0)
      .map(x => x * 2)
      .map(x => x - 7)
      .filter(x => x % 5 != 0)
      .map(x => x * 0.5)
      .reduce((a, b) => a + b))

  def reduceByKey(sc: SparkContext): String = {
    val sums = sc.range(0, 3000000L, 1, 2).map(i => ((i * 7919 % 1000000).toInt, (i % 100).toInt)).reduceByKey((a, b) => a + b)
    val (keys, total) = sums.map { case (_, sum) => (1L, sum.toLong) }.reduce((a, b) => (a._1 + b._1, a._2 + b._2))
    s"$keys $total"
  }

  def join(sc: SparkContext): String = {
    val rows = 600000L
    val left = sc.range(0, rows, 1, 2).map(i => ((i * 31 % rows).toInt, i.toInt))
    val right = sc.range(0, rows, 1, 2).map(i => ((i * 17 % rows).toInt, (i * 2).toInt))
    val (count, total) = left.join(right).map { case (_, (a, b)) => (1L, ((a + b) % 1000).toLong) }.reduce((a, b) => (a._1 + b._1, a._2 + b._2))
    s"$count $total"
  }

  def pageRank(sc: SparkContext): String = {
    val pages = 50000L
    val links = sc.range(0, 300000L, 1, 2).map(i => ((i * 7919 % pages).toInt, ((i * 104729 + 13) % pages).toInt)).groupByKey().cache()
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

  val workloads: Map[String, SparkContext => String] = Map(
    "empty-job" -> emptyJob _,
    "closures" -> closures _,
    "reduce-by-key" -> reduceByKey _,
    "join" -> join _,
    "page-rank" -> pageRank _)

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
      val start = System.nanoTime()
      val answer = job(sc)
      ((System.nanoTime() - start) / 1e6, answer)
    }
    sc.stop()
    println(s"""{"times":[${runs.map(_._1).mkString(",")}],"answer":"${runs.last._2}"}""")
  }
}
