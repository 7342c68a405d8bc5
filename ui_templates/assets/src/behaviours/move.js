// Moving records where they are shown: [data-card="/o/OBJECT/ID"] with data-version, dragged onto [data-drop="VALUE"]
// (with data-hour, in a week), all within [data-moves="move"] or [data-moves="when"] within [data-view="NAME"].
// What a board's column allows stands in its data-allows. A form [data-move-form] does the same without a pointer, and
// Alt with an arrow moves an entry of a calendar. A refused card goes back, and a message says why.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { show } from './messages.js';
import { text } from './texts.js';

const FAR = 5;
const EDGE = 48;
let held = null;

export function start() {
  document.addEventListener('pointerdown', onDown);
  document.addEventListener('pointermove', onMove);
  document.addEventListener('pointerup', onUp);
  document.addEventListener('pointercancel', () => letGo());
  document.addEventListener('keydown', onKey);
  document.addEventListener('click', onClick, true);
  document.addEventListener('submit', onSubmit);
  document.addEventListener('click', onDay);
  document.addEventListener('dragstart', (event) => event.target.closest?.('[data-card]') && event.preventDefault());
}

// ---- by pointer: a mouse or a pen; a finger scrolls, and has the menu ---------------------------------------------

function onDown(event) {
  const card = event.target.closest?.('[data-card]');
  if (!card || event.button !== 0 || event.pointerType === 'touch' || event.target.closest('details, button')) return;
  held = { card, x: event.clientX, y: event.clientY, id: event.pointerId, ghost: null, over: null };
}

function onMove(event) {
  if (!held || event.pointerId !== held.id) return;
  if (!held.ghost) {
    if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < FAR) return;
    lift();
  }
  held.ghost.style.transform = `translate(${event.clientX - held.x}px, ${event.clientY - held.y}px)`;
  held.card.closest('[data-moves]')?.scrollBy(nearEdge(event), 0);
  const below = document.elementFromPoint(event.clientX, event.clientY)?.closest('[data-drop]');
  over(below && below !== held.card.closest('[data-drop]') && allows(below) ? below : null);
  event.preventDefault();
}

