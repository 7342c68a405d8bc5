// <form data-unsaved>: leaving the page asks first while something in the form is not saved.
// The form has the class is-changed meanwhile, for a mark beside its save button.
import { text } from './texts.js';

export function start() {
  document.addEventListener('input', onChange);
  document.addEventListener('change', onChange);
  document.addEventListener('submit', ({ target }) => target.classList.remove('is-changed'));
  window.addEventListener('beforeunload', (event) => {
    if (!document.querySelector('form[data-unsaved].is-changed')) return;
    event.preventDefault();
    event.returnValue = text('leave');
  });
}

function onChange({ target }) {
  target.closest?.('form[data-unsaved]')?.classList.add('is-changed');
}
