// A link with data-quick-add opens the form of a new record in a dialog, instead of leaving the page:
//
//   <a href="/o/contact/new?customer=ID&next=/o/customer/ID" data-quick-add>New</a>
//
// The server answers with the form alone; what it refuses comes back as the form with its errors, and once the record
// is made the page is loaded again. Without script the link leads to the normal form, which comes back here.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { show } from './messages.js';
import { text } from './texts.js';

const HEADERS = { 'HX-Request': 'true', 'X-Quick-Add': 'true' };

export function start() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-quick-add]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target.closest?.('.quick-add form[data-quick-add-form]');
    if (!form) return;
    event.preventDefault();
    save(form, event.submitter);
  });
}

async function open(link) {
  const answer = await fetch(link.href, { headers: HEADERS }).catch(() => null);
  if (!answer?.ok || answer.redirected) return window.location.assign(link.href);
  const dialog = document.createElement('dialog');
  dialog.className = 'dialog quick-add';
  dialog.setAttribute('aria-labelledby', 'quick-add-head');
  dialog.addEventListener('close', () => { dialog.remove(); link.focus(); });
  document.body.append(dialog);
  fill(dialog, await answer.text());
  dialog.showModal();
  dialog.querySelector('[autofocus], input:not([type=hidden]), textarea, select')?.focus();
}

function fill(dialog, html) {
  dialog.innerHTML = html;
  htmx.process(dialog);
}

async function save(form, submitter) {
  const dialog = form.closest('dialog');
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const body = new URLSearchParams(new FormData(form, submitter));
  submitter?.setAttribute('disabled', '');
  const answer = await fetch(form.action, { method: 'POST', body, headers: { ...HEADERS, 'X-CSRF-Token': token } }).catch(() => null);
  submitter?.removeAttribute('disabled');
  if (!answer) return show(text('unreachable'), 'negative');
  const next = answer.headers.get('X-Go-To');
  if (next) {
    // The same address with another fragment would not be loaded again.
    if (new URL(next, window.location.href).pathname === window.location.pathname) window.location.reload();
    else window.location.assign(next);
  } else if (answer.headers.get('Content-Type')?.startsWith('text/html')) {
    fill(dialog, await answer.text());
    dialog.querySelector('[aria-invalid=true]')?.focus();
  } else {
    const problem = await answer.json().catch(() => ({}));
    show(problem.detail || text('failed'), 'negative');
  }
}
