// An @ in a text offers people:
//
//   <div data-mentions="/where/to/ask"><textarea>…</textarea><ul class="lookup-options" role="listbox" hidden></ul></div>
//
// The server answers ?q=… with <li role="option" data-value="LOGIN">…</li>. Arrows, Enter or Tab choose; Escape closes.
const TYPED = /(?:^|[^\w.@/-])@([^\s@]{0,40})$/u;
const WAIT = 150;

let waiting;

export function start() {
  document.addEventListener('input', ({ target }) => field(target) && later(target));
  document.addEventListener('keydown', onKey, true);
  document.addEventListener('mousedown', onPress);
  document.addEventListener('focusout', ({ target }) => field(target) && close(target));
}

function field(target) {
  return target.matches?.('[data-mentions] textarea') ? target : null;
}

const list = (area) => area.closest('[data-mentions]').querySelector('[role=listbox]');
const typed = (area) => area.value.slice(0, area.selectionStart).match(TYPED)?.[1];

function later(area) {
  clearTimeout(waiting);
  if (typed(area) === undefined) return close(area);
  waiting = setTimeout(() => ask(area), WAIT);
}

async function ask(area) {
  const words = typed(area);
  if (words === undefined) return;
  const url = `${area.closest('[data-mentions]').dataset.mentions}?q=${encodeURIComponent(words)}`;
  const answer = await fetch(url, { headers: { 'HX-Request': 'true' } }).catch(() => null);
  if (!answer?.ok || typed(area) !== words) return;
  const options = list(area);
  options.innerHTML = await answer.text();
  options.hidden = !options.children.length || document.activeElement !== area;
  if (!options.hidden) mark(area, 0);
}

function close(area) {
  list(area).hidden = true;
  area.removeAttribute('aria-activedescendant');
}

function mark(area, at) {
  const options = [...list(area).children];
  options.forEach((option, index) => { option.ariaSelected = String(index === at); });
  if (options[at]) area.setAttribute('aria-activedescendant', options[at].id);
}

function onKey(event) {
  const area = field(event.target);
  if (!area || event.isComposing) return;
  const options = list(area);
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
    event.preventDefault();
    area.form.requestSubmit();
    return;
  }
  if (options.hidden) return;
  const at = [...options.children].findIndex((option) => option.ariaSelected === 'true');
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(area, (at + step + options.children.length) % options.children.length);
  else if (event.key === 'Enter' || event.key === 'Tab') choose(area, options.children[at]);
  else if (event.key === 'Escape') close(area);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function onPress(event) {
  const option = event.target.closest?.('[data-mentions] [role=option]');
  if (!option) return;
  event.preventDefault();
  choose(option.closest('[data-mentions]').querySelector('textarea'), option);
}

function choose(area, option) {
  if (!option) return;
  const end = area.selectionStart;
  area.setRangeText(`@${option.dataset.value} `, end - typed(area).length - 1, end, 'end');
  area.dispatchEvent(new Event('input', { bubbles: true }));
  close(area);
  area.focus();
}