function lift() {
  const box = held.card.getBoundingClientRect();
  held.ghost = held.card.cloneNode(true);
  held.ghost.classList.add('is-ghost');
  Object.assign(held.ghost.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px` });
  document.body.append(held.ghost);
  held.card.classList.add('is-held');
  document.documentElement.classList.add('is-moving');
  for (const place of places(held.card)) place.classList.toggle('is-open', allows(place));
}

function nearEdge({ clientX }) {
  const box = held.card.closest('[data-moves]')?.getBoundingClientRect();
  if (!box) return 0;
  if (clientX > box.right - EDGE) return 12;
  return clientX < box.left + EDGE ? -12 : 0;
}

function places(card) {
  return card.closest('[data-moves]')?.querySelectorAll('[data-drop]') ?? [];
}

function allows(place) {
  const from = held.card.closest('[data-drop]');
  if (place === from) return false;
  return from?.dataset.allows === undefined || from.dataset.allows.split(' ').includes(place.dataset.drop);
}

function over(place) {
  if (held.over === place) return;
  held.over?.classList.remove('is-over');
  place?.classList.add('is-over');
  held.over = place;
}

function onUp(event) {
  if (!held || event.pointerId !== held.id) return;
  const { card, ghost, over: place } = held;
  letGo();
  if (!ghost) return;
  // The click that ends a drag must not open the card.
  const swallow = (click) => {
    click.preventDefault();
    click.stopPropagation();
  };
  window.addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 0);
  if (place) moveTo(card, place);
}

function letGo() {
  if (!held) return;
  held.ghost?.remove();
  held.card.classList.remove('is-held');
  document.documentElement.classList.remove('is-moving');
  for (const place of document.querySelectorAll('.is-open, .is-over')) place.classList.remove('is-open', 'is-over');
  held = null;
}

// ---- by keyboard and by menu --------------------------------------------------------------------------------------

const DAYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function onKey(event) {
  if (event.key === 'Escape') letGo();
  const card = event.target.closest?.('[data-moves="when"] [data-card]');
  if (!card || !event.altKey || !(event.key in DAYS)) return;
  event.preventDefault();
  const drops = [...places(card)];
  const from = card.closest('[data-drop]');
  const day = new Date(`${from.dataset.drop}T12:00Z`);
  day.setUTCDate(day.getUTCDate() + DAYS[event.key]);
  const to = drops.find((each) => each.dataset.drop === day.toISOString().slice(0, 10) && each.dataset.hour === from.dataset.hour);
  if (to) moveTo(card, to);
}

function onSubmit(event) {
  const form = event.target.closest?.('[data-move-form]');
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  const card = form.closest('[data-card]');
  form.closest('details').open = false;
  const to = event.submitter.value;
  const place = [...places(card)].find((each) => each.dataset.drop === to);
  if (place) moveTo(card, place);
  else send(card, { to }, () => {});
}

// ---- what is sent -------------------------------------------------------------------------------------------------

function moveTo(card, place) {
  const before = { parent: card.parentNode, next: card.nextSibling };
  const back = () => before.parent.insertBefore(card, before.next);
  if (place.matches('ol')) place.prepend(card);
  else place.append(card);
  const way = place.closest('[data-moves]').dataset.moves;
  const fields = way === 'move' ? { to: place.dataset.drop } : { day: place.dataset.drop, hour: place.dataset.hour ?? '' };
  send(card, fields, back, way);
}

async function send(card, fields, back, way = 'move') {
  card.classList.add('is-busy');
  const view = card.closest('[data-view]')?.dataset.view ?? '';
  const next = window.location.pathname + window.location.search;
  const body = new URLSearchParams({ view, version: card.dataset.version, next, ...fields });
  try {
    const answer = await fetch(`${card.dataset.card}/${way}`, { method: 'POST', body, headers: headers() });
    const said = await answer.json();
    if (said.done) await refresh('#records', window.location.href);
    else if (said.ask) await ask(said.ask, back);
    else refuse(back, said.refused ?? said.detail ?? text('failed'));
  } catch {
    refuse(back, text('unreachable'));
  } finally {
    card.classList.remove('is-busy');
  }
}

function refuse(back, words) {
  back();
  show(words, 'negative');
}

function headers() {
  return { Accept: 'application/json', 'X-CSRF-Token': document.querySelector('meta[name="csrf-token"]').content };
}

// What a transition asks for stands on a page of its own; its form is shown in a dialog.
async function ask(href, back) {
  const page = parse(await (await fetch(href)).text());
  const dialog = document.createElement('dialog');
  dialog.className = 'dialog';
  let isDone = false;
  fill(dialog, page);
  dialog.addEventListener('click', (event) => {
    if (!event.target.closest('.form-actions a')) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.target;
    const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    if (answer.ok) {
      isDone = true;
      dialog.close();
      await refresh('#records', window.location.href);
    } else fill(dialog, parse(await answer.text()));
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (!isDone) back();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function fill(dialog, page) {
  const content = page.querySelector('#content');
  const parts = [...content.querySelectorAll('.page-head, .notice, form')];
  dialog.replaceChildren(...parts.map((part) => document.adoptNode(part)));
  dialog.querySelector('form')?.classList.remove('surface');
  htmx.process(dialog);
  dialog.querySelector('input:not([type="hidden"]), select, textarea')?.focus();
}

function parse(html) {
  return new DOMParser().parseFromString(html, 'text/html');
}

// ---- the same page anew -------------------------------------------------------------------------------------------

export async function refresh(selector, href) {
  const page = parse(await (await fetch(href)).text());
  const [now, fresh] = [document.querySelector(selector), page.querySelector(selector)];
  if (!now || !fresh) return;
  const kept = now.querySelector('.board')?.scrollLeft ?? 0;
  now.replaceWith(document.adoptNode(fresh));
  const board = fresh.querySelector('.board');
  if (board) board.scrollLeft = kept;
  htmx.process(fresh);
  document.dispatchEvent(new Event('records:refreshed'));
}

// <a data-swap="#records">: the link changes only this part of the page.
async function onClick(event) {
  const link = event.target.closest?.('a[data-swap]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const focused = link.id ? `#${CSS.escape(link.id)}` : `[aria-label="${CSS.escape(link.getAttribute('aria-label') ?? '')}"]`;
  try {
    await refresh(link.dataset.swap, link.href);
    window.history.replaceState(window.history.state, '', link.href);
    document.querySelector(`${link.dataset.swap} ${focused}`)?.focus();
  } catch {
    window.location.assign(link.href);
  }
}

// A click on the free part of a day is a new record there.
function onDay(event) {
  const day = event.target.closest?.('[data-new]');
  if (!day || event.defaultPrevented || event.target.closest('a, button, summary, input')) return;
  window.location.assign(day.dataset.new);
}
