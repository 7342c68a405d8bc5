// <form data-look> with buttons named `theme` (light, dark, system) and `density` (comfortable, compact). The server keeps
// the choice with the person and repeats it in a cookie, so that it writes <html data-bs-theme="dark"> itself and no page
// flashes. With script the page changes at once and is not loaded again.
import { show } from './messages.js';
import { text } from './texts.js';

export function start() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    const choice = event.submitter;
    if (!form.matches('[data-look]') || !choice) return;
    event.preventDefault();
    wear(choice.name, choice.value);
    for (const each of form.querySelectorAll(`[name="${choice.name}"]`)) each.ariaPressed = String(each === choice);
    keep(form, choice);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell);
}

function wear(name, value) {
  const page = document.documentElement;
  const attribute = name === 'theme' ? 'bsTheme' : 'density';
  if (value === 'system' || value === 'comfortable') delete page.dataset[attribute];
  else page.dataset[attribute] = value;
  tell();
}

async function keep(form, choice) {
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form, choice), redirect: 'manual' });
    if (answer.type !== 'opaqueredirect' && !answer.ok) throw new Error(answer.statusText);
  } catch {
    show(text('unreachable'), 'negative');
  }
}

function tell() {
  document.dispatchEvent(new CustomEvent('theme:changed'));
}
