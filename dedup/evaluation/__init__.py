"""How well a result agrees with labels that people gave, and which pairs to label next."""

from dedup.evaluation.comparison import (
    ArticleReport,
    LevelScore,
    PairReport,
    Share,
    score,
    score_articles,
    score_pairs,
)
from dedup.evaluation.gold import ArticleGold, PairGold, gold_of
from dedup.evaluation.label_sheets import label_sheet
from dedup.evaluation.mistakes import Mistake
from dedup.evaluation.scores import (
    BCubedScore,
    PairScore,
    adjusted_rand,
    b_cubed,
    pair_sets,
    pairwise,
)

__all__ = [
    "ArticleGold",
    "ArticleReport",
    "BCubedScore",
    "LevelScore",
    "Mistake",
    "PairGold",
    "PairReport",
    "PairScore",
    "Share",
    "adjusted_rand",
    "b_cubed",
    "gold_of",
    "label_sheet",
    "pair_sets",
    "pairwise",
    "score",
    "score_articles",
    "score_pairs",
]
