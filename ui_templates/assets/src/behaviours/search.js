// <form data-search> around a combobox and its list: what fits is offered while one types, by htmx, and walked with the
// arrow keys. Enter opens what is marked, or the page with everything; Escape closes. Before anything is typed, the list
// holds what this person looked at last in this browser: objects and ids only, so that the server decides what is shown.
const MOST = 8;
const RECORD = /^\/o\/([a-z][a-z0-9_]*)\/([0-9a-f]{8}-[0-9a-f-]{27})$/;

export function start() {
  remember();
  document.addEventListener('htmx:configRequest', ({ target, detail }) => {
    if (target.closest?.('[data-search]') && !target.value.trim()) detail.parameters.set('recent', recent().join(','));
  });
  document.addEventListener('htmx:afterSwap', ({ target }) => {
    if (target.id === 'found') open(target.closest('[data-search]'));
  });
  document.addEventListener('focusin', ({ target }) => {
    const form = target.closest?.('[data-search]');
    for (const other of document.querySelectorAll('[data-search]')) if (other !== form) close(other);
    if (form && target.matches('[role=combobox]')) target.dispatchEvent(new Event('found:open'));
  });
  document.addEventListener('click', ({ target }) => {
    for (const form of document.querySelectorAll('[data-search]')) if (!form.contains(target)) close(form);
  });
  document.addEventListener('keydown', onKey);
}

function parts(form) {
  return { field: form.querySelector('[role=combobox]'), list: form.querySelector('[role=listbox]') };
}

function onKey(event) {
  const form = event.target.closest?.('[data-search]');
  if (!form || event.isComposing || !event.target.matches('[role=combobox]')) return;
  const { field, list } = parts(form);
  const options = [...list.querySelectorAll('a[role=option]')];
  const at = options.findIndex((option) => option.ariaSelected === 'true');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    if (list.hidden) return open(form);
    const next = at + (event.key === 'ArrowDown' ? 1 : -1);
    mark(field, options, next < -1 ? options.length - 1 : next >= options.length ? -1 : next);
  } else if (event.key === 'Enter' && !list.hidden && options[at]) {
    event.preventDefault();
    options[at].click();
  } else if (event.key === 'Escape') {
    event.preventDefault();
    if (list.hidden) field.blur();
    else close(form);
  }
}

function mark(field, options, at) {
  options.forEach((option, index) => (option.ariaSelected = String(index === at)));
  options[at]?.scrollIntoView({ block: 'nearest' });
  if (options[at]) field.setAttribute('aria-activedescendant', options[at].id);
  else field.removeAttribute('aria-activedescendant');
}

function open(form) {
  const { field, list } = parts(form);
  list.hidden = !list.children.length || document.activeElement !== field;
  field.ariaExpanded = String(!list.hidden);
  mark(field, [...list.querySelectorAll('a[role=option]')], -1);
}

function close(form) {
  const { field, list } = parts(form);
  list.hidden = true;
  field.ariaExpanded = 'false';
  mark(field, [...list.querySelectorAll('a[role=option]')], -1);
}

function key() {
  const person = document.querySelector('[data-person]')?.dataset.person;
  return person ? `dougong.recent.${person}` : null;
}

// A browser may refuse its storage: then nothing is remembered.
function recent() {
  try {
    return JSON.parse(localStorage.getItem(key())) ?? [];
  } catch {
    return [];
  }
}

function remember() {
  const found = RECORD.exec(window.location.pathname);
  if (!found || !key()) return;
  const here = `${found[1]}:${found[2]}`;
  try {
    localStorage.setItem(key(), JSON.stringify([here, ...recent().filter((each) => each !== here)].slice(0, MOST)));
  } catch {
    // Nothing is kept.
  }
}
