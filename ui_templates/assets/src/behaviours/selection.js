// Choosing many rows: [data-select-all] and [data-select-row] checkboxes inside one [data-selection].
// [data-selected-bar] shows while something is chosen, [data-selected-count] says how many.
// Shift and a click chooses everything in between.

let last;

export function start() {
  document.addEventListener('click', (event) => {
    if (event.target.matches?.('[data-select-row]')) onRow(event);
  });
  document.addEventListener('change', ({ target }) => {
    const area = target.closest?.('[data-selection]');
    if (!area) return;
    if (target.matches('[data-select-all]')) boxes(area).forEach((box) => (box.checked = target.checked));
    if (target.matches('[data-select-all], [data-select-row]')) tell(area);
  });
  document.addEventListener('htmx:afterSwap', () => document.querySelectorAll('[data-selection]').forEach(tell));
}

function boxes(area) {
  return [...area.querySelectorAll('[data-select-row]')];
}

function onRow({ target, shiftKey }) {
  const area = target.closest('[data-selection]');
  const all = area ? boxes(area) : [];
  const [from, to] = [all.indexOf(last), all.indexOf(target)].sort((one, other) => one - other);
  if (shiftKey && from >= 0) all.slice(from, to + 1).forEach((box) => (box.checked = target.checked));
  last = target;
}

function tell(area) {
  const all = boxes(area);
  const chosen = all.filter((box) => box.checked);
  all.forEach((box) => box.closest('tr')?.classList.toggle('is-selected', box.checked));
  area.querySelectorAll('[data-selected-count]').forEach((place) => (place.textContent = chosen.length));
  area.querySelectorAll('[data-selected-bar]').forEach((bar) => (bar.hidden = !chosen.length));
  const everything = area.querySelector('[data-select-all]');
  if (!everything) return;
  everything.checked = chosen.length > 0 && chosen.length === all.length;
  everything.indeterminate = chosen.length > 0 && chosen.length < all.length;
}
