// Short messages at the edge of the page: those that the page came with, and those about a failed request.
// The page has <div id="messages" class="messages" aria-live="polite">; each message is a .message in it.
import { text } from './texts.js';

const SHOWN_FOR = 6000;

export function start() {
  document.addEventListener('DOMContentLoaded', () => document.querySelectorAll('.message').forEach(leaveLater));
  document.addEventListener('htmx:afterSwap', () => document.querySelectorAll('.message').forEach(leaveLater));
  document.addEventListener('htmx:sendError', () => show(text('unreachable'), 'negative'));
  document.addEventListener('htmx:responseError', ({ detail }) => show(said(detail.xhr), 'negative'));
  document.addEventListener('click', (event) => event.target.closest('[data-message-close]')?.closest('.message').remove());
}

export function show(words, tone = 'neutral') {
  const place = document.getElementById('messages');
  if (!place) return;
  const message = document.createElement('div');
  message.className = 'message';
  message.dataset.tone = tone;
  message.textContent = words;
  place.append(message);
  leaveLater(message);
}

// What went wrong stays until it is read; the rest goes by itself.
function leaveLater(message) {
  if (message.dataset.tone === 'negative' || message.dataset.leaving || message.closest('[data-stays]')) return;
  message.dataset.leaving = 'yes';
  setTimeout(() => message.remove(), SHOWN_FOR);
}

// Our errors are problem documents (RFC 9457), whose detail is for the person.
function said(request) {
  try {
    return JSON.parse(request.responseText).detail || text('failed');
  } catch {
    return text('failed');
  }
}
