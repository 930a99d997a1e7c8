"""Writes data/sklearn.json: scikit-learn's figures on three fixed score vectors (float32, as cochlea holds them).

    python -m venv venv && venv/bin/pip install scikit-learn==1.7.2 numpy==2.2.6
    venv/bin/python test/golden/make_sklearn.py
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn import metrics


def case(name, scores, truth, threshold):
    scores = np.asarray(scores, dtype=np.float32)
    truth = np.asarray(truth, dtype=np.int64)
    found = (scores >= np.float32(threshold)).astype(np.int64)
    fpr, tpr, roc_at = metrics.roc_curve(truth, scores, drop_intermediate=False)
    tn, fp, fn, tp = metrics.confusion_matrix(truth, found, labels=[0, 1]).ravel()
    return {
        "name": name,
        "scores": [float(s) for s in scores],
        "truth": truth.tolist(),
        "threshold": threshold,
        "accuracy": metrics.accuracy_score(truth, found),
        "rocAuc": metrics.roc_auc_score(truth, scores),
        "pAuc": metrics.roc_auc_score(truth, scores, max_fpr=0.1),
        "prAuc": metrics.average_precision_score(truth, scores),
        "logLoss": metrics.log_loss(truth, scores) if scores.min() >= 0 and scores.max() <= 1 else None,
        "precision": metrics.precision_score(truth, found),
        "recall": metrics.recall_score(truth, found),
        "f1": metrics.f1_score(truth, found),
        "confusionMatrix": {"tp": int(tp), "fp": int(fp), "fn": int(fn), "tn": int(tn)},
        "roc": {"fpr": fpr.tolist(), "tpr": tpr.tolist(), "threshold": [None if np.isinf(t) else float(t) for t in roc_at]},
    }


def main():
    random = np.random.default_rng(20)
    truth = (random.random(120) < 0.3).astype(int)
    smooth = 1 / (1 + np.exp(-(1.6 * truth - 0.8 + random.normal(size=120))))
    cases = [
        case("smooth", smooth, truth, 0.5),
        case("ties", np.round(smooth * 8) / 8, truth, 0.5),  # many ties, and exact 0 and 1 for the clip of log-loss
        case("unbounded", random.normal(size=60) * 3 + truth[:60], truth[:60], 1.0),
    ]
    cases[1:1] = [case("certain and wrong", [0.0, 1.0, 1.0, 0.0, 0.25, 0.75], [1, 0, 1, 0, 0, 1], 0.5)]
    out = {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "cases": cases}
    path = pathlib.Path(__file__).parent / "data" / "sklearn.json"
    path.write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
