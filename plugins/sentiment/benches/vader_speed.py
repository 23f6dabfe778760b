"""Scores the lines of a file with Python's vaderSentiment and prints texts a second of processor time and the sum
of the scores, a line a round.

Called by against_python.rs; needs `pip install vaderSentiment==3.3.2`.
"""

import sys
import time

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

with open(sys.argv[1], encoding="utf-8", newline="\n") as file:
    texts = file.read().split("\n")[:-1]
analyzer = SentimentIntensityAnalyzer()
for _ in range(int(sys.argv[2])):
    started = time.process_time()
    total = sum(analyzer.polarity_scores(text)["compound"] for text in texts)
    print(len(texts) / (time.process_time() - started), total, flush=True)
