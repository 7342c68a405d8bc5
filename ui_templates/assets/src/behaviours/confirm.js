// data-confirm="question" on a form, a submit button or a link: ask before doing it.
// data-confirm-label="Delete" names the button that does it; data-confirm-danger makes it red.
import { text } from './texts.js';

const confirmed = new WeakSet();

export function start() {
  document.addEventListener('submit', onSubmit, true);
  document.addEventListener('click', onClick, true);
}

function onSubmit(event) {
  const asking = [event.submitter, event.target].find((element) => element?.dataset.confirm);
  if (asking) askFirst(event, asking, () => event.target.requestSubmit(event.submitter));
}

function onClick(event) {
  const asking = event.target.closest('[data-confirm]:not(form)');
  if (!asking || isSubmitButton(asking)) return;
  askFirst(event, asking, () => asking.click());
}

function isSubmitButton(element) {
  return element.form && element.type === 'submit';
}

function askFirst(event, asking, goOn) {
  if (confirmed.delete(asking)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(asking, () => {
    confirmed.add(asking);
    goOn();
  });
}

function ask(asking, goOn) {
  const { confirm, confirmLabel, confirmDanger } = asking.dataset;
  const dialog = document.createElement('dialog');
  dialog.className = 'dialog dialog-small';
  const question = document.createElement('p');
  question.textContent = confirm;
  const actions = document.createElement('form');
  actions.method = 'dialog';
  actions.className = 'dialog-actions';
  const cancel = button(text('cancel'), 'btn', 'no');
  const accept = button(
    confirmLabel ?? text('confirm'),
    confirmDanger === undefined ? 'btn btn-primary' : 'btn btn-danger',
    'yes',
  );
  actions.append(cancel, accept);
  dialog.append(question, actions);
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (dialog.returnValue === 'yes') goOn();
    else asking.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  accept.focus();
}

function button(label, className, value) {
  const element = document.createElement('button');
  Object.assign(element, { className, value, textContent: label });
  return element;
}
