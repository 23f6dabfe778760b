"""Scores the lines of a file with Python's vaderSentiment and prints texts per second, one number a round.

Called by against_python.rs; needs `pip install vaderSentiment==3.3.2`.
"""

import sys
import time

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

with open(sys.argv[1], encoding="utf-8", newline="\n") as file:
    texts = file.read().split("\n")[:-1]
analyzer = SentimentIntensityAnalyzer()
for _ in range(int(sys.argv[2])):
    started = time.perf_counter()
    total = sum(analyzer.polarity_scores(text)["compound"] for text in texts)
    print(len(texts) / (time.perf_counter() - started), total, flush=True)
