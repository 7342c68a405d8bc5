// data-shortcut="KEY" on any element (several with spaces between): a field gets the focus, anything else is clicked.
// KEY is one character ("/", "n", "?") or "mod+s" and its like, where mod is Ctrl or Command.
// j and k walk through the rows of a [data-rows] table, Enter opens one.

export function start() {
  document.addEventListener('keydown', onKey);
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
  const withModifier = event.ctrlKey || event.metaKey;
  if (event.altKey || (!withModifier && isTyping(event.target))) return;
  const key = (withModifier ? 'mod+' : '') + event.key.toLowerCase();
  const target = document.querySelector(`[data-shortcut~="${CSS.escape(key)}"]`);
  if (target) {
    event.preventDefault();
    activate(target);
  } else if (key === 'j' || key === 'k') {
    walk(key === 'j' ? 1 : -1);
  } else if (key === 'enter' && event.target.matches?.('[data-rows] tr[data-href]')) {
    event.target.click();
  }
}

function isTyping(element) {
  return element.closest?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]');
}

function activate(element) {
  if (element instanceof HTMLDialogElement) return element.showModal();
  if (!element.matches('input, textarea, select')) return element.click();
  element.focus();
  element.select?.();
}

function walk(step) {
  const rows = [...document.querySelectorAll('[data-rows] tr[data-href]')];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement?.closest('tr'));
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  next.tabIndex = -1;
  next.focus();
}
