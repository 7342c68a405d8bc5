// <form data-draft="order/ID">: what was typed outlives the end of the session. It is kept in this tab only, and no longer than
// until the next page, unless that page is the sign-in page that says so with [data-session-ended].
// Then it is put back when the same person ([data-person]) opens the form of the same record of the same object again.
// Its entries go by the fields' technical names, which no language and no new label changes; the server builds the
// form from them and leaves out what is no field of it any more.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { show } from './messages.js';
import { text } from './texts.js';

const KEY = 'dougong.draft';
const PAUSE = 300;
const OUTSIDE = ['version', 'once'];

let waiting;

export function start() {
  document.addEventListener('DOMContentLoaded', arrive);
  for (const name of ['input', 'change']) document.addEventListener(name, keepSoon);
  document.addEventListener('submit', ({ target }) => keep(target));
  document.addEventListener('htmx:beforeOnLoad', onAnswer);
}

function keepSoon({ target }) {
  const form = target.closest?.('form[data-draft]');
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => keep(form), PAUSE);
}

function keep(form) {
  if (!form.matches('form[data-draft]')) return;
  clearTimeout(waiting);
  const entries = [...new FormData(form)].filter(([name, value]) => name !== 'csrf_token' && typeof value === 'string');
  write({ about: form.dataset.draft, who: who(), entries });
}

// The session has ended while a piece of the page was asked for: htmx leads to the sign-in page, and nobody need ask
// whether to leave, because what was typed is kept.
function onAnswer({ detail }) {
  if (!detail.xhr.getResponseHeader('HX-Redirect')) return;
  const form = document.querySelector('form[data-draft].is-changed');
  if (!form) return;
  keep(form);
  form.classList.remove('is-changed');
}

function arrive() {
  const draft = read();
  if (!draft) return;
  if (document.querySelector('[data-session-ended]')) {
    write({ ...draft, hasEnded: true });
    return;
  }
  sessionStorage.removeItem(KEY);
  const form = document.querySelector('form[data-draft]');
  if (draft.hasEnded && draft.who && draft.who === who() && form?.dataset.draft === draft.about) restore(form, draft);
}

async function restore(form, { entries }) {
  const values = new FormData();
  for (const [name, value] of entries) values.append(name, value);
  values.set('do', 'refresh');
  await htmx.ajax('POST', form.getAttribute('action'), { values, target: '#form-body', select: '#form-body', swap: 'outerHTML' });
  // With the version it was typed for, what others saved meanwhile is noticed.
  for (const name of OUTSIDE) {
    const field = form.elements.namedItem(name);
    if (field && values.get(name)) field.value = values.get(name);
  }
  form.classList.add('is-changed');
  keep(form);
  show(text('restored'));
}

function who() {
  return document.querySelector('[data-person]')?.dataset.person ?? '';
}

// A browser may refuse its storage, or have no room: then there is no draft.
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function write(draft) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    // Nothing is kept.
  }
}
