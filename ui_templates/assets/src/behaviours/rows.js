// <tr data-href="URL"> opens on a click anywhere; its title is a link too, for those without script.

export function start() {
  document.addEventListener('click', onClick);
  document.addEventListener('auxclick', onClick);
}

function onClick(event) {
  const row = event.target.closest('tr[data-href]');
  if (!row || event.button > 1 || event.defaultPrevented) return;
  if (event.target.closest('a, button, input, select, textarea, label, summary') || hasSelection()) return;
  if (event.button === 1 || event.ctrlKey || event.metaKey) window.open(row.dataset.href, '_blank', 'noopener');
  else window.location.assign(row.dataset.href);
}

function hasSelection() {
  return Boolean(String(window.getSelection()));
}
