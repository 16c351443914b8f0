"""The probe is scikit-learn's logistic regression, and reads what is there."""

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from dgbench.training.probes import fit_linear


def test_the_fit_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 12)).astype(np.float32)
    y = (x @ rng.normal(size=(12, 4)) + rng.normal(size=(600, 4))).argmax(1)
    ours = fit_linear(torch.tensor(x), torch.tensor(y), 4).numpy()
    theirs = LogisticRegression(C=1.0, max_iter=2000, tol=1e-8).fit(x, y)
    # Softmax weights are free up to a shift that is the same for all classes.
    coef = ours[:, :-1] - ours[:, :-1].mean(0)
    np.testing.assert_allclose(coef, theirs.coef_ - theirs.coef_.mean(0), atol=5e-3)
    intercept = ours[:, -1] - ours[:, -1].mean()
    np.testing.assert_allclose(intercept, theirs.intercept_ - theirs.intercept_.mean(), atol=5e-3)


def test_a_value_that_is_written_in_a_feature_is_read():
    values = torch.arange(500) % 10
    x = torch.cat([torch.nn.functional.one_hot(values, 10).float(), torch.zeros(500, 3)], dim=1)
    weights = fit_linear(x, values, 10)
    assert ((x @ weights[:, :-1].T + weights[:, -1]).argmax(1) == values).all()
