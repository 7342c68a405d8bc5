// The lines of a record, edited with their parent:
//
//   <div data-lines>
//     <table><tbody data-lines-rows> <tr data-line>…<button type="button" data-line-remove> …
//     <template> <tr data-line> fields named like lines-__index__-product … </template>
//     <button type="button" data-line-add>
//
// A line that is taken out is simply not sent; the order on the page is the order of the lines.
// Alt and an arrow moves a line; a 'lines:changed' event tells those who compute totals.
import htmx from 'htmx.org/dist/htmx.esm.js';

export function start() {
  document.addEventListener('click', onClick);
  document.addEventListener('keydown', onKey);
}

function onClick(event) {
  const add = event.target.closest('[data-line-add]');
  if (add) addLine(add.closest('[data-lines]'));
  const remove = event.target.closest('[data-line-remove]');
  if (remove) removeLine(remove.closest('[data-line]'));
}

function onKey(event) {
  const line = event.target.closest?.('[data-line]');
  if (!line || event.defaultPrevented) return;
  if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    event.preventDefault();
    moveLine(line, event.key === 'ArrowUp' ? -1 : 1, event.target);
  } else if (event.key === 'Enter' && event.target.matches('input') && !event.isComposing) {
    // Enter means "next line" here, never "send the whole form".
    event.preventDefault();
    if (line.nextElementSibling) firstField(line.nextElementSibling)?.focus();
    else addLine(line.closest('[data-lines]'));
  }
}

function addLine(lines) {
  const template = lines.querySelector('template');
  const rows = lines.querySelector('[data-lines-rows]');
  const next = Number(lines.dataset.nextIndex ?? rows.children.length);
  lines.dataset.nextIndex = next + 1;
  const holder = document.createElement('template');
  holder.innerHTML = template.innerHTML.replaceAll('__index__', next);
  const line = holder.content.querySelector('[data-line]');
  rows.append(line);
  htmx.process(line);
  firstField(line)?.focus();
  tell(lines);
}

function removeLine(line) {
  const lines = line.closest('[data-lines]');
  const neighbour = line.nextElementSibling ?? line.previousElementSibling;
  line.remove();
  (neighbour ? firstField(neighbour) : lines.querySelector('[data-line-add]'))?.focus();
  tell(lines);
}

function moveLine(line, step, focused) {
  const other = step < 0 ? line.previousElementSibling : line.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(line);
  else other.after(line);
  focused.focus();
  tell(line.closest('[data-lines]'));
}

function firstField(line) {
  return line.querySelector('input:not([type=hidden]):not([readonly]), select, textarea');
}

function tell(lines) {
  lines.querySelector('[data-lines-empty]')?.toggleAttribute('hidden', Boolean(lines.querySelector('[data-line]')));
  lines.dispatchEvent(new CustomEvent('lines:changed', { bubbles: true }));
  lines.dispatchEvent(new Event('change', { bubbles: true }));
}
