// Values of a list that are changed where they stand: <table data-cells="/o/OBJECT/">, rows with data-id, cells with
// data-cell="FIELD". A double click or F2 (on a focused row: its first such cell) opens one, Enter saves, Tab saves and
// goes to the next, Escape leaves. What is refused stays in the cell with its error.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { show } from './messages.js';
import { refresh } from './move.js';
import { text } from './texts.js';

let open = null;

export function start() {
  document.addEventListener('dblclick', (event) => {
    const cell = event.target.closest?.('[data-cells] td[data-cell]');
    if (!cell || event.target.closest('[data-cell-form]')) return;
    event.preventDefault();
    edit(cell);
  });
  document.addEventListener('click', holdBack, true);
  document.addEventListener('keydown', onKey, true);
  document.addEventListener('submit', onSubmit);
  document.addEventListener('focusout', onLeave);
  document.addEventListener('records:refreshed', () => (open = null));
}

// The first click of a double click must not open the record: a click on a cell that can be changed waits a moment.
let waiting = null;

function holdBack(event) {
  const cell = event.target.closest?.('[data-cells] td[data-cell]');
  if (!cell || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.isTrusted === false) return;
  if (cell.classList.contains('is-editing') || event.target.closest('input, select, textarea, button, label')) return;
  const target = event.target;
  event.preventDefault();
  event.stopPropagation();
  clearTimeout(waiting);
  if (event.detail > 1) return;
  waiting = setTimeout(() => target.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true })), 260);
}

function onKey(event) {
  if (open && open.cell.contains(event.target)) {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      leave();
    } else if (event.key === 'Tab') {
      const to = next(open.cell, event.shiftKey ? -1 : 1);
      event.preventDefault();
      save(to);
    } else if (event.key === 'Enter' && !event.target.matches('textarea, [aria-expanded="true"]')) {
      event.preventDefault();
      event.stopPropagation();
      save(null);
    }
    return;
  }
  const row = event.target.closest?.('[data-cells] tr[data-id]');
  if (row && (event.key === 'F2' || (event.key === 'Enter' && event.altKey))) {
    event.preventDefault();
    const cell = event.target.closest('td[data-cell]') ?? row.querySelector('td[data-cell]');
    if (cell) edit(cell);
  }
}

function next(cell, way) {
  const cells = [...cell.closest('[data-cells]').querySelectorAll('td[data-cell]')];
  const found = cells[cells.indexOf(cell) + way];
  return found && { id: found.closest('tr').dataset.id, field: found.dataset.cell };
}

async function edit(cell) {
  clearTimeout(waiting);
  if (open) leave();
  const row = cell.closest('tr');
  const href = `${cell.closest('[data-cells]').dataset.cells}${row.dataset.id}/cell/${cell.dataset.cell}`;
  try {
    const answer = await fetch(href);
    if (!answer.ok) return refused(answer);
    open = { cell, before: cell.innerHTML };
    fill(await answer.text());
  } catch {
    show(text('unreachable'), 'negative');
  }
}

function fill(html) {
  const { cell } = open;
  const page = new DOMParser().parseFromString(html, 'text/html');
  cell.classList.add('is-editing');
  cell.replaceChildren(...[...page.body.childNodes].map((node) => document.adoptNode(node)));
  htmx.process(cell);
  const input = cell.querySelector('input:not([type="hidden"]), select, textarea');
  input?.focus();
  input?.select?.();
}

async function refused(answer) {
  let said = text('failed');
  try {
    const body = await answer.json();
    said = body.refused ?? body.detail ?? said;
  } catch {
    // A page, and no word for us.
  }
  show(said, 'negative');
}

function leave() {
  if (!open) return;
  const { cell, before } = open;
  open = null;
  cell.classList.remove('is-editing');
  cell.innerHTML = before;
  cell.closest('tr')?.focus?.();
}

function onSubmit(event) {
  if (!event.target.matches?.('[data-cell-form]')) return;
  event.preventDefault();
  save(null);
}

// Whoever goes elsewhere with the pointer means to save.
function onLeave(event) {
  if (!open || !open.cell.contains(event.target)) return;
  setTimeout(() => open && !open.isSaving && !open.cell.contains(document.activeElement) && save(null), 150);
}

async function save(to) {
  const now = open;
  if (!now || now.isSaving) return;
  now.isSaving = true;
  const form = now.cell.querySelector('[data-cell-form]');
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    if (answer.status === 422) {
      now.isSaving = false;
      return fill(await answer.text());
    }
    if (!answer.ok) {
      await refused(answer);
      return leave();
    }
    open = null;
    const id = now.cell.closest('tr').dataset.id;
    await refresh('#records', window.location.href);
    const wanted = to ?? { id, field: null };
    const row = document.querySelector(`[data-cells] tr[data-id="${CSS.escape(wanted.id)}"]`);
    const cell = to && row?.querySelector(`td[data-cell="${CSS.escape(to.field)}"]`);
    if (cell) await edit(cell);
    else row?.focus();
  } catch {
    now.isSaving = false;
    show(text('unreachable'), 'negative');
  }
}
