"""The form for a bundle, with the report on what is wrong with it or what it scored."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from data_gen.foundation.errors import DGBenchError
from dgbench.standings.limits import FULL_SEEDS, RANKED_SEEDS
from dgbench.submission.format.members import MAX_BUNDLE_BYTES, MIB
from dgbench.submission.format.rejection import RejectedError
from leaderboard.columns import score_columns
from leaderboard.intake.preview import Preview
from leaderboard.records import Identity, Receipt, RefusedError
from leaderboard.web import links, printed
from leaderboard.web.markdown import plain
from leaderboard.web.screens.report import preview, refusal
from leaderboard.web.screens.sign_in import signed_in
from leaderboard.web.session import service, site

_CHECKED, _RECEIVED = "dgbench_checked", "dgbench_received"


def page() -> None:
    """Draw the form, the report and the receipt."""
    st.title("Submit a method")
    left, right = st.columns(2, gap="large")
    with right:
        _by_command_line()
    with left:
        who = signed_in(why="Sign in to submit. Everyone may read without.")
        if who is not None:
            _form(who)


def _form(who: Identity) -> None:
    if "submitter" not in who.roles:
        st.warning("This token may not submit. Ask for one with the role submitter.")
        return
    file = st.file_uploader(
        "Bundle",
        type="dgsub",
        max_upload_size=MAX_BUNDLE_BYTES // MIB,
        help="What `dgbench bundle` writes: predictions, a manifest, a model card.",
    )
    st.caption(
        "It is checked at once, and nothing is stored until you submit it. Then its scores, "
        "predictions and manifest are public. You can withdraw a submission, but it stays in the "
        "history."
    )
    receipt = _receipt_of(file)
    if receipt is not None:
        _receipt(receipt)
        return
    checked = None if file is None else _checked(file, who)
    if isinstance(checked, Preview):
        preview(checked)
    elif checked is not None:
        refusal(checked)
    is_valid = isinstance(checked, Preview)
    if st.button("Submit it", type="primary", disabled=not is_valid) and file is not None:
        _receive(file, who)


def _checked(file: UploadedFile, who: Identity) -> Preview | DGBenchError:
    """Check a file once, although every click draws the page anew."""
    earlier = st.session_state.get(_CHECKED)
    if earlier is not None and earlier[0] == (file.file_id, who):
        outcome: Preview | DGBenchError = earlier[1]
        return outcome
    try:
        with st.spinner("Checking the bundle"):
            outcome = service().check(file.getvalue(), who)
    except DGBenchError as error:
        outcome = error
    if not _may_pass(outcome):
        st.session_state[_CHECKED] = (file.file_id, who), outcome
    return outcome


def _may_pass(outcome: Preview | DGBenchError) -> bool:
    """Tell whether the same file may be judged otherwise on another day or by a new process."""
    if isinstance(outcome, RefusedError):
        return outcome.retry_after is not None
    return not isinstance(outcome, Preview | RejectedError)


def _receive(file: UploadedFile, who: Identity) -> None:
    try:
        with st.spinner("Scoring the predictions"):
            receipt = service().receive(file.getvalue(), who)
    except DGBenchError as error:
        refusal(error)
    else:
        st.session_state[_RECEIVED] = file.file_id, receipt
        st.rerun()


def _receipt_of(file: UploadedFile | None) -> Receipt | None:
    """Return the receipt of the file that is still chosen."""
    earlier = st.session_state.get(_RECEIVED)
    if file is None or earlier is None or earlier[0] != file.file_id:
        return None
    receipt: Receipt = earlier[1]
    return receipt


def _receipt(receipt: Receipt) -> None:
    row = receipt.row
    new = "Accepted" if receipt.is_new else "These predictions had been submitted before"
    st.success(f"**{new}.** {plain(row.display_name or row.method)} on {plain(row.benchmark)}")
    first, second, third = st.columns(3)
    is_ranked = row.rank is not None
    first.metric("Rank", f"{row.rank}, tier {row.tier}" if is_ranked else "not ranked")
    score, interval = score_columns(row.headline.name)
    second.metric(score.title, score.text(row))
    third.metric("95 % interval", interval.text(row))
    for flag in receipt.flags:
        st.warning(f"A moderator will look at it: {plain(flag)}")
    st.markdown("Permanent link:")
    st.code(
        links.address("submission", {"id": receipt.submission_id}), language=None, wrap_lines=True
    )
    links.link("submission", "Open the submission", id=receipt.submission_id)


def _by_command_line() -> None:
    st.subheader("On the command line")
    printed.show(printed.submitting(links.site(), links.scope().benchmark))
    st.markdown(
        "`dgbench validate` says the same as this page, and the scores too. The last command takes "
        "your token from the variable `DGBENCH_TOKEN`."
    )
    st.caption(plain(site().ask_for_a_token))
    st.subheader("What counts")
    st.markdown(
        f"- {FULL_SEEDS} seeds make a full entry, {RANKED_SEEDS} or {FULL_SEEDS - 1} a provisional "
        "one.\n"
        "- Scores are recomputed here from the predictions. Typed numbers are never ranked.\n"
        "- The same predictions twice are one submission.\n"
        "- The scores of a new row are *recomputed*, not verified. Higher levels need a verifier, "
        "who trains it again."
    )
    links.link("rules", "All rules, with a worked example")
