// Shows HTML of the server's, and tells it of heads and ticks. Text in it is escaped there.
export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".view");
  if (root.shown !== data.html) {
    const scrolled = root.firstElementChild ? root.firstElementChild.scrollLeft : 0;
    const focused = parentElement.activeElement || parentElement.ownerDocument?.activeElement;
    const key = focused && root.contains(focused) ? focused.dataset.key : undefined;
    root.innerHTML = data.html;
    root.shown = data.html;
    if (root.firstElementChild) root.firstElementChild.scrollLeft = scrolled;
    watchWidth(root);
    if (key) root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }
  root.onclick = (event) => {
    const is_plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    const link = event.target.closest("a[data-open]");
    const head = event.target.closest("button[data-sort]");
    if (link && is_plain) {
      event.preventDefault();
      // As a step forward that the browser makes: Streamlit follows those, and enters nothing more.
      const view = parentElement.ownerDocument?.defaultView ?? window;
      view.history.pushState({}, "", link.href);
      view.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    } else if (head) {
      setTriggerValue("sort", head.dataset.sort);
    }
  };
  root.onchange = (event) => {
    if (event.target.matches("input[type=checkbox]")) {
      const ticked = root.querySelectorAll("input[type=checkbox]:checked");
      setStateValue("ticked", [...ticked].map((box) => box.value));
    }
  };
}

// A table that fits scrolls with the page, so that its heads stay at the top of the page. A wider
// one is a box of its own, whose heads and first column stay.
function watchWidth(root) {
  const box = root.querySelector(".scroll");
  const fit = () => box.classList.toggle("fits", box.firstElementChild.offsetWidth <= root.clientWidth);
  root.watch?.disconnect();
  if (!box) return;
  fit();
  root.watch = new ResizeObserver(fit);
  root.watch.observe(root);
}
