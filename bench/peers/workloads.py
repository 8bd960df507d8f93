"""The workloads of bench/workloads/ for PySpark, under the same names and with the same answers.

Arguments: name, runs, scale, then the paths of its files. Prints the times of each run in ms, then the answer, as one line of JSON.
Processor time is left out: it is spent in processes that come and go.
"""

import json
import sys
import time

from pyspark import SparkConf, SparkContext

scale = float(sys.argv[3])
files = sys.argv[4:]


def sized(size):
    return max(1, round(size * scale / 1000)) * 1000


def rounded(value):
    return f"{value:.9g}"


def add_pairs(a, b):
    return (a[0] + b[0], a[1] + b[1])


def closures(sc):
    return rounded(
        sc.range(0, sized(20_000_000), 1, 2)
        .map(lambda x: x + 1)
        .filter(lambda x: x % 3 != 0)
        .map(lambda x: x * 2)
        .map(lambda x: x - 7)
        .filter(lambda x: x % 5 != 0)
        .map(lambda x: x * 0.5)
        .reduce(lambda a, b: a + b)
    )


def word_count(sc):
    counts = sc.textFile(files[0]).flatMap(lambda line: line.split(" ")).map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b)
    words, score = counts.map(lambda pair: (1, pair[1] * len(pair[0]))).reduce(add_pairs)
    return f"{words} {score}"


def reduce_by_key(sc):
    keys = sized(1_000_000)
    sums = sc.range(0, sized(3_000_000), 1, 2).map(lambda i: (i * 7919 % keys, i % 100)).reduceByKey(lambda a, b: a + b)
    count, total = sums.map(lambda pair: (1, pair[1])).reduce(add_pairs)
    return f"{count} {total}"


def group_by_key(sc):
    keys = sized(100_000)
    groups = sc.range(0, sized(4_000_000), 1, 2).map(lambda i: (i * 7919 % keys, i)).groupByKey()
    count, score = groups.map(lambda pair: (1, len(pair[1]) * (pair[0] % 10))).reduce(add_pairs)
    return f"{count} {score}"


def join(sc):
    size = sized(600_000)
    left = sc.range(0, size, 1, 2).map(lambda i: (i * 31 % size, i))
    right = sc.range(0, size, 1, 2).map(lambda i: (i * 17 % size, i * 2))
    rows, total = left.join(right).map(lambda pair: (1, (pair[1][0] + pair[1][1]) % 1000)).reduce(add_pairs)
    return f"{rows} {total}"


def collect(sc):
    rows = sc.range(0, sized(1_000_000), 1, 2).map(lambda i: (f"key-{i}", i * 0.5)).collect()
    return f"{len(rows)} {rows[-1][0]} {rows[-1][1]}"


def distinct(sc):
    keys = sized(1_000_000)
    return str(sc.range(0, keys * 2, 1, 2).map(lambda i: f"user-{i * 7919 % keys}").distinct().count())


WORKLOADS = {
    "closures": closures,
    "word-count": word_count,
    "reduce-by-key": reduce_by_key,
    "group-by-key": group_by_key,
    "join": join,
    "collect": collect,
    "distinct": distinct,
}


def main():
    job = WORKLOADS[sys.argv[1]]
    conf = SparkConf().setMaster("local[2]").setAppName(sys.argv[1]).set("spark.ui.enabled", "false")
    sc = SparkContext(conf=conf)
    sc.setLogLevel("ERROR")
    times = []
    for _ in range(int(sys.argv[2])):
        start = time.perf_counter()
        answer = job(sc)
        times.append({"": {"wall": (time.perf_counter() - start) * 1000, "cpu": 0}})
    sc.stop()
    print(json.dumps({"times": times, "answer": answer}).replace('{"times": ', '{"times":'))


main()
