"""Synthetic companyfacts for all index members, with the truth about them: for the demo, the tests and the benchmark.

Shares no code with the rooms that it tests. Everything in it says "synthetic".
"""

from loader.demo.corpus import Corpus, build_corpus

__all__ = ["Corpus", "build_corpus"]
