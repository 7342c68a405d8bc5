// What every page loads. Pages work without it; it makes them quicker to use.
import Alpine from '@alpinejs/csp';
import htmx from 'htmx.org/dist/htmx.esm.js';
import '@tabler/core/js/src/bootstrap/alert';
import '@tabler/core/js/src/bootstrap/collapse';
import '@tabler/core/js/src/bootstrap/dropdown';
import '@tabler/core/js/src/bootstrap/modal';
import '@tabler/core/js/src/bootstrap/tab';
import './tabler.scss';
import './core.css';
import * as bell from './behaviours/bell.js';
import * as cells from './behaviours/cells.js';
import * as confirm from './behaviours/confirm.js';
import * as draft from './behaviours/draft.js';
import * as keyboard from './behaviours/keyboard.js';
import * as lines from './behaviours/lines.js';
import * as loading from './behaviours/loading.js';
import * as lookup from './behaviours/lookup.js';
import * as mentions from './behaviours/mentions.js';
import * as menu from './behaviours/menu.js';
import * as messages from './behaviours/messages.js';
import * as move from './behaviours/move.js';
import * as rows from './behaviours/rows.js';
import * as search from './behaviours/search.js';
import * as selection from './behaviours/selection.js';
import * as side from './behaviours/side.js';
import * as theme from './behaviours/theme.js';
import * as unsaved from './behaviours/unsaved.js';
import * as upload from './behaviours/upload.js';
import * as quickAdd from './behaviours/quick-add.js';

Object.assign(htmx.config, {
  // Nothing written in an attribute may become code; the page's policy is `script-src 'self'` as well.
  allowEval: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  // Business data does not belong in the browser's local storage.
  historyCacheSize: 0,
});

// A form that changes something carries our token; so does every request of htmx.
document.addEventListener('htmx:configRequest', ({ detail }) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) detail.headers['X-CSRF-Token'] = token;
});

// Values that were refused come back as the form with its errors (422), so they are shown, not dropped.
document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  const isHtml = detail.xhr.getResponseHeader('Content-Type')?.startsWith('text/html');
  if (detail.xhr.status === 422 && isHtml) Object.assign(detail, { shouldSwap: true, isError: false });
});

// A lookup hears a key before the line that it stands in: Enter chooses first.
for (const behaviour of [
  bell, cells, confirm, draft, keyboard, loading, lookup, lines, mentions, menu, messages, move, quickAdd, rows, search, selection,
  side, theme, unsaved, upload,
]) {
  behaviour.start();
}

Alpine.start();
document.documentElement.classList.add('has-script');
