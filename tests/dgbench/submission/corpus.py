"""All malformed bundles: a name, the code that refuses it, and what makes it."""

from tests.dgbench.submission.malformed_elsewhere import ELSEWHERE
from tests.dgbench.submission.malformed_manifests import MANIFESTS
from tests.dgbench.submission.malformed_predictions import DATA, PREDICTED
from tests.dgbench.submission.malformed_zips import ZIPS

MALFORMED = [*ZIPS, *MANIFESTS, *DATA, *PREDICTED, *ELSEWHERE]
