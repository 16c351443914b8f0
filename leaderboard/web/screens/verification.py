"""A verifier's findings: claimed against reproduced numbers."""

import pandas as pd
import streamlit as st
from pydantic import ValidationError

from dgbench.standings.number_format import percent
from dgbench.verification.record import Scores, VerificationRecord
from leaderboard.records import Verified
from leaderboard.web.markdown import plain


def evidence(kept: Verified) -> None:
    """Draw a signed record: its verdict, the numbers of both sides, and the whole of it."""
    try:
        record = VerificationRecord.model_validate_json(kept.document)
    except ValidationError:
        st.json(kept.document, expanded=2)
        return
    st.markdown(plain(record.summary))
    st.dataframe(numbers(record), hide_index=True, height="content")
    if record.fresh is not None:
        runs = ", ".join(
            f"{run.scores.headline:.3f} (generator seed {run.generator_seed}, seed {run.seed})"
            for run in record.fresh.runs
        )
        st.caption(plain(f"The runs: {runs}."))
    kept_from = [measure.name for measure in record.measures if measure.enforced]
    not_kept_from = [measure.name for measure in record.measures if not measure.enforced]
    st.caption(
        f"Sandboxed: {', '.join(kept_from) or 'nothing'}."
        + (f" Not sandboxed: {', '.join(not_kept_from)}." if not_kept_from else "")
    )
    st.caption(f"Signed by {plain(kept.verifier)} with the Ed25519 key `{record.public_key}`.")
    st.json(kept.document, expanded=False)


def numbers(record: VerificationRecord) -> pd.DataFrame:
    """Make a table of claimed and reproduced scores."""
    if record.replay is not None:
        claimed, reproduced = record.replay.claimed, record.replay.reproduced
        agreement = record.replay.agreement
    elif record.fresh is not None:
        claimed, reproduced = record.fresh.claimed, record.fresh.reproduced
        agreement = {}
    else:
        return pd.DataFrame()
    there, here = _written(claimed), _written(reproduced)
    table = pd.DataFrame(
        {
            "Score": list(there),
            "Claimed": list(there.values()),
            "Reproduced": [here.get(name, "") for name in there],
        }
    )
    if agreement:
        table["Same predictions"] = [
            percent(agreement[name]) if name in agreement else "" for name in there
        ]
    if record.fresh is not None:
        interval = f"{record.fresh.low:.3f} to {record.fresh.high:.3f}"
        table[f"{record.fresh.level:.0%} interval"] = [interval, *[""] * (len(table) - 1)]
    return table


def _written(scores: Scores) -> dict[str, str]:
    numbers = {"Headline": f"{scores.headline:.3f}"}
    numbers |= {
        name: f"{value:.3f}"
        for name, value in {"MPS": scores.mps, "R": scores.retention}.items()
        if value is not None
    }
    return numbers | {name: percent(value) for name, value in scores.accuracy.items()}
