// The Spark side: runs every program on one context and writes the answers. Programs are put in by ask-spark.ts.

import java.nio.file.{Files, Paths}
import java.util.Base64
import org.apache.spark.{Partitioner, SparkConf, SparkContext}
import org.apache.spark.rdd.RDD
import org.apache.spark.util.AccumulatorV2

object UndefinedSide

/** A plain JavaScript object. */
case class Obj(entries: (String, Any)*)

/** A JavaScript Date. */
case class Millis(epoch: Long)

/** A user's partitioner: keys modulo the number of partitions, without an equality of its own. */
class ByModulo(n: Int) extends Partitioner {
  def numPartitions: Int = n
  def getPartition(key: Any): Int = key.asInstanceOf[Int] % n
}

/** The same with an equality. */
class EqualByModulo(n: Int) extends ByModulo(n) {
  override def equals(other: Any): Boolean = other match {
    case that: EqualByModulo => that.numPartitions == numPartitions
    case _ => false
  }
  override def hashCode: Int = n
}

class MaxAccumulator extends AccumulatorV2[Int, Int] {
  private var max = Int.MinValue
  def isZero: Boolean = max == Int.MinValue
  def copy(): MaxAccumulator = { val same = new MaxAccumulator; same.max = max; same }
  def reset(): Unit = max = Int.MinValue
  def add(v: Int): Unit = max = math.max(max, v)
  def merge(other: AccumulatorV2[Int, Int]): Unit = max = math.max(max, other.value)
  def value: Int = max
}

class Toolbox {
  private val dir = Files.createTempDirectory("volley-spark-")
  def path(name: String): String = dir.resolve(name).toString
  def file(name: String, content: String): String = file(name, content.getBytes("UTF-8"))
  def file(name: String, content: Array[Byte]): String = {
    val target = dir.resolve(name)
    Files.createDirectories(target.getParent)
    Files.write(target, content).toString
  }
  def gzip(text: String): Array[Byte] = {
    val bytes = new java.io.ByteArrayOutputStream
    val out = new java.util.zip.GZIPOutputStream(bytes)
    out.write(text.getBytes("UTF-8"))
    out.close()
    bytes.toByteArray
  }
  def gunzip(path: String): String =
    new String(new java.util.zip.GZIPInputStream(Files.newInputStream(Paths.get(path))).readAllBytes, "UTF-8")
  def read(path: String): String = new String(Files.readAllBytes(Paths.get(path)), "UTF-8")
  def list(path: String): Seq[String] = new java.io.File(path).list.toSeq.filterNot(_.endsWith(".crc")).sorted
  def partitionerOf(rdd: RDD[_]): Any = rdd.partitioner.map(_.numPartitions).getOrElse("none")
  def fails(call: => Any): Boolean = try { call; false } catch { case _: Exception => true }
  def cleanUp(): Unit = Toolbox.delete(dir.toFile)
}

object Toolbox {
  def delete(file: java.io.File): Unit = {
    Option(file.listFiles).foreach(_.foreach(delete))
    file.delete()
  }
}

object Encode {
  def text(value: Any): String = value match {
    case null => "null"
    case UndefinedSide | None | () => """{"$":"undefined"}"""
    case Some(inner) => text(inner)
    case s: String => quote(s)
    case c: Char => quote(c.toString)
    case b: Boolean => b.toString
    case d: Double => number(d)
    case n: Int => n.toString
    case n: Long => require(math.abs(n) <= (1L << 53)); n.toString
    case n: BigInt => s"""{"$$":"bigint","v":"$n"}"""
    case Millis(epoch) =>
      val form = java.time.format.DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(java.time.ZoneOffset.UTC)
      s"""{"$$":"Date","v":"${form.format(java.time.Instant.ofEpochMilli(epoch))}"}"""
    case bytes: Array[Byte] => s"""{"$$":"bytes","v":"${Base64.getEncoder.encodeToString(bytes)}"}"""
    case Obj(entries @ _*) => entries.map { case (k, v) => s"${quote(k)}:${text(v)}" }.mkString("{", ",", "}")
    case m: scala.collection.Map[_, _] => s"""{"$$":"Map","v":${text(m.toSeq)}}"""
    case s: scala.collection.Set[_] => s"""{"$$":"Set","v":${text(s.toSeq)}}"""
    case a: Array[_] => text(a.toSeq)
    case i: Iterable[_] => i.map(text).mkString("[", ",", "]")
    case p: Product => p.productIterator.map(text).mkString("[", ",", "]")
    case other => throw new IllegalArgumentException(s"no encoding for ${other.getClass}")
  }

  private def number(d: Double): String =
    if (d.isNaN) """{"$":"NaN"}"""
    else if (d.isInfinite) s"""{"$$":"${if (d > 0) "Infinity" else "-Infinity"}"}"""
    else if (d == 0 && 1 / d < 0) """{"$":"-0"}"""
    else if (d == math.rint(d) && math.abs(d) < 1e15) d.toLong.toString
    else d.toString

  def quote(s: String): String = {
    val out = new StringBuilder("\"")
    for (c <- s) c match {
      case '"' => out ++= "\\\""
      case '\\' => out ++= "\\\\"
      case c if c < 32 || c > 126 => out ++= f"\\u${c.toInt}%04x"
      case c => out += c
    }
    out += '"'
    out.toString
  }
}

object Answers {
  type Program = (SparkContext, Toolbox) => Any

  private def answer(sc: SparkContext, program: Program): String = {
    val toolbox = new Toolbox
    try s""""value":${Encode.text(program(sc, toolbox))}"""
    catch { case error: Throwable => s""""throws":${Encode.quote(error.toString.takeWhile(_ != '\n').take(160))}""" }
    finally toolbox.cleanUp()
  }

  def write(path: String, programs: Seq[(String, Program)]): Unit = {
    val conf = new SparkConf().setMaster("local[2]").setAppName("answers").set("spark.ui.enabled", "false")
    val sc = new SparkContext(conf)
    sc.setLogLevel("OFF")
    val lines = programs.map { case (id, program) => s"${Encode.quote(id)}:{${answer(sc, program)}}" }
    Files.write(Paths.get(path), lines.mkString("{", ",\n", "}").getBytes("UTF-8"))
    sc.stop()
  }
}
