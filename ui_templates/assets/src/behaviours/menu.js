// <details class="menu"> works without script; with it, a click elsewhere or Escape closes it.

export function start() {
  document.addEventListener('click', (event) => closeAll(event.target.closest('details.menu')));
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const open = event.target.closest?.('details.menu[open]');
    closeAll(null);
    open?.querySelector('summary').focus();
  });
  document.addEventListener('click', onDialogButton);
}

function closeAll(kept) {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (menu !== kept) menu.open = false;
  }
}

// data-dialog="ID" opens a <dialog>, data-dialog-close closes the one around it.
function onDialogButton(event) {
  const opener = event.target.closest('[data-dialog]');
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  if (event.target.closest('[data-dialog-close]')) event.target.closest('dialog')?.close();
}
